"""What a user has seen since the features were loaded: added by whoever, read with the next request."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from redis.asyncio import Redis

from pillion.config import StoreSettings
from pillion.errors import InvalidInput
from pillion.features import Catalog, add_seen, keys, read_catalog, read_user
from pillion.features.redis import RedisStore
from pillion.features.store_process import StoreProcess
from tests.support import clinic
from tests.support.command import invoke
from tests.support.fixture_dataset import load_fixture_dataset

pytestmark = pytest.mark.process
WAIT = 5.0


@pytest.fixture(scope="module", params=[False, True], ids=["alone", "cluster"])
def settings(request: pytest.FixtureRequest) -> Iterator[StoreSettings]:
    with StoreProcess(config={"cluster-enabled": "yes"} if request.param else {}) as process:
        if request.param:
            asyncio.run(_take_all_slots(process.url))
        yield StoreSettings(url=process.url.replace("redis:", "redis+cluster:") if request.param else process.url)


async def _take_all_slots(url: str) -> None:
    node: Any = Redis.from_url(url)
    await node.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
    state = b""
    while b"cluster_state:ok" not in state:
        await asyncio.sleep(0.05)
        state = await node.execute_command("CLUSTER", "INFO")
    await node.aclose()


@pytest.fixture
async def store(settings: StoreSettings) -> AsyncIterator[RedisStore]:
    store = RedisStore(settings)
    yield store
    await store.close()


async def _catalog(store: RedisStore) -> Catalog:
    catalog = await read_catalog(store, WAIT)
    assert catalog is not None
    return catalog


async def test_what_several_add_at_once_is_all_there(store: RedisStore) -> None:
    await load_fixture_dataset(store)
    catalog = await _catalog(store)

    counts = await asyncio.gather(*(add_seen(store, catalog, 2, [film, 10], WAIT) for film in (30, 5, 11, 299)))

    assert max(counts) == 5
    assert (await read_user(store, catalog, 2, [], WAIT)).seen.tolist() == [5, 10, 11, 30, 299]


async def test_a_user_who_had_seen_nothing_gets_a_list_that_ends_with_its_version(store: RedisStore) -> None:
    await load_fixture_dataset(store)
    catalog = await _catalog(store)
    key = keys.seen(catalog.version, 1)  # of users 32 to 63, who have seen nothing

    assert await add_seen(store, catalog, 40, [7], WAIT, 100.0) == 1
    assert await add_seen(store, catalog, 39, [8], WAIT, 9_000.0) == 1

    assert (await read_user(store, catalog, 40, [], WAIT)).seen.tolist() == [7]
    assert 0 < await store._client.ttl(key) <= 100


async def test_a_user_or_an_item_that_nobody_knows_is_refused_and_nothing_changes(store: RedisStore) -> None:
    await load_fixture_dataset(store)
    catalog = await _catalog(store)

    for user, film, text in ((41, 1, "no user 41"), (2, 301, "no item 301"), (-1, 1, "'user' has -1")):
        with pytest.raises(InvalidInput, match=text):
            await add_seen(store, catalog, user, [film], WAIT)

    assert (await read_user(store, catalog, 2, [], WAIT)).seen.tolist() == [10]


def test_the_command_adds_items_whose_ids_are_text(settings: StoreSettings) -> None:
    async def load() -> None:
        store = RedisStore(settings)
        await clinic.load(store)
        await store.close()

    asyncio.run(load())

    added = invoke("features", "seen", "名", "a", "--store", settings.url)
    refused = invoke("features", "seen", "名", "nowhere", "--store", settings.url)

    assert added.exit_code == 0, added.output
    assert "user 名 has seen" in added.stdout
    assert isinstance(refused.exception, InvalidInput)
    assert "has no item 'nowhere'" in str(refused.exception)
