"""The Go client against a real sidecar, on each transport: the same bits, and Spark's."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pillion.config import SidecarSettings
from tests.conformance.models import write_models
from tests.conformance.sidecar import Addresses, running
from tools.go_stubs import STUBS, generate

pytestmark = pytest.mark.process
_TEST_S = 600


@pytest.fixture
def socket() -> Iterator[Path]:
    # A path short enough for a socket, however long pytest's own are.
    with tempfile.TemporaryDirectory(prefix="pillion-") as folder:
        yield Path(folder) / "s"


def go_test(go: str, root: Path, *arguments: str, **environment: str) -> str:
    """Runs tests of the module; returns what they say."""
    done = subprocess.run(
        [go, "test", "-v", "-count=1", *arguments], cwd=root / "hosts/go", env={**os.environ, **environment},
        capture_output=True, text=True, timeout=_TEST_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SKIP" not in done.stdout, done.stdout
    return done.stdout


def told(sidecar: Addresses) -> dict[str, str]:
    """Where the module's tests find a sidecar."""
    return {
        "PILLION_TEST_HTTP": sidecar.http,
        "PILLION_TEST_GRPC": sidecar.grpc,
        "PILLION_TEST_UDS": sidecar.uds,
    }


def test_the_stubs_are_those_of_the_protocol_files(go: str, root: Path, tmp_path: Path) -> None:
    generate(tmp_path)

    kept = root / "hosts/go" / STUBS
    assert _texts(kept) == _texts(tmp_path)


def _texts(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*.go")}


def test_the_example_shows_the_shims_description_of_its_routes(root: Path) -> None:
    shown, expected = ((root / path).read_text() for path in ("hosts/go/example/openapi.json", "docs/openapi.json"))

    assert shown == expected, "run `make docs`"


def test_the_client_gets_the_same_bits_on_every_transport(
    go: str, root: Path, jar: Path, socket: Path, tmp_path: Path
) -> None:
    settings = SidecarSettings(jar=jar, models=write_models(tmp_path / "models"), start_timeout_s=180.0)
    with running(settings, uds=socket) as sidecar:
        assert go_test(go, root, "-run", "^TestSidecar", ".", **told(sidecar)).count("--- PASS") == 3


def test_verification_sets_come_out_as_spark_computed_them(go: str, root: Path, jar: Path, socket: Path) -> None:
    models = root / "pmml-models"
    settings = SidecarSettings(jar=jar, models=models, start_timeout_s=180.0)
    with running(settings, uds=socket) as sidecar:
        environment = {**told(sidecar), "PILLION_TEST_MODELS": str(models)}
        said = go_test(go, root, "-run", "^TestVerificationSets$", ".", **environment)

    assert said.count(", 0 differ") == 8


def test_verification_sets_come_out_the_same_in_a_jvm_within_the_go_process(go: str, root: Path, jar: Path) -> None:
    java = shutil.which("java")
    home = Path(java).resolve().parents[1] if java else Path()
    headers = home / "include"
    if not (headers / "jni.h").is_file() or shutil.which("gcc") is None:
        pytest.skip(f"cgo needs a C compiler, and JNI's headers, which {home} does not have")
    environment = {
        "JAVA_HOME": str(home),
        "CGO_CFLAGS": f"-I{headers} -I{headers}/linux",
        "PILLION_TEST_JAR": str(jar),
        "PILLION_TEST_MODELS": str(root / "pmml-models"),
    }

    said = go_test(go, root, "-tags", "pillion_jvm", "./inprocess", **environment)

    assert said.count(", 0 differ") == 2
    assert said.count("--- PASS") == 3
