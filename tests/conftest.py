"""What the tests that cross a language or a process share."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's folder."""
    return ROOT


@pytest.fixture(scope="session")
def jar() -> Path:
    """The sidecar's jar, which `make build` makes."""
    path = ROOT / "jvm-sidecar/server/target/pillion-sidecar.jar"
    assert path.is_file(), f"{path} is missing: run `make build` first"
    return path
