import pytest

from pillion.resilience import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1024.0)
