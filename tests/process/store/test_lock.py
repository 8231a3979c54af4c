"""The lock of who writes what only one process may write: one holder, renewed, given back, lost where it expires."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator

import pytest

from pillion.config import StoreSettings
from pillion.errors import StoreError, StoreLocked
from pillion.features import keys
from pillion.features.lock import hold_lock
from pillion.features.redis import RedisStore
from pillion.features.store_process import StoreProcess

pytestmark = pytest.mark.process
WAIT = 30.0
_TTL_S = 6.0


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with StoreProcess() as process:
        yield process.url


@pytest.fixture
async def store(url: str) -> AsyncIterator[RedisStore]:
    store = RedisStore(StoreSettings(url=url))
    yield store
    await store.close()


async def test_a_second_holder_is_refused_and_told_of_the_first_until_it_gives_the_lock_back(store: RedisStore) -> None:
    async with hold_lock(store, "x", WAIT) as held:
        await held.require()
        with pytest.raises(StoreLocked, match=rf"process {os.getpid()} on .* holds the lock of x in this store"):
            async with hold_lock(store, "x", WAIT):
                pass
        async with hold_lock(store, "y", WAIT):
            pass

    assert not await store._client.exists(keys.lock("x"))


async def test_it_is_renewed_while_it_is_held(store: RedisStore) -> None:
    async with hold_lock(store, "x", WAIT, _TTL_S):
        left = await store._client.pttl(keys.lock("x"))
        while (now := await store._client.pttl(keys.lock("x"))) <= left:
            left = now
            await asyncio.sleep(0.05)

    assert 0 < now <= _TTL_S * 1000


async def test_a_holder_that_lost_it_is_told_and_takes_nothing_from_the_next_one(store: RedisStore) -> None:
    async with hold_lock(store, "x", WAIT) as held:
        await store._client.set(keys.lock("x"), "other:1:token")
        with pytest.raises(StoreError, match="the lock of x was lost"):
            await held.require()

    assert await store._client.getdel(keys.lock("x")) == b"other:1:token"
