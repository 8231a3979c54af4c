"""What the online store costs: reads by server, memory of a user, Spark's writing into it: `make bench-features`."""

import argparse
import asyncio
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from redis import Redis

from pillion.config import StoreSettings
from pillion.export.session import create_session
from pillion.features import Contents, FeatureTable, keys, load_batch_answers, load_features, read_catalog, read_user
from pillion.features.record_codec import Kind
from pillion.features.redis import RedisStore, open_store
from pillion.features.spark_users import SparkUsers
from pillion.features.store_process import StoreProcess
from pillion.project import ValueType
from pillion.types import Id
from tests.support.store_servers import cluster, cluster_url, port_of, redis_server

_FEATURES = 20
_ITEMS = 1_000
_TOP = 30
_WAIT_S = 60.0
_DAY_S = 86_400.0


def _contents(users: int, items: int) -> Contents:
    random = np.random.default_rng(1)

    def table(rows: int) -> FeatureTable:
        return FeatureTable(list(range(rows)), {f"x{at}": random.random(rows).tolist() for at in range(_FEATURES)})

    return Contents(table(users), table(items), {keys.GLOBAL: [(item, 1) for item in range(items)]})


def _percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    p50, p99 = np.percentile(np.array(seconds) * 1e3, [50, 99])
    return float(p50), float(p99)


async def _reads(url: str, seconds: float) -> list[tuple[int, float, float]]:
    """Items, and p50 and p99 in ms of a trip with a user and so many items, decoded."""
    rows = []
    async with open_store(StoreSettings(url=url)) as store:
        await load_features(store, _contents(1_000, _ITEMS))
        catalog = await read_catalog(store, _WAIT_S)
        random = np.random.default_rng(2)
        for count in (0, 10, 100, 1_000):
            taken: list[float] = []
            end = time.perf_counter() + seconds
            while (started := time.perf_counter()) < end:
                items = random.permutation(_ITEMS)[:count].tolist()
                started = time.perf_counter()
                await read_user(store, catalog, int(started * 1e6) % 1_000, items, _WAIT_S)
                taken.append(time.perf_counter() - started)
            rows.append((count, *_percentiles(taken)))
    return rows


@contextmanager
def _servers() -> Iterator[dict[str, str]]:
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="pillion-") as folder:
        found = {"Valkey": stack.enter_context(StoreProcess()).url}
        if shutil.which("redis-server") is not None:
            socket = Path(folder) / "socket"
            port = stack.enter_context(redis_server("--unixsocket", str(socket)))
            found |= {"Debian's Redis": f"redis://127.0.0.1:{port}/0", "the same by Unix socket": f"unix://{socket}"}
        found["a cluster of six Valkeys"] = cluster_url(stack.enter_context(cluster()))
        yield found


@contextmanager
def _valkey() -> Iterator[int]:
    with StoreProcess() as process:
        yield port_of(process.url)


async def _memory(url: str, users: int) -> list[tuple[str, float, str]]:
    """What a user takes in bytes, and how the server keeps it."""
    async with open_store(StoreSettings(url=url)) as store:
        return await _memory_of(store, users)


async def _memory_of(store: RedisStore, users: int) -> list[tuple[str, float, str]]:
    rows = []
    before = await store.used_memory(_WAIT_S)
    version = await load_features(store, _contents(users, 100), ttl_s=_DAY_S)
    grown = await store.used_memory(_WAIT_S) - before
    kept = await store.encoding(keys.users(version, 0), _WAIT_S)
    rows.append((f"{_FEATURES} doubles", grown / users, str(kept)))
    random = np.random.default_rng(3)
    answers: dict[Id, list[Id]] = {user: random.permutation(100)[:_TOP].tolist() for user in range(users)}
    before = await store.used_memory(_WAIT_S)
    await load_batch_answers(store, version, answers, model="x", model_version=1, ttl_s=_DAY_S)
    grown = await store.used_memory(_WAIT_S) - before
    kept = await store.encoding(keys.batch_answers(version, 1, 0), _WAIT_S)
    rows.append((f"{_TOP} items", grown / users, str(kept)))
    return rows


def _writes(url: str, users: int, cores: str) -> list[tuple[str, float]]:
    """Users that Spark writes a second: into an empty store, and beside the version that is there."""
    session = create_session(cores=cores)
    rows = []
    try:
        columns = [f"rand({at}) AS x{at}" for at in range(_FEATURES)]
        table = session.range(0, users, 1, 4).selectExpr("id", *columns)
        with tempfile.TemporaryDirectory(prefix="pillion-") as folder:
            table.write.parquet(f"{folder}/users")
            table = session.read.parquet(f"{folder}/users")
            types: list[tuple[str, ValueType]] = [(f"x{at}", "double") for at in range(_FEATURES)]
            settings = StoreSettings(url=url)
            for what in ("to warm up", "empty", "full", "full again"):
                if what == "empty":
                    with Redis.from_url(url) as client:
                        client.flushall()
                writer = SparkUsers(settings, table, "id", types, None, "integer", users, 0, users, None)
                rate = asyncio.run(_written(settings, writer))
                if what != "to warm up":
                    rows.append((what, rate))
    finally:
        session.stop()
    return rows


async def _written(settings: StoreSettings, writer: SparkUsers) -> float:
    seconds = [0.0]

    def note(what: str, done: int, total: int) -> None:
        if what == "users":
            seconds.append(time.perf_counter())

    async with open_store(settings) as store:
        kinds: dict[str, Kind] = {f"x{at}": "f64" for at in range(_FEATURES)}
        table = FeatureTable([], {name: [] for name in kinds}, kinds=kinds)
        contents = Contents(table, FeatureTable([1], {}), {keys.GLOBAL: [(1, 1)]})
        await load_features(store, contents, users=writer, ttl_s=_DAY_S, progress=note)
    return writer.user_rows / (seconds[-1] - seconds[1])


def main() -> None:
    """Prints a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="for each read that is timed")
    parser.add_argument("--users", type=int, default=1_000_000, help="that Spark writes, and whose memory is measured")
    parser.add_argument("--cores", default="2", help="threads of Spark")
    given = parser.parse_args()
    with _servers() as servers:
        for name, url in servers.items():
            for count, p50, p99 in asyncio.run(_reads(url, given.seconds)):
                print(f"{name}: a user and {count:,} items, p50 {p50:.2f} ms, p99 {p99:.2f} ms", flush=True)
    for name, server in (("Valkey", _valkey()), ("Debian's Redis", redis_server())):
        with server as port:
            url = f"redis://127.0.0.1:{port}/0"
            for what, size, kept in asyncio.run(_memory(url, given.users // 10)):
                print(f"{name}: {what} of a user take {size:.0f} bytes, as {kept}", flush=True)
    with _valkey() as port:
        for state, rate in _writes(f"redis://127.0.0.1:{port}/0", given.users, given.cores):
            print(f"Spark with {given.cores} threads writes {rate:,.0f} users a second, {state}", flush=True)


if __name__ == "__main__":
    main()
