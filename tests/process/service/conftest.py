"""Store, sidecar and shim for the tests of the service."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pillion.config import SidecarSettings, StoreSettings
from pillion.features.store_process import StoreProcess
from pillion.scoring.sidecar_process import SidecarProcess
from tests.support.models import write_models
from tests.support.shim import Shim, fill
from tools.checkout import JAR


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_models(tmp_path_factory.mktemp("shim") / "models")


@pytest.fixture
def valkey() -> Iterator[StoreProcess]:
    with StoreProcess() as process:
        assert process.url is not None
        fill(process.url)
        yield process


@pytest.fixture
def sidecar(models: Path, valkey: StoreProcess) -> Iterator[str]:
    """The address of a sidecar with the store's items in memory."""
    with SidecarProcess(SidecarSettings(jar=JAR, models=models), store=StoreSettings(url=valkey.url)) as process:
        yield process.address_of("sidecar-http")


@pytest.fixture
def start(models: Path, tmp_path: Path) -> Iterator[Callable[..., Shim]]:
    """Starts shims, and ends them all."""
    shims: list[Shim] = []

    def started(url: str, sidecar: str, port: int = 0, **options: Any) -> Shim:
        shims.append(Shim(models, url, sidecar, tmp_path / "snapshot.npz", port, **options))
        return shims[-1]

    yield started
    for shim in shims:
        shim.end()
