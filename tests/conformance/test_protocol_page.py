"""The examples of docs/protocol.md, run as they stand."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conformance.sidecar import Addresses
from tests.support.models import ranker_score

pytestmark = pytest.mark.process

FIRST = ranker_score(1.5, 0.25, "tv", 20, intercept=-2.0)
SECOND = ranker_score(None, 0.75, "mobile", 20, intercept=-2.0)


@pytest.fixture
def run(root: Path, sidecar: Addresses, tmp_path: Path) -> Callable[..., str]:
    page = (root / "docs/protocol.md").read_text()
    environment = {
        **os.environ,
        "SIDECAR_HTTP": sidecar.http,
        "SIDECAR_GRPC": sidecar.grpc,
        "SIDECAR_UDS": sidecar.uds,
        "GOFLAGS": "-mod=mod",
        "GO111MODULE": "off",
    }

    def run_one(language: str, file: str, *command: str) -> str:
        if shutil.which(command[0]) is None:
            pytest.skip(f"{command[0]} is not installed here, so the example in {language} was not run")
        (example,) = re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
        (tmp_path / file).write_text(example)
        done = subprocess.run(
            [*command, file], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=280
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run_one


def test_curl(run: Callable[..., str]) -> None:
    answer = json.loads(run("bash", "ask.sh", "bash"))

    assert answer["outputs"][0]["data"] == pytest.approx([FIRST, SECOND], rel=1e-15)


def test_python(run: Callable[..., str]) -> None:
    assert json.loads(run("python", "ask.py", sys.executable)) == pytest.approx([FIRST, SECOND], rel=1e-15)


def test_go(run: Callable[..., str]) -> None:
    status, items, scores = re.fullmatch(r"(\d+) +\[(.*?)] \[(.*?)]\n", run("go", "ask.go", "go", "run")).groups()

    expected = [ranker_score(1.5, score, "tv", 20, intercept=-2.0) for score in (0.75, 0.5)]
    assert (status, items) == ("200", "4 23")
    assert [float(score) for score in scores.split()] == pytest.approx(expected, rel=1e-15)


def test_java(run: Callable[..., str]) -> None:
    status, _, body = run("java", "Ask.java", "java").partition(" ")

    answer = json.loads(body)
    assert (status, answer["id"]) == ("200", "r-1")
    assert answer["outputs"][-1]["data"] == pytest.approx([FIRST], rel=1e-15)
