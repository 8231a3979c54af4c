"""Loads that can't end well: the version before stays active, and whoever loads is told what to do."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from pillion.config import StoreSettings
from pillion.errors import ConfigurationError, CorruptRecord, InvalidInput, StoreError, StoreLocked, StoreUnreachable
from pillion.features import (
    Contents,
    FeatureTable,
    MemoryStore,
    SnapshotKeeper,
    keys,
    load_batch_answers,
    load_features,
    read_catalog,
    read_user,
)
from pillion.features.redis import RedisStore, open_store
from pillion.features.store import HashEntry, StringEntry
from pillion.features.store_process import StoreProcess
from tests.support.fixture_dataset import contents
from tests.support.store_servers import port_of, redis_server, until

WAIT = 5.0
LOCK_S = 20.0
LOCK = keys.lock("features")


@contextlib.asynccontextmanager
async def opened(url: str) -> AsyncIterator[RedisStore]:
    async with open_store(StoreSettings(url=url)) as store:
        yield store


@pytest.fixture
def url() -> Iterator[str]:
    with StoreProcess() as process:
        yield process.url


def many(users: int, values: int = 20) -> Contents:
    table = FeatureTable(list(range(users)), {f"x{at}": [0.5 + at] * users for at in range(values)})
    return contents(users=table, seen={})


class Failing(MemoryStore):
    """A store of which the write of a key fails."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self._key = key

    async def write(self, entries: Sequence[HashEntry | StringEntry], timeout_s: float) -> None:
        for entry in entries:
            if entry.key.startswith(self._key):
                raise StoreUnreachable("the store died")
        await super().write(entries, timeout_s)


@pytest.mark.parametrize("key", ["u2:", "s2:", "i2:", "pop2:", "ids2", "buckets2", "meta2"])
async def test_a_store_that_dies_at_any_write_keeps_the_version_before(key: str) -> None:
    store = Failing(key)
    await load_features(store, contents())

    with pytest.raises(StoreUnreachable):
        await load_features(store, contents())

    catalog = await read_catalog(store, WAIT)
    assert catalog.version == 1
    assert (await read_user(store, catalog, 2, [], WAIT)).features == {"user_rate": 0.2, "plan": "paid"}
    store._key = "nothing"
    assert await load_features(store, contents()) == 3  # the lock was given back


async def test_one_of_two_loaders_is_refused_and_told_by_whom() -> None:
    now = [0.0]
    store = MemoryStore(lambda: now[0])
    await store.take_lock(LOCK, b"there:7:x", LOCK_S, WAIT)

    with pytest.raises(StoreLocked, match=r"process 7 on there holds the lock of features .* 20 s"):
        await load_features(store, contents(), lock_s=LOCK_S)
    now[0] = LOCK_S
    assert await load_features(store, contents(), lock_s=LOCK_S) == 1


class Overtaken(MemoryStore):
    """A store whose lock another loader has got by the time that the lists are written."""

    async def write(self, entries: Sequence[HashEntry | StringEntry], timeout_s: float) -> None:
        if entries[0].key == keys.meta(1) or any(entry.key == keys.meta(1) for entry in entries):
            await super().write([StringEntry(LOCK, b"another")], timeout_s)
        await super().write(entries, timeout_s)


async def test_a_loader_that_lost_its_lock_does_not_switch() -> None:
    store = Overtaken()

    with pytest.raises(StoreError, match="lock of features was lost"):
        await load_features(store, contents())

    assert (await store.read([], [keys.ACTIVE, LOCK], WAIT)).strings == [None, b"another"]


KILLED = """
    import asyncio, sys
    from pillion.config import StoreSettings
    from pillion.features import load_features
    from pillion.features.redis import open_store
    from tests.process.store.test_load_failures import many

    async def load():
        async with open_store(StoreSettings(url=sys.argv[1])) as store:
            def wait(what, done, total):
                if done:
                    print("writing", flush=True)
                    sys.stdin.read()
            await load_features(store, many(40_000), progress=wait, lock_s=1.0)

    asyncio.run(load())
"""


@pytest.mark.process
async def test_a_loader_that_is_killed_leaves_the_version_before_and_holds_up_nobody_for_long(
    url: str, root: Path
) -> None:
    async with opened(url) as store:
        await load_features(store, contents())
        command = [sys.executable, "-c", textwrap.dedent(KILLED), url]
        loader = subprocess.Popen(  # noqa: ASYNC220 - it is waited for at once
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root
        )
        try:
            assert loader.stdout.readline() == b"writing\n"
        finally:
            os.kill(loader.pid, signal.SIGKILL)
            loader.wait()
        catalog = await read_catalog(store, WAIT)

        assert catalog.version == 1
        assert (await read_user(store, catalog, 2, [], WAIT)).features == {"user_rate": 0.2, "plan": "paid"}
        with Redis.from_url(url) as client:
            assert client.exists("u2:{0}")
            until(lambda: not client.exists(LOCK), "the end of the killed loader's lock")
        assert await load_features(store, contents()) == 3


@pytest.mark.process
async def test_a_store_that_is_full_says_so_and_goes_on_serving() -> None:
    with StoreProcess(config={"maxmemory": "6mb"}) as process:
        async with opened(process.url) as store:
            await load_features(store, contents())
            with pytest.raises(StoreError, match="is full: give it more memory"):
                await load_features(store, many(40_000))
            catalog = await read_catalog(store, WAIT)
            assert catalog.version == 1
            assert (await read_user(store, catalog, 2, [], WAIT)).features == {"user_rate": 0.2, "plan": "paid"}


@pytest.mark.process
async def test_a_replica_is_not_written_to(url: str) -> None:
    with StoreProcess() as replica, Redis.from_url(replica.url) as client:
        async with opened(url) as store:
            await load_features(store, contents())
        client.execute_command("REPLICAOF", "127.0.0.1", port_of(url))
        until(lambda: client.info("replication")["master_link_status"] == "up", "the copy")
        async with opened(replica.url) as store:
            with pytest.raises(StoreError, match="is read only: name its master"):
                await load_features(store, contents())
            assert (await read_catalog(store, WAIT)).version == 1


@pytest.mark.process
async def test_a_store_that_dies_while_it_is_loaded_is_unreachable() -> None:
    with StoreProcess() as process:
        async with opened(process.url) as store:

            def kill(what: str, done: int, total: int) -> None:
                if done:
                    os.kill(process.pid, signal.SIGKILL)

            with pytest.raises(StoreUnreachable):
                await load_features(store, many(40_000), progress=kill)


@pytest.mark.process
async def test_buckets_are_listpacks(url: str) -> None:
    async with opened(url) as store:
        await load_features(store, contents())
        with Redis.from_url(url) as client:
            found = {client.object("encoding", key) for prefix in "us" for key in client.scan_iter(f"{prefix}1:*")}

    assert found == {b"listpack"}


@pytest.mark.process
@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--hash-max-listpack-value", "64"), "set its hash-max-listpack-value to 4096"),
        (("--hash-max-listpack-entries", "16"), "set hash-max-listpack-entries to 128 or more"),
        (
            ("--rename-command", "CONFIG", "", "--hash-max-listpack-value", "64"),
            "set hash-max-listpack-value to 4096 or more",
        ),
        (
            ("--rename-command", "CONFIG", "", "--hash-max-listpack-entries", "16"),
            "set hash-max-listpack-entries to 128 or more",
        ),
    ],
)
async def test_a_server_that_would_take_twice_the_memory_is_told_what_to_set(
    options: Sequence[str], complaint: str
) -> None:
    with redis_server(*options) as port:
        async with opened(f"redis://127.0.0.1:{port}/0") as store:
            with pytest.raises(ConfigurationError, match=complaint):
                await load_features(store, many(10))
            with pytest.raises(StoreError, match="none were loaded"):
                await read_catalog(store, WAIT)


@pytest.mark.process
async def test_a_server_that_tells_no_limits_is_tried() -> None:
    with redis_server("--rename-command", "CONFIG", "") as port:
        async with opened(f"redis://127.0.0.1:{port}/0") as store:
            assert await load_features(store, many(10)) == 1


@pytest.mark.process
async def test_a_service_does_not_start_over_users_that_a_server_keeps_in_twice_the_memory() -> None:
    with redis_server() as port:
        async with opened(f"redis://127.0.0.1:{port}/0") as store:
            await load_features(store, many(10))
            keeper = SnapshotKeeper(store, lambda catalog: None, None, WAIT)
            await keeper.start(WAIT)
            await store.write([HashEntry(keys.users(1, 0), {0: bytes(70_000)})], WAIT)

            with pytest.raises(ConfigurationError, match=r"'u1:\{0\}' as a hash table.*to 128 or more"):
                await keeper.start(WAIT)


class Narrow(MemoryStore):
    """A store that keeps short values compactly."""

    async def value_limit(self, entries: int, timeout_s: float) -> int:
        return 100


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"seen": {7: list(range(1, 41))}}, r"the seen items of user 7 take 120 bytes.*hash-max-listpack-value to 120"),
        (
            {"users": FeatureTable([1, 2], {"name": ["short", "n" * 120]}), "seen": {}},
            r"the features of user 2 take 128 bytes",
        ),
        ({"users": FeatureTable(["a", "n" * 101], {}), "seen": {}}, "the features of user 'n+' take 101 bytes"),
    ],
)
async def test_a_value_that_would_unpack_its_bucket_is_refused_by_user(changes: dict[str, Any], complaint: str) -> None:
    store = Narrow()
    small = {"users": FeatureTable([1, 2], {"x": [1.0, 2.0]}), "seen": {}}
    await load_features(store, contents(**small))

    with pytest.raises(InvalidInput, match=complaint):
        await load_features(store, contents(**{**small, **changes}))

    assert (await read_catalog(store, WAIT)).version == 1


async def test_answers_that_would_unpack_their_buckets_are_refused_before_they_are_written() -> None:
    store = Narrow()
    await load_features(store, contents(users=FeatureTable([1], {"x": [1.0]}), seen={}))

    with pytest.raises(ConfigurationError, match="an answer takes up to 102: set its hash-max-listpack-value to 102"):
        await load_batch_answers(store, 1, {1: list(range(1, 35))}, model="m", model_version=1)

    assert (await read_catalog(store, WAIT)).batch is None


async def test_a_schema_that_changes_under_a_live_version_is_noticed() -> None:
    store = MemoryStore()
    await load_features(store, contents())
    catalog = await read_catalog(store, WAIT)
    table = FeatureTable([2], {"user_rate": [0.2], "plan": ["paid"], "more": [1]})
    other = MemoryStore()
    await load_features(other, contents(users=table, seen={}))
    await store.write([HashEntry("u1:{0}", other._hashes["u1:{0}"])], WAIT)

    with pytest.raises(CorruptRecord, match="another schema"):
        await read_user(store, catalog, 2, [], WAIT)
    assert (await read_user(store, catalog, 1, [], WAIT)).features == {"user_rate": 0.1, "plan": "free"}


async def test_the_lock_is_renewed_as_long_as_a_load_takes() -> None:
    renewed = asyncio.Event()

    class Waiting(MemoryStore):
        async def renew_lock(self, key: str, holder: bytes, ttl_s: float, timeout_s: float) -> bool:
            renewed.set()
            return await super().renew_lock(key, holder, ttl_s, timeout_s)

        async def write(self, entries: Sequence[HashEntry | StringEntry], timeout_s: float) -> None:
            if entries[0].key != LOCK:
                await renewed.wait()
            await super().write(entries, timeout_s)

    store = Waiting(lambda: 0.0)

    assert await load_features(store, contents(), lock_s=0.03) == 1
    assert (await store.read([], [LOCK], WAIT)).strings == [None]
