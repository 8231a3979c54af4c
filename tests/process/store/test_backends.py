"""The servers that hold features: TLS and users' rights, a cluster and a watched master that lose a master in a run."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from pillion.config import StoreSettings
from pillion.errors import ConfigurationError, StoreError
from pillion.features import Catalog, read_catalog, read_user
from pillion.features.redis import RedisStore, open_store
from pillion.features.store_process import StoreProcess
from tests.support.fixture_dataset import BATCH, load_fixture_dataset
from tests.support.store_servers import cluster, cluster_url, port_of, redis_server, sentinels, until_copied
from tests.support.tls import Authority

pytestmark = pytest.mark.process
WAIT = 5.0
USER = "serves"
PASSWORD = "p@ss/word"


@contextlib.asynccontextmanager
async def opened(url: str, **settings: Any) -> AsyncIterator[RedisStore]:
    async with open_store(StoreSettings(url=url, **settings)) as store:
        yield store


async def loaded(store: RedisStore) -> Catalog:
    """The fixture dataset, written and read back."""
    await load_fixture_dataset(store)
    catalog = await read_catalog(store, WAIT)
    assert catalog is not None
    side = await read_user(store, catalog, 2, [5], WAIT)
    assert (side.features, side.seen.tolist(), side.batch.tolist()) == (
        {"user_rate": 0.2, "plan": "paid"},
        [10],
        BATCH[2],
    )
    return catalog


async def test_debians_redis_serves_over_tcp_and_a_unix_socket(tmp_path: Path) -> None:
    with redis_server("--unixsocket", str(tmp_path / "s")) as port:
        async with opened(f"redis://127.0.0.1:{port}/0") as store:
            version = (await loaded(store)).version
        async with opened(f"unix://{tmp_path}/s") as store:
            assert (await read_catalog(store, WAIT)).version == version


async def test_tls_is_spoken_to_a_server_that_the_authority_signed_and_to_no_other(tmp_path: Path) -> None:
    authority, stranger = Authority(tmp_path, "ours"), Authority(tmp_path, "strange")

    with redis_server(authority=authority) as port:
        async with opened(f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={authority.file}") as store:
            await loaded(store)
        async with opened(f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={stranger.file}") as store:
            with pytest.raises(StoreError, match="certificate verify failed"):
                await store.ping(WAIT)


async def test_a_user_with_the_rights_that_are_documented_can_load_and_read() -> None:
    rights = ["~*", "+@read", "+@write", "+@connection", "+@scripting", "+config|get", "+info"]
    with redis_server("--user", USER, "on", f">{PASSWORD}", *rights) as port:
        host = f"127.0.0.1:{port}/0"
        quoted = PASSWORD.replace("@", "%40").replace("/", "%2F")
        async with opened(f"redis://{USER}:{quoted}@{host}") as store:
            await loaded(store)
        async with opened(f"redis://{USER}:wrong@{host}") as store:
            with pytest.raises(StoreError, match=r"declined: .*(WRONGPASS|invalid username)"):
                await store.ping(WAIT)


async def test_a_user_that_may_only_read_serves_and_cannot_load() -> None:
    with redis_server("--user", USER, "on", ">secret", "~*", "+@read", "+@connection") as port:
        async with opened(f"redis://127.0.0.1:{port}/0") as store:
            await loaded(store)
        async with opened(f"redis://{USER}@127.0.0.1:{port}/0", password="secret") as store:
            catalog = await read_catalog(store, WAIT)
            assert (await read_user(store, catalog, 2, [], WAIT)).features == {"user_rate": 0.2, "plan": "paid"}
            with pytest.raises(StoreError, match="no permissions"):
                await load_fixture_dataset(store)
            assert (await read_catalog(store, WAIT)).version == catalog.version


@pytest.fixture(scope="module")
def nodes() -> Iterator[list[StoreProcess]]:
    with cluster() as nodes:
        yield nodes


async def test_a_cluster_answers_again_after_it_lost_a_master_in_a_run(nodes: list[StoreProcess]) -> None:
    async with opened(cluster_url(nodes)) as store:
        catalog = await loaded(store)
        for node in nodes[:3]:
            until_copied(node)
        expected = {user: repr((await read_user(store, catalog, user, [], WAIT)).features) for user in range(1, 41)}
        os.kill(nodes[0].pid, signal.SIGKILL)
        failed, whole = 0, 0
        async with asyncio.timeout(60):
            while whole < 3:
                good = True
                for user, features in expected.items():
                    try:
                        assert repr((await read_user(store, catalog, user, [user], 0.5)).features) == features
                    except (StoreError, TimeoutError):
                        failed, good = failed + 1, False
                whole = whole + 1 if good else 0
        assert failed  # a replica takes over after a while
        second = await load_fixture_dataset(store)
        assert (await read_catalog(store, WAIT)).version == second


async def test_a_cluster_that_lacks_a_shard_serves_the_others_and_is_not_loaded(nodes: list[StoreProcess]) -> None:
    async with opened(cluster_url(nodes)) as store:
        before = await loaded(store)
        for node in (nodes[1], nodes[4]):
            os.kill(node.pid, signal.SIGKILL)
        read = failed = 0
        async with asyncio.timeout(60):
            while not (read and failed):
                for user in range(1, 41):
                    try:
                        await read_user(store, before, user, [user], 0.5)
                        read += 1
                    except (StoreError, TimeoutError):
                        failed += 1
        with pytest.raises((StoreError, TimeoutError, ConfigurationError)):
            await load_fixture_dataset(store)
        with contextlib.suppress(StoreError, TimeoutError):
            assert (await read_catalog(store, WAIT)).version == before.version


async def test_what_sentinels_name_is_followed_when_its_master_dies() -> None:
    with sentinels() as (watching, master, replica):
        hosts = ",".join(f"127.0.0.1:{port}" for port in watching)
        async with opened(f"redis+sentinel://{hosts}/features/0") as store:
            catalog = await loaded(store)
            until_copied(master)
            os.kill(master.pid, signal.SIGKILL)
            failed = 0
            async with asyncio.timeout(60):
                while True:
                    try:
                        side = await read_user(store, catalog, 2, [], 0.5)
                        await store.increment("after", 0.5)  # a replica that is no master yet reads, and does not write
                        break
                    except (StoreError, TimeoutError):
                        failed += 1
                        await asyncio.sleep(0.05)
            assert side.features == {"user_rate": 0.2, "plan": "paid"}
            assert failed
            with Redis.from_url(replica.url) as client:
                assert client.get("after") == b"1"
            assert await load_fixture_dataset(store) == catalog.version + 1


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("redis+sentinel://127.0.0.1:26379", "name their service"),
        ("redis+cluster://,", "name hosts"),
        ("redis+ring://127.0.0.1:1", "no scheme 'redis\\+ring'"),
        ("unix+cluster:///s", "no scheme"),
        ("redis+cluster://:hunter2@host:port", "\\*\\*\\*"),
    ],
)
def test_a_url_that_names_no_store_is_refused_without_its_password(url: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        RedisStore(StoreSettings(url=url))

    assert "hunter2" not in str(caught.value)
    assert port_of("redis://127.0.0.1:7/0") == 7
