"""One Spark session for all tests of plans."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from pillion.export.session import create_session


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    session = create_session(cores="1", scratch=Path(tmp_path_factory.mktemp("spark")))
    yield session
    session.stop()
