"""One sidecar for all tests of this folder, as a process of its own."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pillion.config import SidecarSettings
from pillion.scoring.sidecar_process import SidecarProcess
from tests.conformance import models as written
from tests.conformance.limits import MAX_BODY, MAX_ROWS
from tests.conformance.protocol import Protocol

PATIENCE_S = 60.0


@dataclass(frozen=True)
class Addresses:
    """Where the sidecar listens."""

    http: str
    """`HOST:PORT`."""
    grpc: str
    """`HOST:PORT`."""
    uds: str
    """Path of the Unix socket."""
    token: str
    """What operators show."""


@pytest.fixture(scope="session")
def sidecar(jar: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """The sidecar's addresses."""
    folder = written.write_models(tmp_path_factory.mktemp("models"))
    # A path short enough for a socket, however long pytest's own are.
    run = Path(tempfile.mkdtemp(prefix="pillion-"))
    settings = SidecarSettings(jar=jar, models=folder, start_timeout_s=180.0)
    options = ("--max-body", str(MAX_BODY), "--max-rows", str(MAX_ROWS), "--poll", "0")
    token = run / "token"
    options += ("--admin", "127.0.0.1:0", "--admin-token-file", str(token))
    process = SidecarProcess(settings, uds=run / "s", options=options)
    process.start()
    try:
        deadline = time.monotonic() + PATIENCE_S
        while len(process.addresses) < 4 and time.monotonic() < deadline:
            time.sleep(0.05)
        named = dict(line.split(" ", 1) for line in process.addresses)
        yield Addresses(
            named["sidecar-http"].removeprefix("http://"),
            named["sidecar-grpc"],
            named["sidecar-uds"].removeprefix("unix:"),
            token.read_text().strip(),
        )
    finally:
        process.stop()
        shutil.rmtree(run, ignore_errors=True)


@pytest.fixture(scope="session")
def protocol(root: Path) -> Protocol:
    """Messages and stubs of the sidecar's own protocol files."""
    return Protocol(root / "jvm-sidecar/server/src/main/proto", root / "build/conformance")
