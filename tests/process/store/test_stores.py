"""The same checks of the in-memory store and of Valkey, alone and as a cluster."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import uvloop
from redis.asyncio import Redis

from pillion.config import StoreSettings
from pillion.errors import ConfigurationError, StoreError, StoreUnreachable
from pillion.features import MemoryStore, Store
from pillion.features.redis import RedisStore
from pillion.features.store import HashEntry, StringEntry
from pillion.features.store_process import StoreProcess

pytestmark = pytest.mark.process
WAIT = 5.0


@pytest.fixture(scope="module")
def valkey() -> Iterator[StoreProcess]:
    with StoreProcess() as process:
        yield process


@pytest.fixture(scope="module")
def cluster() -> Iterator[tuple[str, str]]:
    config = {"cluster-enabled": "yes", "cluster-require-full-coverage": "no"}
    with StoreProcess(config=config) as one, StoreProcess(config=config) as other:
        asyncio.run(join(one.url, other.url))
        yield one.url, other.url


@pytest.fixture(scope="module")
def cluster_url(cluster: tuple[str, str]) -> str:
    return clustered(cluster[0])


def clustered(url: str) -> str:
    return url.replace("redis://", "redis+cluster://")


async def join(one_url: str, other_url: str) -> None:
    nodes: list[Any] = [Redis.from_url(url) for url in (one_url, other_url)]
    one, other = nodes
    await one.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 8191)
    await other.execute_command("CLUSTER", "ADDSLOTSRANGE", 8192, 16383)
    await one.execute_command("CLUSTER", "MEET", "127.0.0.1", other_url.split(":")[-1].split("/")[0])
    for node in nodes:
        async with asyncio.timeout(30):
            await until_whole(node)
        await node.aclose()


async def until_whole(node: Any) -> None:
    state = b""
    while b"cluster_slots_assigned:16384" not in state or b"state:ok" not in state:
        await asyncio.sleep(0.05)
        state = await info(node)


async def info(node: Any) -> bytes:
    reply = await node.execute_command("CLUSTER", "INFO")
    return reply if isinstance(reply, bytes) else "\n".join(f"{k}:{v}" for k, v in reply.items()).encode()


@pytest.fixture(params=["memory", "valkey", "cluster"])
async def store(request: pytest.FixtureRequest, valkey: StoreProcess, cluster_url: str) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    store = RedisStore(StoreSettings(url=cluster_url if request.param == "cluster" else valkey.url))
    await store._client.flushall()
    yield store
    await store.close()


async def test_one_trip_brings_fields_and_strings_in_order(store: Store) -> None:
    await store.write(
        [
            HashEntry("u1:{3}", {0: b"zero", 31: b"last"}),
            StringEntry("i1:{1}:1", b"one"),
            StringEntry("i1:{2}:2", b"two"),
            StringEntry("i1:{1}:65", b"more"),
        ],
        WAIT,
    )

    found = await store.read(
        [("u1:{3}", 31), ("u1:{3}", 7), ("u1:{9}", 0)], ["i1:{2}:2", "i1:{1}:1", "absent", "i1:{1}:65"], WAIT
    )

    assert found.fields == [b"last", None, None]
    assert found.strings == [b"two", b"one", None, b"more"]


async def test_nothing_asked_for_is_nothing_found(store: Store) -> None:
    found = await store.read([], [], WAIT)

    assert (found.fields, found.strings) == ([], [])


async def test_writing_a_hash_again_keeps_its_other_fields(store: Store) -> None:
    await store.write([HashEntry("u1:{1}", {1: b"a", 2: b"b"})], WAIT)
    await store.write([HashEntry("u1:{1}", {2: b"c"})], WAIT)

    assert (await store.read([("u1:{1}", 1), ("u1:{1}", 2)], [], WAIT)).fields == [b"a", b"c"]


async def test_a_field_is_replaced_where_it_still_has_the_old_value(store: Store) -> None:
    first = [await store.replace_field("s1:{1}", 4, old, b"a", WAIT, 100.0) for old in (b"", b"x", None)]
    second = [await store.replace_field("s1:{1}", 4, old, b"b", WAIT) for old in (None, b"", b"a", b"a")]

    assert (first, second) == ([False, False, True], [False, False, True, False])
    assert (await store.read([("s1:{1}", 4)], [], WAIT)).fields == [b"b"]


async def test_a_counter_counts(store: Store) -> None:
    assert [await store.increment("versions", WAIT) for _ in range(3)] == [1, 2, 3]
    assert await store.increment("versions", WAIT, 40) == 43


async def test_ping_answers(store: Store) -> None:
    await store.ping(WAIT)


async def test_entries_expire(valkey: StoreProcess) -> None:
    store = RedisStore(StoreSettings(url=valkey.url))
    await store.write([StringEntry("s", b"x", 100.0), HashEntry("h", {1: b"x"}, 100.0), StringEntry("t", b"x")], WAIT)

    assert 0 < await store._client.ttl("s") <= 100
    assert 0 < await store._client.ttl("h") <= 100
    assert await store._client.ttl("t") == -1
    await store.expire(["t", "absent"], 50.0, WAIT)
    assert 0 < await store._client.ttl("t") <= 50
    await store.close()


async def test_entries_in_memory_expire() -> None:
    now = [0.0]
    store = MemoryStore(lambda: now[0])
    await store.write([StringEntry("s", b"x", 10.0), StringEntry("t", b"x")], WAIT)
    await store.expire(["t"], 20.0, WAIT)

    now[0] = 15.0
    assert (await store.read([], ["s", "t"], WAIT)).strings == [None, b"x"]
    now[0] = 25.0
    assert (await store.read([], ["s", "t"], WAIT)).strings == [None, None]


async def test_a_slot_that_moved_is_found_on_its_new_node(cluster: tuple[str, str]) -> None:
    store = RedisStore(StoreSettings(url=clustered(cluster[0])))
    await store.read([("u1:{moving}", 1)], [], WAIT)
    nodes: list[Any] = [Redis.from_url(url) for url in cluster]
    slot = int(await nodes[0].execute_command("CLUSTER", "KEYSLOT", "{moving}"))
    other = nodes[slot < 8192]
    identity = await other.execute_command("CLUSTER", "MYID")
    for node in (other, nodes[slot >= 8192]):
        await node.execute_command("CLUSTER", "SETSLOT", slot, "NODE", identity)

    await store.write([HashEntry("u1:{moving}", {1: b"found"})], WAIT)

    assert (await store.read([("u1:{moving}", 1)], ["i1:{moving}:1"], WAIT)).fields == [b"found"]
    await store.close()
    for node in nodes:
        await node.aclose()


async def test_a_refused_port_is_unreachable_and_no_more() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"redis://127.0.0.1:{probe.getsockname()[1]}/0"
    store = RedisStore(StoreSettings(url=url))

    with pytest.raises(StoreUnreachable) as caught:
        await store.ping(WAIT)

    assert caught.value.retryable
    await store.close()


async def test_a_cluster_that_is_not_there_is_unreachable() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"redis://127.0.0.1:{probe.getsockname()[1]}/0"
    store = RedisStore(StoreSettings(url=clustered(url)))

    with pytest.raises(StoreUnreachable):
        await store.read([("u1:{1}", 1)], [], WAIT)

    await store.close()


async def test_a_black_hole_times_out() -> None:
    async with await asyncio.start_server(lambda r, w: asyncio.sleep(60), "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        store = RedisStore(StoreSettings(url=f"redis://127.0.0.1:{port}/0"))

        with pytest.raises(TimeoutError):
            await store.read([], ["a"], 0.05)

        await store.close()


def test_a_connection_that_was_reset_is_unreachable_on_uvloop_too() -> None:
    async def read_after_reset() -> None:
        writers = []

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writers.append(writer)
            while data := await reader.read(1000):
                writer.write(b"+OK\r\n" * data.count(b"*"))

        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            store = RedisStore(StoreSettings(url=f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"))
            await store.ping(WAIT)
            connection = writers[0].get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writers[0].transport.abort()
            await asyncio.sleep(0.2)

            with pytest.raises(StoreUnreachable):
                await store.read([], ["a"], WAIT)

            await store.close()

    uvloop.run(read_after_reset())


@pytest.mark.parametrize("reply", [b"-LOADING busy\r\n", b"-OOM no memory\r\n", b"garbage\r\n", b":x\r\n", b"*9"])
async def test_nonsense_and_refusals_are_store_errors(reply: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            writer.write(reply * 8)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        store = RedisStore(StoreSettings(url=f"redis://127.0.0.1:{port}/0"))

        with pytest.raises((StoreError, TimeoutError)):
            await store.read([], ["a"], 0.5)

        await store.close()


async def test_a_reply_that_comes_late_is_never_another_calls(valkey: StoreProcess) -> None:
    store = RedisStore(StoreSettings(url=valkey.url, max_connections=4))
    await store.write([StringEntry(f"mine:{n}", str(n).encode()) for n in range(50)], WAIT)
    wrong = []

    async def ask(number: int) -> None:
        task = asyncio.create_task(store.read([], [f"mine:{number % 50}"], WAIT))
        if number % 3 == 0:
            for _ in range(number % 7):
                await asyncio.sleep(0)
            task.cancel()
        try:
            (value,) = (await task).strings
        except asyncio.CancelledError:
            return
        if value != str(number % 50).encode():
            wrong.append((number, value))

    for start in range(0, 3000, 4):
        await asyncio.gather(*(ask(number) for number in range(start, start + 4)))

    assert wrong == []
    await store.close()


@pytest.mark.parametrize("url", ["http://localhost", "redis://host:port", "nonsense"])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="URL"):
        RedisStore(StoreSettings(url=url))


async def test_a_wrong_password_is_a_refusal_that_does_not_show_it(valkey: StoreProcess) -> None:
    store = RedisStore(StoreSettings(url=valkey.url.replace("redis://", "redis://me:hunter2@")))

    with pytest.raises(StoreError) as caught:
        await store.ping(WAIT)

    assert "hunter2" not in str(caught.value)
    assert not caught.value.retryable
    await store.close()


def test_a_port_in_use_stops_the_embedded_store_with_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(ConfigurationError, match=f"port {port}.*in use"):
            StoreProcess(port).start()


def test_the_embedded_store_leaves_nothing_behind() -> None:
    process = StoreProcess()
    process.start()
    folder = process._server.data_dir
    pid = process.pid
    process.stop()

    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        __import__("os").kill(pid, 0)
    process.stop()
