"""The memory that a plan predicts, beside what servers say they use for a million users."""

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pillion.batch import Workload, plan
from pillion.batch.measure import measure_store
from pillion.config import StoreSettings
from pillion.features import keys
from pillion.features.redis import RedisStore
from pillion.features.store_process import StoreProcess

_USERS = 1_000_000
_CONFIG = ["--save", "", "--hash-max-listpack-value", "4096", "--bind", "127.0.0.1"]


@pytest.fixture
def valkey() -> Iterator[str]:
    process = StoreProcess()
    try:
        yield process.start()
    finally:
        process.stop()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    if shutil.which("redis-server") is None:
        pytest.skip("there is no redis-server: Debian's package has one")
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        ["redis-server", "--port", str(port), "--dir", str(tmp_path), *_CONFIG], stdout=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + 20
        while True:
            with closing(socket.socket()) as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert time.monotonic() < end, "redis-server does not listen"
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("server", ["valkey", "redis"])
def test_a_plan_predicts_the_memory_of_a_million_answers(server: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(server)
    told: list[tuple[str, int, int]] = []

    async def measure() -> tuple[float, float]:
        store = RedisStore(StoreSettings(url=url))
        try:
            size, rate = await measure_store(store, _USERS, 50_000, 30, 30.0, lambda *each: told.append(each))
            for _ in range(100):  # what was measured goes within seconds
                if (await store.read([(keys.batch_answers(0, 1, 0), 0)], [], 5.0)).fields[0] is None:
                    return size, rate
                await asyncio.sleep(0.1)
            raise AssertionError("what was measured is still there")
        finally:
            await store.close()

    size, rate = asyncio.run(measure())

    predicted = plan(Workload(users=_USERS, items=50_000, server=server)).figure("an answer")
    assert predicted == pytest.approx(size, rel=0.05)
    assert rate > 0
    assert told[-1] == ("users written", _USERS, _USERS)
