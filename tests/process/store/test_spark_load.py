"""Loads by Spark: the version that is written without it, refusals, a load that is killed and goes on."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pyspark.sql import SparkSession
from redis import Redis

import pillion.features
from pillion.config import StoreSettings
from pillion.errors import InvalidInput, StoreLocked
from pillion.features import Catalog, Loaded, keys, read_catalog, read_user
from pillion.features.redis import open_store
from pillion.features.store_process import StoreProcess
from pillion.project import Project
from pillion.types import Id
from tests.support.store_servers import cluster, cluster_url, until

pytestmark = [pytest.mark.process, pytest.mark.spark]
WAIT = 10.0
PROJECT_FILE = """
segments = ["device"]

[users]
id = "who"
type = "{type}"

[inputs.age]
source = "user"
type = "integer"
range = [0, 100]

[inputs.rate]
source = "user"
type = "double"

[inputs.short]
source = "user"
type = "float"
column = "rate"

[inputs.member]
source = "user"
type = "boolean"

[inputs.since]
source = "user"
type = "date"

[inputs.beds]
source = "item"
type = "integer"

[inputs.device]
source = "online"
type = "string"

[items]
id = "what"
type = "{type}"
"""


def project(kind: str) -> Project:
    return Project.model_validate(tomllib.loads(PROJECT_FILE.format(type=kind)))


def tables(kind: str) -> dict[str, pd.DataFrame]:
    def as_id(number: int) -> Id:
        return f"n°{number}" if kind == "string" else number

    users = pd.DataFrame(
        {
            "who": [as_id(number * 7) for number in range(400)],
            "age": pd.array([None if number % 9 == 0 else number % 120 for number in range(400)], dtype="Int64"),
            "rate": [number / 10 for number in range(400)],
            "member": pd.array(
                [None if number % 5 == 0 else number % 2 == 0 for number in range(400)], dtype="boolean"
            ),
            "since": [None if number % 3 == 0 else pd.Timestamp("2020-02-29").date() for number in range(400)],
            "unused": "x",
        }
    )
    items = pd.DataFrame({"what": [as_id(number) for number in range(20)], "beds": range(20)})
    events = pd.DataFrame(
        {
            "who": [as_id(number % 311 * 7 + (number % 50 == 0)) for number in range(3000)],
            "what": [as_id(number * number % 29) for number in range(3000)],
            "device": [None if number % 4 == 0 else "tv" if number % 3 else "phone" for number in range(3000)],
        }
    )
    events.loc[17, "who"] = None
    if kind == "integer":
        events["who"] = events["who"].astype("Int64")
    return {"users": users, "items": items, "events": events}


@pytest.fixture
def url() -> Iterator[str]:
    with StoreProcess() as process:
        yield process.url


async def whole(url: str, users: list[Id]) -> tuple[Catalog, list[Any]]:
    """What a version says of some users."""
    async with open_store(StoreSettings(url=url)) as store:
        catalog = await read_catalog(store, WAIT)
        sides = [await read_user(store, catalog, user, [], WAIT) for user in users]
        return catalog, [(repr(side.features), catalog.numbers.ids(side.seen)) for side in sides]


def folders(frames: dict[str, pd.DataFrame], folder: Path) -> dict[str, Any]:
    for name, frame in frames.items():
        (folder / name).mkdir(exist_ok=True)
        frame.to_parquet(folder / name / "part.parquet")
    return {name: folder / name for name in frames}


@pytest.mark.parametrize("kind", ["integer", "string"])
def test_spark_writes_the_version_that_is_written_without_it(
    spark: SparkSession, url: str, tmp_path: Path, kind: str
) -> None:
    paths = folders(tables(kind), tmp_path)
    ids = [*tables(kind)["users"]["who"].tolist(), *tables(kind)["events"]["who"].dropna().tolist()]
    alone = pillion.features.load(**paths, project=project(kind), store=url)
    catalog, expected = asyncio.run(whole(url, ids))

    by_spark = pillion.features.load(**paths, project=project(kind), store=url, session=spark)
    again, found = asyncio.run(whole(url, ids))

    assert found == expected
    assert again.version == catalog.version + 1
    for mine, others in ((again.raw.meta, catalog.raw.meta),):
        assert {**json.loads(mine), "created": 0} == {**json.loads(others), "created": 0}
    assert (again.raw.ids, again.raw.names, again.raw.records) == (
        catalog.raw.ids,
        catalog.raw.names,
        catalog.raw.records,
    )
    assert again.raw.popularity == catalog.raw.popularity
    counts = ("users", "items", "events", "seen", "segments", "missing")
    assert [getattr(by_spark, name) for name in counts] == [getattr(alone, name) for name in counts]
    with Redis.from_url(url) as client:
        mine, others = (client.get(keys.buckets(each.version)) for each in (again, catalog))
        assert mine == others
        kept = {client.object("encoding", key) for key in client.scan_iter(f"u{again.version}:*")}
        assert kept == {b"listpack"}
    for sentence in (
        "lack a user or an item",
        "the table of items lacks",
        "the table of users lacks",
        "outside 0 to 100",
    ):
        assert any(sentence in each for each in by_spark.odd), by_spark.odd
        assert any(sentence in each for each in alone.odd)


def change(column: str, row: int, value: Any) -> dict[str, pd.DataFrame]:
    frames = tables("integer")
    users = frames["users"].copy()
    users[column] = users[column].astype(object)
    users.loc[row, column] = value
    return {**frames, "users": users.infer_objects()}


@pytest.mark.parametrize(
    ("frames", "complaint"),
    [
        (lambda: change("who", 3, 0), "the id 0 is there twice in the table of users"),
        (lambda: change("who", 3, -7), "'who' has -7"),
        (lambda: change("age", 3, 1 << 62).pop("users").astype({"age": str}), "not a whole number"),
        (lambda: {"users": tables("integer")["users"].iloc[:0]}, "the table of users has no rows"),
        (lambda: {"users": tables("integer")["users"].drop(columns="rate")}, "lacks the column 'rate'"),
        (lambda: {"users": tables("string")["users"]}, "the ids are of Spark's type string"),
        (
            lambda: {"events": tables("integer")["events"].assign(what=-1)},
            "the table of events, column 'what': the id -1 is negative",
        ),
    ],
)
def test_what_is_refused_is_named_and_the_version_before_stays(
    spark: SparkSession, url: str, tmp_path: Path, frames: Any, complaint: str
) -> None:
    good = folders(tables("integer"), tmp_path)
    pillion.features.load(**good, project=project("integer"), store=url, session=spark)
    changed = frames()
    changed = {"users": changed} if isinstance(changed, pd.DataFrame) else changed
    bad = folders({**tables("integer"), **changed}, tmp_path)

    with pytest.raises(InvalidInput, match=complaint):
        pillion.features.load(**bad, project=project("integer"), store=url, session=spark)

    assert asyncio.run(whole(url, []))[0].version == 1


def test_of_a_file_that_spark_cannot_read_a_sentence_says_what_to_do(
    spark: SparkSession, url: str, tmp_path: Path
) -> None:
    good = folders(tables("integer"), tmp_path)
    people = tables("integer")["users"].assign(since="2024-03-01").astype({"since": "datetime64[ns]"})
    people.to_parquet(tmp_path / "people.parquet")

    with pytest.raises(InvalidInput, match=r"Spark can't read .*people\.parquet: it has times in nanoseconds"):
        pillion.features.load(
            **{**good, "users": tmp_path / "people.parquet"}, project=project("integer"), store=url, session=spark
        )


def test_a_frame_of_spark_is_written_by_its_executors(spark: SparkSession, url: str) -> None:
    frames = tables("string")
    users = spark.createDataFrame(frames["users"])
    told: list[str] = []

    loaded = pillion.features.load(
        users=users, items=frames["items"], events=frames["events"], project=project("string"), store=url,
        session=spark, progress=lambda what, done, total: told.append(what),
    )  # fmt: skip

    assert isinstance(loaded, Loaded)
    taken = frames["events"].dropna(subset="who").merge(frames["items"], on="what")
    assert (loaded.users, loaded.seen) == (400, taken["who"].nunique())
    assert {"rows of users read", "users written", "users' seen items written", "items written"} <= set(told)


def test_spark_writes_into_a_cluster(spark: SparkSession, tmp_path: Path) -> None:
    paths = folders(tables("string"), tmp_path)
    with cluster() as nodes:
        pillion.features.load(**paths, project=project("string"), store=cluster_url(nodes), session=spark)
        _, ((features, seen),) = asyncio.run(whole(cluster_url(nodes), ["n°7"]))

    assert "'rate': 0.1" in features
    assert seen


@pytest.mark.timeout(900)
def test_a_load_that_is_killed_leaves_the_version_before_and_goes_on(tmp_path: Path, url: str) -> None:
    frames = tables("integer")
    paths = folders(frames, tmp_path)
    first = pillion.features.load(**paths, project=project("integer"), store=url)
    many = pd.concat([frames["users"].assign(who=frames["users"]["who"] + at * 3000) for at in range(400)])
    many.to_parquet(paths["users"] / "part.parquet")
    (tmp_path / "pillion.toml").write_text(PROJECT_FILE.format(type="integer"))
    command = [str(Path(sys.executable).with_name("pillion")), "features", "load", "--spark", "--json", "--store", url]
    command += ["--cores", "1", "--config", str(tmp_path / "pillion.toml")]
    command += [word for name, path in paths.items() for word in (f"--{name}", str(path))]
    environment = {**os.environ, "PILLION_STORE_LOCK_S": "600"}
    with Redis.from_url(url) as client:
        loader = subprocess.Popen([*command, "--rate", "4000"], start_new_session=True, env=environment)
        try:
            until(lambda: client.hlen(keys.parts(2)) > 0, "the first part", seconds=300)
        finally:
            os.killpg(loader.pid, signal.SIGKILL)
            loader.wait()
        catalog, ((features, _),) = asyncio.run(whole(url, [7]))
        with pytest.raises(StoreLocked):
            pillion.features.load(**paths, project=project("integer"), store=url)
        assert client.ttl(keys.lock("features")) > 0
        client.delete(keys.lock("features"))  # as it ends by itself
        done = client.hgetall(keys.parts(2))
        open_part = next(each for at in range(4) if (each := f"users/4/{at}".encode()) not in done)
        client.hset(keys.parts(2), open_part, 1)  # as a worker notes it that lost its JVM
        client.config_resetstat()
        went_on = subprocess.run(command, capture_output=True, text=True, timeout=500)
        calls = client.info("commandstats")["cmdstat_hset"]["calls"]
        buckets = len(client.get(keys.buckets(2))) // keys.BUCKET_WIDTH
    again, found = asyncio.run(whole(url, many["who"].tolist()[::1000]))

    assert (first.version, catalog.version) == (1, 1)
    assert "'rate': 0.1" in features
    assert sum(map(int, done.values())) > 0
    assert went_on.returncode == 0, went_on.stderr
    assert (again.version, json.loads(went_on.stdout)["users"]) == (2, len(many))
    assert calls < buckets  # what was written before is not written again
    assert all("'rate'" in each for each, _ in found)
