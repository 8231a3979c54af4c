"""The README's code, run as it stands."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from pillion.config import SidecarSettings
from pillion.scoring.sidecar_process import SidecarProcess

pytestmark = pytest.mark.process


def snippet(root: Path, language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", (root / "README.md").read_text(), re.DOTALL)
    assert found, f"the README has no {language} code"
    return found[1]


def run(command: Sequence[str | Path], root: Path) -> str:
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_java_code_scores(root: Path, jar: Path, tmp_path: Path) -> None:
    source = tmp_path / "Embed.java"
    source.write_text(snippet(root, "java"))

    shown = run(["java", "-cp", str(jar), str(source)], root)

    assert shown.count("probability(") == 30


def test_the_python_code_scores(root: Path, jar: Path) -> None:
    shown = run([sys.executable, "-c", snippet(root, "python")], root)

    assert shown.count("probability(") == 30


@pytest.mark.skipif(shutil.which("go") is None, reason="there is no Go toolchain on this machine")
def test_the_go_code_talks_to_the_sidecar_over_its_socket(root: Path, jar: Path, tmp_path: Path) -> None:
    source, body, socket = (
        tmp_path / "main.go",
        tmp_path / "body.json",
        tmp_path / "s" / "sidecar.sock",
    )
    socket.parent.mkdir(mode=0o700)
    source.write_text(snippet(root, "go"))
    row = (root / "pmml-models/titles30/1/verification.jsonl").read_text().splitlines()[0]
    given = json.loads(row)["input"]
    contract = json.loads((root / "pmml-models/titles30/1/manifest.json").read_text())["contract"]
    datatypes = {
        "string": "BYTES",
        "integer": "INT64",
        "float": "FP32",
        "double": "FP64",
        "boolean": "BOOL",
    }
    inputs = [
        {
            "name": field["name"],
            "datatype": datatypes[field["type"]],
            "shape": [1],
            "data": [given.get(field["name"])],
        }
        for field in contract["inputs"]
    ]
    body.write_text(json.dumps({"inputs": inputs}))
    settings = SidecarSettings(jar=jar, models=root / "pmml-models")
    with SidecarProcess(settings, uds=socket):
        shown = run(["go", "run", str(source), str(socket), str(body)], root)

    assert "\n200 " in shown
    assert shown.count("probability(") >= 30
