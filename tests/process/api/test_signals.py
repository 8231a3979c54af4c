"""A Python with the engine's JVM in it gets signals as one without, in a notebook's kernel and in a script."""

import signal
import subprocess
import sys

import pytest

from tools.checkout import JAR

pytestmark = pytest.mark.process
_PROGRAM = """
import sys, time
if sys.argv[1] == "notebook":
    sys.ps1 = "In : "  # by which JPype knows a shell
from pathlib import Path
from pillion.scoring.jvm import start_jvm
start_jvm(Path(sys.argv[2]))
try:
    print("started", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    print("interrupted")
    sys.exit(7)
finally:
    print("cleaned up")
"""


@pytest.mark.parametrize("where", ["notebook", "script"])
@pytest.mark.parametrize(
    ("sent", "returned", "printed"),
    [(signal.SIGINT, 7, "interrupted\ncleaned up\n"), (signal.SIGTERM, -signal.SIGTERM, "")],
)
def test_signals_stay_pythons(where: str, sent: signal.Signals, returned: int, printed: str) -> None:
    command = [sys.executable, "-c", _PROGRAM, where, str(JAR)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        process.send_signal(sent)
        out, _ = process.communicate(timeout=60)

    assert (process.returncode, out) == (returned, printed)
