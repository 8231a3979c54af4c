"""One Spark session for all tests that want one, and one installed wheel."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.wheel import build_wheel, install

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator["SparkSession"]:
    """Starts a session of one core."""
    from pillion.export.session import create_session

    session = create_session(cores="1", scratch=Path(tmp_path_factory.mktemp("spark")))
    yield session
    session.stop()


@pytest.fixture(scope="session")
def wheel(jar: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel with the sidecar's jar in it."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a fresh environment with the wheel."""
    return install(wheel, tmp_path_factory.mktemp("fresh"))
