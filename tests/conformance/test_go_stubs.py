"""Plain generated stubs in Go, over TCP and over the Unix socket: what Go's own gRPC makes of the sidecar."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance.sidecar import Addresses
from tests.support.models import ranker_score

pytestmark = pytest.mark.process
BUILD_S = 280
STUBS = Path("jvm-sidecar/server/src/main/proto")
GO = shutil.which("go")


def go(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "GOFLAGS": "-mod=mod -buildvcs=false"}
    done = subprocess.run(
        [GO or "go", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=BUILD_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def client(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if GO is None:
        pytest.skip("there is no Go toolchain on this machine, so no stub in Go was made and asked")
    folder = tmp_path_factory.mktemp("go")
    for file in (root / "tests/conformance/go").iterdir():
        shutil.copy(file, folder)
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{root / STUBS}"]
    for plugin, module in (
        ("go", "google.golang.org/protobuf/cmd/protoc-gen-go"),
        ("go-grpc", "google.golang.org/grpc/cmd/protoc-gen-go-grpc"),
    ):
        binary = folder / f"protoc-gen-{plugin}"
        go(folder, "build", "-o", str(binary), module)
        command += [f"--plugin={binary}", f"--{plugin}_out={folder}", f"--{plugin}_opt=module=pillion.org/conformance"]
    files = sorted(str(path) for path in (root / STUBS).glob("*.proto"))
    subprocess.run([*command, *files], check=True, timeout=120)
    go(folder, "build", "-o", "conformance", ".")
    return folder / "conformance"


@pytest.mark.parametrize("address", ["tcp", "unix"])
def test_plain_stubs_in_go_are_answered(client: Path, sidecar: Addresses, address: str) -> None:
    target = sidecar.grpc if address == "tcp" else f"unix:{sidecar.uds}"
    done = subprocess.run([client, target], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)

    expected = [
        ranker_score(1.5, 0.25, "tv", 20, intercept=-2.0),
        ranker_score(None, 0.75, "mobile", 20, intercept=-2.0),
    ]
    ranked = [ranker_score(1.5, score, "tv", 20, intercept=-2.0) for score in (0.75, 0.5)]
    assert (answers["live"], answers["health"]) == (True, "SERVING")
    assert answers["inputs"] == ["rate", "item_score", "device", "hour"]
    assert answers["typed"] == answers["raw"] == pytest.approx(expected, rel=1e-15)
    assert (answers["items"], answers["scores"]) == ([4, 23], pytest.approx(ranked, rel=1e-15))
    assert answers["codes"] == ["NotFound", "InvalidArgument", "Unimplemented"]
    assert answers["late"] == "DeadlineExceeded"
