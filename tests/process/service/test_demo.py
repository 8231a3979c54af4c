"""`pillion demo --fast` and `pillion up`: they tell the truth by their exit code, and leave nothing behind."""

import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.support.marked import await_nothing, marked

pytestmark = pytest.mark.process
MAIN = "from pillion.cli import main; main()"


def start(root: Path, mark: str, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PILLION_TEST_MARK": mark}
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, *arguments],
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def test_the_fast_demo_is_all_true_and_leaves_nothing(root: Path, jar: Path) -> None:
    mark = uuid.uuid4().hex
    process = start(root, mark, "demo", "--fast")
    shown, _ = process.communicate(timeout=280)

    assert process.returncode == 0, shown
    assert "All of it was true" in shown
    assert await_nothing(mark) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_demo_that_is_stopped_in_the_middle_leaves_nothing(root: Path, jar: Path, number: Any) -> None:
    mark = uuid.uuid4().hex
    process = start(root, mark, "demo", "--fast")
    for line in process.stdout:
        if "the shim is ready" in line:
            break
    assert len(marked(mark)) > 2
    process.send_signal(number)
    process.communicate(timeout=60)

    assert process.returncode != 0
    assert await_nothing(mark) == []


def test_up_says_where_everything_listens_and_ends_cleanly(root: Path, jar: Path) -> None:
    mark = uuid.uuid4().hex
    process = start(root, mark, "up", "--port", "0", "--models", "pmml-models")
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("LISTENING shim "):
            break
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)

    assert process.returncode == 0, "".join(lines)
    assert {line.split()[1] for line in lines if line.startswith("LISTENING")} >= {
        "shim",
        "sidecar-http",
    }
    assert await_nothing(mark) == []
