"""A repository whose storage fails: a folder that cannot be read harms no other, and nothing that serves goes."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.models import write_ranker
from tools.checkout import JAR

pytestmark = pytest.mark.process

NOBODY = 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that any user can reach, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="pillion-"))
    path.chmod(0o755)
    yield path
    for child in path.rglob("*"):
        if child.is_dir():
            child.chmod(0o755)
    shutil.rmtree(path)


def start(folder: Path) -> subprocess.Popen[str]:
    """Starts the sidecar as a user whom a folder's mode keeps out, which it does not root."""
    jar = shutil.copy(JAR, folder / "sidecar.jar")
    command = ["java", "-jar", jar, "--models", str(folder / "models"), "--poll", "50", "--exit-with-stdin"]
    user: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    with (folder / "log").open("w") as log:
        return subprocess.Popen(
            [*command, "--http", "127.0.0.1:0"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            **user,
        )


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_folders_that_cannot_be_read_harm_no_version(folder: Path) -> None:
    models = folder / "models"
    write_ranker(models, 1)
    (models / "lost+found").mkdir(mode=0)
    process = start(folder)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        assert address.startswith("http://"), (folder / "log").read_text()

        def versions() -> list[str]:
            found: list[str] = requests.get(f"{address}/v2/models/ranker", timeout=60).json()["versions"]
            return found

        def unreadable() -> float:
            lines = requests.get(f"{address}/metrics", timeout=60).text.splitlines()
            return next(float(line.split()[-1]) for line in lines if 'problems{kind="unreadable"}' in line)

        assert requests.get(f"{address}/v2/health/ready", timeout=60).status_code == 200
        assert unreadable() == 1
        write_ranker(models, 2)
        until(lambda: versions() == ["1", "2"])
        for closed in (models / "ranker", models / "ranker" / "2", models):
            mode = closed.stat().st_mode
            closed.chmod(0o444)
            until(lambda: unreadable() > 1)
            assert versions() == ["1", "2"]
            assert requests.get(f"{address}/v2/health/ready", timeout=60).status_code == 200
            closed.chmod(mode)
            until(lambda: unreadable() == 1)
        assert versions() == ["1", "2"]
        shutil.rmtree(models / "ranker" / "2")
        until(lambda: versions() == ["1"])
    finally:
        process.communicate()
    log = (folder / "log").read_text()
    assert "\tat " not in log
    assert log.count("lost+found: the folder cannot be read (access denied)") == 1
