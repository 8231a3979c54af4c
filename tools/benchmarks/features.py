"""What the online store costs: reads, memory of a user, Spark's writing, pairs scored: `make bench-features`."""

import argparse
import asyncio
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from pyspark.sql import SparkSession
from redis import Redis

from pillion.batch.spark_rates import measure_in_spark
from pillion.config import SidecarSettings, StoreSettings
from pillion.export.session import create_session
from pillion.features import Contents, FeatureTable, keys, load_batch_answers, load_features, read_catalog, read_user
from pillion.features.record_codec import Kind
from pillion.features.redis import RedisStore, open_store
from pillion.features.spark_users import SparkUsers
from pillion.features.store_process import StoreProcess
from pillion.project import ValueType
from pillion.types import Id
from tests.support.store_servers import cluster, cluster_url, port_of, redis_server
from tools.benchmarks.features_page import Figures, Memory, Read, Write, page
from tools.benchmarks.loops import percentiles

_FEATURES = 20
_ITEMS = 1_000
_TOP = 30
_COUNTS = (10, 100, 1_000)
"""Items of a trip."""
_PAIRS_S = 5.0
_FEAST_USERS = 20_000
_RANKER = Path("pmml-models/ranker/1")
_WAIT_S = 60.0
_DAY_S = 86_400.0


def _contents(users: int, items: int) -> Contents:
    random = np.random.default_rng(1)

    def table(rows: int) -> FeatureTable:
        return FeatureTable(list(range(rows)), {f"x{at}": random.random(rows).tolist() for at in range(_FEATURES)})

    return Contents(table(users), table(items), {keys.GLOBAL: [(item, 1) for item in range(items)]})


async def _reads(server: str, url: str, seconds: float) -> list[Read]:
    """Times of a trip with a user and some items, decoded."""
    rows = []
    async with open_store(StoreSettings(url=url)) as store:
        await load_features(store, _contents(1_000, _ITEMS))
        catalog = await read_catalog(store, _WAIT_S)
        random = np.random.default_rng(2)
        for count in (0, *_COUNTS):
            taken: list[float] = []
            end = time.perf_counter() + seconds
            while (started := time.perf_counter()) < end:
                items = random.permutation(_ITEMS)[:count].tolist()
                started = time.perf_counter()
                await read_user(store, catalog, int(started * 1e6) % 1_000, items, _WAIT_S)
                taken.append(time.perf_counter() - started)
            found = percentiles(taken)
            rows.append(Read(server, count, found["p50_ms"], found["p99_ms"]))
    return rows


@contextmanager
def _servers() -> Iterator[dict[str, str]]:
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="pillion-") as folder:
        found = {"Valkey": stack.enter_context(StoreProcess()).url}
        if shutil.which("redis-server") is not None:
            socket = Path(folder) / "socket"
            port = stack.enter_context(redis_server("--unixsocket", str(socket)))
            found |= {
                "Debian's Redis": f"redis://127.0.0.1:{port}/0",
                "Debian's Redis by Unix socket": f"unix://{socket}",
            }
        found["a cluster of six Valkeys"] = cluster_url(stack.enter_context(cluster()))
        yield found


@contextmanager
def _valkey() -> Iterator[int]:
    with StoreProcess() as process:
        yield port_of(process.url)


async def _memory(server: str, url: str, users: int) -> list[Memory]:
    """What a user takes in bytes, and how the server keeps it."""
    async with open_store(StoreSettings(url=url)) as store:
        return await _memory_of(server, store, users)


async def _memory_of(server: str, store: RedisStore, users: int) -> list[Memory]:
    rows = []
    before = await store.used_memory(_WAIT_S)
    version = await load_features(store, _contents(users, 100), ttl_s=_DAY_S)
    grown = await store.used_memory(_WAIT_S) - before
    kept = await store.encoding(keys.users(version, 0), _WAIT_S)
    rows.append(Memory(server, f"{_FEATURES} doubles", grown / users, str(kept)))
    random = np.random.default_rng(3)
    answers: dict[Id, list[Id]] = {user: random.permutation(100)[:_TOP].tolist() for user in range(users)}
    before = await store.used_memory(_WAIT_S)
    await load_batch_answers(store, version, answers, model="x", model_version=1, ttl_s=_DAY_S)
    grown = await store.used_memory(_WAIT_S) - before
    kept = await store.encoding(keys.batch_answers(version, 1, 0), _WAIT_S)
    rows.append(Memory(server, f"{_TOP} items", grown / users, str(kept)))
    return rows


def _writes(session: SparkSession, url: str, users: int) -> list[Write]:
    """Users that Spark writes a second: into an empty store, and beside the versions that are there."""
    rows = []
    columns = [f"rand({at}) AS x{at}" for at in range(_FEATURES)]
    with tempfile.TemporaryDirectory(prefix="pillion-") as folder:
        session.range(0, users, 1, 4).selectExpr("id", *columns).write.parquet(f"{folder}/users")
        table = session.read.parquet(f"{folder}/users")
        types: list[tuple[str, ValueType]] = [(f"x{at}", "double") for at in range(_FEATURES)]
        settings = StoreSettings(url=url)
        for what in ("to warm up", "empty", "with one version in it", "with two versions in it"):
            if what == "empty":
                with Redis.from_url(url) as client:
                    client.flushall()
            writer = SparkUsers(settings, table, "id", types, None, "integer", users, 0, users, None)
            rate = asyncio.run(_written(settings, writer))
            if what != "to warm up":
                rows.append(Write(what, rate))
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


def _feast(python: Path | None, seconds: float) -> dict[str, Any] | str:
    """What Feast's own client makes of a Redis, or why that is not known."""
    if python is None:
        return "no Python that has it was named by --feast; `pip install feast[redis]` makes one"
    with redis_server() as port:
        command = [str(python), "tools/benchmarks/feast_process.py", str(port), "--rows", str(_FEAST_USERS)]
        command += ["--features", str(_FEATURES), "--seconds", str(seconds), "--counts", *map(str, _COUNTS)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        return f"Feast failed: {(ended.stderr.strip().splitlines() or ['it said nothing'])[-1]}"
    return dict(json.loads(ended.stdout))


def _measure(given: argparse.Namespace) -> Figures:
    figures = Figures(cores=given.cores, users=given.users)
    with _servers() as servers:
        for name, url in servers.items():
            figures.tell(figures.reads, asyncio.run(_reads(name, url, given.seconds)))
    for name, server in (("Valkey", _valkey()), ("Debian's Redis", redis_server())):
        with server as port:
            url = f"redis://127.0.0.1:{port}/0"
            figures.tell(figures.memory, asyncio.run(_memory(name, url, given.users // 2)))
    session = create_session(cores=given.cores)
    try:
        with _valkey() as port:
            figures.tell(figures.writes, _writes(session, f"redis://127.0.0.1:{port}/0", given.users))
        jar = SidecarSettings().jar.resolve()
        figures.pairs = measure_in_spark(session, _RANKER.resolve(), jar, _PAIRS_S, lambda *_: None)
    finally:
        session.stop()
    figures.feast = _feast(given.feast, given.seconds)
    return figures


def main() -> None:
    """Prints a line for each figure, and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="for each read that is timed")
    parser.add_argument("--users", type=int, default=1_000_000, help="that Spark writes; half of them are weighed")
    parser.add_argument("--cores", default="2", help="threads of Spark")
    parser.add_argument("--feast", type=Path, help="a Python that has Feast, which is not measured without")
    parser.add_argument("--page", type=Path, help="the page that is written")
    given = parser.parse_args()
    figures = _measure(given)
    print("\n".join(figures.rest()))
    if given.page is not None:
        given.page.write_text(page(figures), encoding="utf-8")


if __name__ == "__main__":
    main()
