"""The shim's app over fakes, with an empty store and with the fixture dataset."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.fixture_dataset import load_fixture_dataset
from tests.support.shim_app import ShimApp


@pytest.fixture
async def bare(tmp_path: Path) -> AsyncIterator[ShimApp]:
    """The app before its recommender has started, and nothing in the store."""
    shim = ShimApp(tmp_path)
    yield shim
    await shim.close()


@pytest.fixture
async def shim(bare: ShimApp) -> ShimApp:
    """The app, started, with the fixture dataset in the store."""
    await load_fixture_dataset(bare.store)
    await bare.recommender.start()
    return bare
