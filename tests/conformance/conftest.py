"""One sidecar for all tests of this folder, as a process of its own."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pillion.config import SidecarSettings
from tests.conformance.limits import MAX_BODY, MAX_ROWS
from tests.conformance.models import write_models
from tests.conformance.protocol import Protocol
from tests.conformance.sidecar import Addresses, running


@pytest.fixture(scope="session")
def sidecar(jar: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """The sidecar's addresses."""
    models = write_models(tmp_path_factory.mktemp("models"))
    # A path short enough for a socket, however long pytest's own are.
    run = Path(tempfile.mkdtemp(prefix="pillion-"))
    settings = SidecarSettings(jar=jar, models=models, start_timeout_s=180.0)
    limits = ("--max-body", str(MAX_BODY), "--max-rows", str(MAX_ROWS))
    try:
        with running(settings, uds=run / "s", token=run / "token", options=limits) as addresses:
            yield addresses
    finally:
        shutil.rmtree(run, ignore_errors=True)


@pytest.fixture(scope="session")
def protocol(root: Path) -> Protocol:
    """Messages and stubs of the sidecar's own protocol files."""
    return Protocol(root / "jvm-sidecar/server/src/main/proto", root / "build/conformance")
