"""What a run is refused for, and what it leaves where it ends early: the answers before, in use."""

import asyncio
import json
import os
import shutil
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from redis import Redis

from pillion.batch.job import LOCK
from pillion.config import StoreSettings
from pillion.errors import InvalidInput, NotReproduced, StoreError, StoreLocked, StoreUnreachable
from pillion.features import Contents, FeatureTable, keys, load_features, read_contents
from pillion.features.redis import open_store
from pillion.features.store_process import StoreProcess
from tests.support import batch_run
from tools.checkout import ROOT

pytestmark = [pytest.mark.process, pytest.mark.spark, pytest.mark.timeout(300)]
_LOCK_S = 6.0


@pytest.fixture(scope="module")
def filled() -> Iterator[StoreProcess]:
    """A store with the demo's features, for tests that leave them as they are."""
    with StoreProcess() as process:
        batch_run.fill(process.url)
        yield process


@pytest.fixture
def url(filled: StoreProcess, spark: SparkSession) -> str:
    """The same, with answers computed ahead."""
    batch_run.run(spark, filled.url, batch_run.request(k=5))
    return filled.url


def test_a_second_run_is_refused_while_the_first_is_under_way(spark: SparkSession, url: str) -> None:
    before = batch_run.answers(url)

    def second(*told: object) -> None:
        with pytest.raises(StoreLocked, match=rf"process {os.getpid()} on .* holds the lock of batch in this store"):
            batch_run.run(spark, url)

    run = batch_run.run(spark, url, check=second)

    assert batch_run.answers(url) != before
    assert batch_run.run(spark, url).run == run.run + 1  # the lock was given back


def test_a_lock_that_was_lost_ends_the_run(spark: SparkSession, url: str) -> None:
    before = batch_run.answers(url)

    with pytest.raises(StoreError, match="the lock of batch was lost"):
        batch_run.run(spark, url, check=lambda *told: _client(url).set(keys.lock(LOCK), "somebody:1:x"))

    _client(url).delete(keys.lock(LOCK))
    assert batch_run.answers(url) == before


_KILLED = """
import os, signal
from pillion.export.session import create_session
from tests.support import batch_run

def kill(*told):
    os.kill(os.getpid(), signal.SIGKILL)

batch_run.run(create_session(cores="1"), "{url}", lock_s={lock_s}, {when}=kill)
"""


@pytest.mark.parametrize("when", ["progress", "check"])
def test_a_run_that_is_killed_leaves_the_answers_before_and_a_lock_that_expires(
    spark: SparkSession, url: str, when: str
) -> None:
    before = batch_run.answers(url)
    script = _KILLED.format(url=url, lock_s=_LOCK_S, when=when)

    killed = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=False)

    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert batch_run.answers(url) == before
    client = _client(url)
    while client.exists(keys.lock(LOCK)):
        time.sleep(0.05)
    assert batch_run.run(spark, url, batch_run.request(k=7)).users > 0
    assert batch_run.answers(url) != before


def test_more_items_than_there_are_is_refused(spark: SparkSession, url: str) -> None:
    with pytest.raises(InvalidInput, match=r"an answer is to have 9067 items, but feature version \d+ has 9066"):
        batch_run.run(spark, url, batch_run.request(k=9067))
    with pytest.raises(InvalidInput, match="an answer is to have 31 items, but the model 'titles30' ranks 30"):
        batch_run.run(spark, url, batch_run.request("titles30", k=31))


def test_a_version_that_is_cleared_for_no_engine_is_not_run(spark: SparkSession, url: str, tmp_path: Path) -> None:
    shutil.copytree(batch_run.MODELS / "ranker", tmp_path / "ranker")
    (file,) = tmp_path.glob("ranker/*/manifest.json")
    file.write_text(json.dumps({**json.loads(file.read_text()), "engine": "none"}))

    with pytest.raises(NotReproduced, match="is cleared for no engine"):
        batch_run.run(spark, url, models=tmp_path)


def test_a_version_without_users_is_refused(spark: SparkSession) -> None:
    contents = read_contents(batch_run.CONTENTS)
    kinds = dict(contents.users.schema().fields)
    nobody = FeatureTable([], {name: [] for name in kinds}, kinds=kinds)
    empty = Contents(nobody, contents.items, contents.popularity)

    async def fill(url: str) -> None:
        async with open_store(StoreSettings(url=url)) as store:
            await load_features(store, empty)

    with StoreProcess() as process:
        asyncio.run(fill(process.url))
        with pytest.raises(InvalidInput, match="feature version 1 has no users with features: load a table of users"):
            batch_run.run(spark, process.url)


def test_a_full_store_is_told_and_keeps_the_answers_before(spark: SparkSession, url: str) -> None:
    before, client = batch_run.answers(url), _client(url)
    used = int(client.info("memory")["used_memory"])
    client.config_set("maxmemory", used + 20_000)  # answers take more
    try:
        with pytest.raises(StoreError, match="is full: give it more memory"):
            batch_run.run(spark, url, batch_run.request(anew=True))
    finally:
        client.config_set("maxmemory", 0)
    assert batch_run.answers(url) == before


def test_a_store_that_is_read_only_is_told(spark: SparkSession, url: str) -> None:
    before, client = batch_run.answers(url), _client(url)

    def turn(*told: object) -> None:
        client.replicaof("127.0.0.1", "1")

    try:
        with pytest.raises(StoreError, match="is read only: name its master"):
            batch_run.run(spark, url, batch_run.request(k=6), check=turn)
    finally:
        client.replicaof("NO", "ONE")
        client.delete(keys.lock(LOCK))  # which could not be given back
    assert batch_run.answers(url) == before


class _Loading(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while line := self.rfile.readline():
            if line.startswith(b"*"):
                self.wfile.write(b"-LOADING Redis is loading the dataset in memory\r\n")


def test_a_store_that_is_loading_is_told(spark: SparkSession) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Loading) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            with pytest.raises(StoreError, match="loading the dataset in memory"):
                batch_run.run(spark, f"redis://127.0.0.1:{server.server_address[1]}/0")
        finally:
            server.shutdown()


def test_a_store_that_dies_in_the_middle_is_told(spark: SparkSession) -> None:
    process = StoreProcess()
    try:
        url = process.start()
        batch_run.fill(url)
        with pytest.raises(StoreUnreachable, match=r"does not answer|cannot be reached"):
            batch_run.run(spark, url, check=lambda *told: os.kill(process.pid, signal.SIGKILL))
    finally:
        process.stop()


def test_features_that_change_meanwhile_are_told(spark: SparkSession) -> None:
    with StoreProcess() as process:
        batch_run.fill(process.url)
        batch_run.run(spark, process.url)
        before, client = batch_run.answers(process.url), _client(process.url)
        meta = client.get(keys.meta(1))
        assert isinstance(meta, bytes)

        with pytest.raises(StoreError, match="feature version 1 was changed while its users were scored"):
            batch_run.run(
                spark, process.url, batch_run.request(k=6),
                check=lambda *told: client.set(keys.meta(1), meta.replace(b'"f64"', b'"f32"', 1)),
            )  # fmt: skip
        client.set(keys.meta(1), meta)
        assert batch_run.answers(process.url) == before

        with pytest.raises(StoreError, match="feature version 1 is no longer the active one"):
            batch_run.run(spark, process.url, batch_run.request(k=6), check=lambda *told: batch_run.fill(process.url))


def _client(url: str) -> Any:
    return Redis.from_url(url)
