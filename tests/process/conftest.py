"""One Spark session for all tests that want one."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator["SparkSession"]:
    """Starts a session of one core."""
    from pillion.export.session import create_session

    session = create_session(cores="1", scratch=Path(tmp_path_factory.mktemp("spark")))
    yield session
    session.stop()
