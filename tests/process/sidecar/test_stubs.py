"""The generated classes of the sidecar's messages."""

import subprocess
import sys
from pathlib import Path

from tools.checkout import ROOT
from tools.stubs import PACKAGE


def test_they_are_what_the_protocol_files_generate(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "tools.stubs", "--out", str(tmp_path)], cwd=ROOT, check=True, timeout=120)

    generated = {path.name: path.read_text() for path in (tmp_path / PACKAGE).iterdir()}
    kept = {path.name: path.read_text() for path in (ROOT / "python/src" / PACKAGE).glob("*_pb2.py*")}
    assert kept == generated


def test_they_can_be_imported_beside_those_of_another_client() -> None:
    program = "import tritonclient.grpc.service_pb2, pillion.scoring.stubs.inference_pb2"

    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
