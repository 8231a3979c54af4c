"""Only the guard tries again: the clients' own retries are off, as a socket that counts its callers shows."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from pillion.config import RecommendSettings, SidecarSettings, StoreSettings
from pillion.errors import SidecarError, StoreUnreachable
from pillion.features import MemoryStore
from pillion.features.redis import RedisStore
from pillion.recommend import Recommender
from pillion.scoring import HttpScorer, ModelRepository, ScoreRequest
from pillion.types import Request, Value
from tests.support.data_plane import reference_scores
from tests.support.item_scorer import ItemScorer
from tests.support.models import PROJECT, write_models
from tools.chaos import fixture_dataset
from tools.chaos.fixture_dataset import COUNTRY, DEVICE, HOUR

CONTEXT: dict[str, Value] = {"device": DEVICE, "country": COUNTRY, "hour": HOUR}
REQUEST = ScoreRequest("ranker", {"hour": "integer"}, {"hour": [1]}, 1)


class Counter:
    """Counts the connections to a port that closes each of them at once."""

    def __init__(self) -> None:
        self.connections = 0
        self.port = 0

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.close()


class Switch:
    """A store that can be exchanged for another while it is in use."""

    def __init__(self, store: Any) -> None:
        self.store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


@asynccontextmanager
async def counting() -> AsyncIterator[Counter]:
    counter = Counter()
    server = await asyncio.start_server(counter.accept, "127.0.0.1", 0)
    counter.port = server.sockets[0].getsockname()[1]
    async with server:
        yield counter


@pytest.fixture
def repository() -> Iterator[ModelRepository]:
    with tempfile.TemporaryDirectory() as folder:
        yield ModelRepository(write_models(Path(folder) / "models"))


async def test_the_stores_client_connects_once_a_call() -> None:
    async with counting() as counter:
        store = RedisStore(StoreSettings(url=f"redis://127.0.0.1:{counter.port}/0"))
        for calls in range(1, 6):
            with pytest.raises(StoreUnreachable):
                await store.read([("u1:{1}", 1)], [], 30.0)
            assert counter.connections == calls
        await store.close()


async def test_the_sidecars_client_connects_once_a_call() -> None:
    async with counting() as counter:
        scorer = HttpScorer(SidecarSettings(address=f"http://127.0.0.1:{counter.port}"))
        for calls in range(1, 6):
            with pytest.raises(SidecarError):
                await scorer.score(REQUEST, 30.0)
            assert counter.connections == calls
        await scorer.close()


@pytest.mark.parametrize("dead", ["store", "sidecar"])
async def test_a_dead_dependency_sees_the_guards_attempts_and_no_more(dead: str, repository: ModelRepository) -> None:
    requests = 100
    memory = MemoryStore()
    store = Switch(memory)
    await fixture_dataset.load(store)
    async with counting() as counter:
        times: dict[str, Any] = {"attempt_timeout_ms": 9_000.0, "slow_ms": 8_000.0}
        store_settings = StoreSettings(url=f"redis://127.0.0.1:{counter.port}/0", **times)
        sidecar_settings = SidecarSettings(address=f"http://127.0.0.1:{counter.port}", **times)
        recommender = Recommender(
            store,
            HttpScorer(sidecar_settings) if dead == "sidecar" else ItemScorer(memory, reference_scores),
            repository,
            RecommendSettings(deadline_ms=30_000, reserve_ms=1_000, fallback_check_share=0.0, refresh_s=3600),
            store_settings,
            sidecar_settings,
            project=PROJECT,
        )
        await recommender.start()
        if dead == "store":
            store.store = RedisStore(store_settings)  # the other one answered until now, so there is a snapshot
        for user in range(1, requests + 1):
            await recommender.recommend(Request(user, 5, context=CONTEXT))
        await recommender.close()
        status = recommender.status()

    (breaker,) = [breaker for breaker in status.breakers if breaker.name == dead]
    attempts = breaker.succeeded + breaker.failed + breaker.neutral
    probes = status.probes["sidecar"] if dead == "sidecar" else 0  # the store's prober still has the other one
    assert counter.connections - probes == attempts == breaker.failed
    assert attempts <= 1.2 * requests
    assert status.retries <= 0.2 * requests * 2  # both guards pay into the one budget
