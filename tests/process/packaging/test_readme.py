"""The README's code, run as it stands."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from pillion.config import SidecarSettings
from pillion.scoring.sidecar_process import SidecarProcess
from tools.go_module import pack

pytestmark = pytest.mark.process


def snippet(root: Path, language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", (root / "README.md").read_text(), re.DOTALL)
    assert found, f"the README has no {language} code"
    return found[1]


def run(command: Sequence[str | Path], root: Path) -> str:
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_python_code_scores(root: Path, jar: Path) -> None:
    shown = run([sys.executable, "-c", snippet(root, "python")], root)

    assert shown.count("probability(") == 30


def test_the_go_code_ranks_in_a_project_that_takes_the_module_from_its_zip(
    go: str, root: Path, jar: Path, tmp_path: Path
) -> None:
    pack(tmp_path / "proxy", "v0.1.0")
    project, socket = tmp_path / "project", tmp_path / "s" / "sidecar.sock"
    for folder in (project, socket.parent):
        folder.mkdir(mode=0o700)
    (project / "main.go").write_text(snippet(root, "go"))
    usual = subprocess.run([go, "env", "GOPROXY"], capture_output=True, text=True, check=True).stdout.strip()
    environment = {
        **os.environ,
        "GOPROXY": f"file://{tmp_path}/proxy,{usual}",
        "GONOSUMDB": "pillion.example",
        "GOFLAGS": "-mod=mod -modcacherw",
    }
    for command in (
        ["mod", "init", "host.example"],
        ["get", "pillion.example/pillion@v0.1.0"],
        ["build", "-o", "host"],
    ):
        done = subprocess.run(
            [go, *command], cwd=project, env=environment, capture_output=True, text=True, timeout=280, check=False
        )
        assert done.returncode == 0, done.stderr
    settings = SidecarSettings(jar=jar, models=root / "pmml-models")
    with SidecarProcess(settings, uds=socket):
        shown = run([project / "host", str(socket)], root)

    scores = [float(line.split()[1]) for line in shown.splitlines()]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
