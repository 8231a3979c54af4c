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


def snippet(root: Path, language: str) -> tuple[str, str]:
    """The README's code, and what it says that the code prints."""
    found = re.search(rf"```{language}\n(.*?)```\n\n```text\n(.*?)```", (root / "README.md").read_text(), re.DOTALL)
    assert found, f"the README has no {language} code with what it prints"
    return found[1], found[2]


def run(command: Sequence[str | Path], root: Path) -> str:
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_python_code_scores(root: Path, jar: Path) -> None:
    code, printed = snippet(root, "python")

    assert run([sys.executable, "-c", code], root) == printed


def test_the_go_code_ranks_in_a_project_that_takes_the_module_from_its_zip(
    go: str, root: Path, jar: Path, tmp_path: Path
) -> None:
    pack(tmp_path / "proxy", "v0.1.0")
    project, socket = tmp_path / "project", tmp_path / "s" / "sidecar.sock"
    for folder in (project, socket.parent):
        folder.mkdir(mode=0o700)
    code, printed = snippet(root, "go")
    (project / "main.go").write_text(code)
    usual, cache = run([go, "env", "GOPROXY", "GOMODCACHE"], root).splitlines()
    environment = {
        **os.environ,
        # A module that Go has taken once is never taken again; others' need not be downloaded again.
        "GOMODCACHE": str(tmp_path / "modules"),
        "GOPROXY": f"file://{tmp_path}/proxy,file://{cache}/cache/download,{usual}",
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
        assert run([project / "host", str(socket)], root) == printed
