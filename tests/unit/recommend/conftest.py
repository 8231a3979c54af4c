import random as _random
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest

from pillion.config import RecommendSettings
from pillion.features import MemoryStore, Store
from pillion.recommend import Observer, Recommender
from pillion.scoring import ModelRepository, Scorer
from tests.support.data_plane import NOW, PATIENT, PATIENT_SIDECAR, PATIENT_STORE, Recommending
from tests.support.fixture_dataset import load_fixture_dataset
from tests.support.models import PROJECT, write_models


@pytest.fixture
def repository(tmp_path: Path) -> ModelRepository:
    return ModelRepository(write_models(tmp_path / "models"))


@pytest.fixture
async def store() -> MemoryStore:
    store = MemoryStore()
    await load_fixture_dataset(store)
    return store


@pytest.fixture
async def recommending(repository: ModelRepository) -> AsyncIterator[Recommending]:
    started: list[Recommender] = []

    async def start(
        store: Store,
        scorer: Scorer,
        settings: RecommendSettings = PATIENT,
        *,
        random: Callable[[], float] = _random.random,
        observers: Sequence[Observer] = (),
    ) -> Recommender:
        recommender = Recommender(
            store,
            scorer,
            repository,
            settings,
            PATIENT_STORE,
            PATIENT_SIDECAR,
            project=PROJECT,
            now=lambda: NOW,
            random=random,
            observers=observers,
        )
        started.append(recommender)
        await recommender.start()
        return recommender

    yield start
    for recommender in started:
        await recommender.close()
