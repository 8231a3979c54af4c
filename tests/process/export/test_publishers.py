"""Publishing from several processes: each gets a number of its own, and one that is killed leaves no version."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pillion.export.version import Version
from pillion.scoring import ModelRepository
from tools.checkout import ROOT

pytestmark = pytest.mark.process
PUBLISHED = ROOT / "pmml-models" / "titles30" / "1"
_PROGRAM = """
import sys
from pathlib import Path
from tests.process.export.test_publishers import titles
print("ready", flush=True)
sys.stdin.readline()
version = titles()
print(*(version.write_next(Path(sys.argv[1]), "titles").name for _ in range(6)))
"""
_KILLED = """
import sys
from pathlib import Path
from pillion.export import version as versions
from tests.process.export.test_publishers import titles

def stuck(path, content):
    path.write_bytes(content[: len(content) // 2])
    if path.name == "manifest.json":
        print("stuck", flush=True)
        sys.stdin.readline()

versions._write_through = stuck
titles().write_next(Path(sys.argv[1]), "titles")
"""


def titles() -> Version:
    """A version that was published before."""
    manifest = json.loads((PUBLISHED / "manifest.json").read_bytes())
    files = {name: (PUBLISHED / name).read_bytes() for name in manifest["files"]}
    del manifest["model"], manifest["version"]
    return Version("titles", manifest, files, (), manifest["engine"])


def _start(program: str, repository: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, str(repository)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def test_publishers_at_once_get_numbers_of_their_own(tmp_path: Path) -> None:
    publishers = [_start(_PROGRAM, tmp_path) for _ in range(3)]
    for each in publishers:
        assert each.stdout.readline() == "ready\n"
    for each in publishers:
        each.stdin.write("\n")
        each.stdin.flush()
    numbers = [int(number) for each in publishers for number in each.communicate(timeout=120)[0].split()]

    assert sorted(numbers) == list(range(1, 19))
    assert ModelRepository(tmp_path).versions("titles") == list(range(1, 19))
    assert [path.name for path in (tmp_path / "titles").iterdir() if path.name.startswith(".")] == []
    ModelRepository(tmp_path).read("titles", 18)


def test_a_publisher_that_is_killed_leaves_no_version(tmp_path: Path) -> None:
    publisher = _start(_KILLED, tmp_path)
    assert publisher.stdout.readline() == "stuck\n"
    publisher.send_signal(signal.SIGKILL)
    publisher.communicate(timeout=60)

    assert ModelRepository(tmp_path).versions("titles") == []
    assert ModelRepository(tmp_path).models() == []
    assert titles().write_next(tmp_path, "titles").name == "1"
    ModelRepository(tmp_path).read("titles", 1)


def test_a_version_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    folder = titles().write_next(tmp_path, "titles")
    before = (folder / "manifest.json").read_bytes()

    assert not titles().write(folder, "titles", 1)
    assert (folder / "manifest.json").read_bytes() == before
