"""`pillion features load` and `check`, and `pillion.features.load` in a running event loop, over a real store."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession
from typer.testing import Result

import pillion.features
from pillion.config import StoreSettings
from pillion.errors import InvalidInput
from pillion.features import Catalog, read_catalog
from pillion.features.redis import RedisStore
from pillion.features.store_process import StoreProcess
from pillion.project import FILE, ValueType, read_project
from pillion.tabular.source import open_source
from tests.support import clinic
from tests.support.command import invoke

pytestmark = pytest.mark.process
PATIENTS = pd.DataFrame({"user_id": ["p 1", "p/2"], "age": [30.0, None]})
WARDS = pd.DataFrame({"item_id": ["a", "b"], "beds": [2, 4], "colour": ["red", "blue"]})
STAYS = pd.DataFrame(
    {
        "user_id": ["p 1", "p/2", "p/2"],
        "item_id": ["b", "b", "gone"],
        "urgency": [1, 5, 5],
        "insured": [True, None, True],
    }
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with StoreProcess() as process:
        yield process.url


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    clinic.write_models(tmp_path / "models")
    (tmp_path / FILE).write_text(clinic.PROJECT_FILE)
    PATIENTS.to_parquet(tmp_path / "u.parquet")
    WARDS.to_csv(tmp_path / "i.csv", index=False)
    STAYS.to_json(tmp_path / "e.jsonl", orient="records", lines=True)
    return tmp_path


def run(folder: Path, *arguments: str) -> Result:
    return invoke("features", *arguments, "--config", str(folder / FILE))


def load(folder: Path, url: str, *more: str) -> Result:
    tables = [
        "--users",
        str(folder / "u.parquet"),
        "--items",
        str(folder / "i.csv"),
        "--events",
        str(folder / "e.jsonl"),
    ]
    return run(folder, "load", *tables, "--store", url, *more)


def catalog_of(url: str) -> Catalog:
    async def read() -> Any:
        store = RedisStore(StoreSettings(url=url))
        try:
            return await read_catalog(store, 10.0)
        finally:
            await store.close()

    found: Catalog = asyncio.run(read())
    return found


def test_what_was_loaded_and_what_is_odd_is_told(folder: Path, url: str) -> None:
    done = load(folder, url)

    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0].endswith(
        "2 users, 2 items, 3 events; what 2 users have seen; popularity for everybody and 3 segments"
    )
    assert "missing: users.age in 1 of 2 rows" in lines
    assert f"odd: {folder}/i.csv: no input is declared for the column 'colour'" in lines
    assert any("1 events are of 1 items that the table of items lacks, such as 'gone'" in line for line in lines)
    assert sorted(catalog_of(url).popularity) == ["global", "insured=true", "urgency=1", "urgency=5"]


def test_the_same_as_json(folder: Path, url: str) -> None:
    loaded = json.loads(load(folder, url, "--json").stdout)

    assert (loaded["users"], loaded["items"], loaded["events"]) == (2, 2, 3)
    assert loaded["version"] == catalog_of(url).version


def test_check_says_what_the_models_want_and_the_store_lacks(folder: Path, url: str) -> None:
    load(folder, url)
    arguments = ["check", "--models", str(folder / "models"), "--store", url]
    whole = run(folder, *arguments)
    text = (folder / FILE).read_text()
    (folder / FILE).write_text(text.replace("inputs.beds", "inputs.rooms").replace("inputs.insured", "inputs.member"))
    WARDS.rename(columns={"beds": "rooms"}).to_csv(folder / "i.csv", index=False)
    (folder / FILE).write_text((folder / FILE).read_text().replace('segments = ["insured", "urgency"]', ""))
    load(folder, url)
    lacking, as_json = run(folder, *arguments), run(folder, *arguments, "--json")

    assert whole.exit_code == 0, whole.output
    assert "the store has all that the models want" in whole.stdout
    assert lacking.exit_code == 1
    assert (
        "lacking: the model 'triage' wants features that the store lacks: 'beds' (any source); and wants"
        in lacking.stdout
    )
    assert "'insured'" in lacking.stdout
    assert "no model takes: items.rooms" in lacking.stdout
    assert json.loads(as_json.stdout)["unused"] == ["items.rooms"]


def rows(beds: int = 0) -> dict[str, list[Any]]:
    """Rows of 500 patients, whom the stays are like, with wards that have some beds more or less."""
    ages: list[float | None] = [float(20 + number % 60) for number in range(500)]
    return {"age": ages, "beds": [2 + beds + number % 3 for number in range(500)], "urgency": [1.0] * 500}


def load_many(folder: Path, url: str) -> None:
    """Loads 500 patients and 60 wards, and a stay of each patient, in a ward of each number of beds."""
    people = [f"p{number}" for number in range(500)]
    pd.DataFrame({"user_id": people, "age": rows()["age"]}).to_parquet(folder / "u.parquet")
    wards = [f"w{number}" for number in range(60)]
    pd.DataFrame({"item_id": wards, "beds": [2 + number % 3 for number in range(60)]}).to_csv(folder / "i.csv")
    stays = {"user_id": people, "item_id": [f"w{number % 60}" for number in range(500)], "urgency": 1, "insured": True}
    pd.DataFrame(stays).to_json(folder / "e.jsonl", orient="records", lines=True)
    loaded = load(folder, url)
    assert loaded.exit_code == 0, loaded.output


def test_check_says_that_nothing_has_moved_since_the_model_was_published(folder: Path, url: str) -> None:
    load_many(folder, url)
    clinic.write_models(folder / "watched", rows())

    found = run(folder, "check", "--models", str(folder / "watched"), "--store", url)

    assert found.exit_code == 0, found.output
    assert (
        "baseline of 'triage': 2 of 2 features of users and items are stable, by 500 users; the largest stability index"
        in found.stdout
    )


def test_check_names_a_feature_that_has_moved(folder: Path, url: str) -> None:
    load_many(folder, url)
    clinic.write_models(folder / "watched", rows(beds=2))
    arguments = ["check", "--models", str(folder / "watched"), "--store", url]

    found, allowed = run(folder, *arguments), run(folder, *arguments, "--allow-drift")
    as_json = json.loads(run(folder, *arguments, "--json", "--users", "64").stdout)

    assert (found.exit_code, allowed.exit_code) == (1, 0)
    assert "moved: triage: items.beds: its stability index is " in found.stdout
    assert "it has moved: the model gets other values than it was fitted on" in found.stdout
    assert "note: triage: items.beds: 40 of 60 values are outside the baseline's" in found.stdout
    assert [each["verdict"] for each in as_json["features"]["triage"]] == ["stable", "large"]
    assert 32 <= as_json["users"] < 500


def test_check_says_where_a_model_has_no_baseline(folder: Path, url: str) -> None:
    load(folder, url)

    found = run(folder, "check", "--models", str(folder / "models"), "--store", url)

    assert "'triage' has no baseline, which `pillion publish` keeps" in found.stdout


def test_a_table_that_is_refused_leaves_the_version_before(folder: Path, url: str) -> None:
    load(folder, url)
    before = catalog_of(url).version
    PATIENTS.assign(user_id="twice").to_parquet(folder / "u.parquet")

    refused = load(folder, url)

    assert isinstance(refused.exception, InvalidInput)
    assert "row 2, column 'user_id': the id 'twice' is there already, in row 1" in str(refused.exception)
    assert catalog_of(url).version == before


async def test_a_notebook_loads_tables_of_pandas_though_it_runs_a_loop(folder: Path, url: str) -> None:
    told: list[str] = []

    loaded = pillion.features.load(
        users=PATIENTS.set_index("user_id"),
        items=WARDS,
        events=STAYS,
        project=folder / FILE,
        store=url,
        progress=lambda what, done, total: told.append(what),
    )

    assert (loaded.users, loaded.items, loaded.seen, loaded.segments) == (2, 2, 2, 3)
    assert {"rows of users read", "rows of events read", "items written"} <= set(told)


@pytest.mark.spark
def test_a_frame_of_spark_is_read_by_partitions_and_computed_once(
    folder: Path, url: str, spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    for whole in ("collect", "toArrow", "toPandas"):
        if hasattr(DataFrame, whole):
            monkeypatch.delattr(DataFrame, whole)
    count = spark.sparkContext.accumulator(0)

    def counted(batches: Any) -> Any:
        for batch in batches:
            count.add(len(batch))
            yield batch

    users = spark.createDataFrame(
        [(f"p {number}", None if number % 7 == 0 else float(number)) for number in range(50)],
        "user_id string, age double",
    ).repartition(4)
    users = users.mapInPandas(counted, users.schema)

    loaded = pillion.features.load(users=users, items=WARDS, project=read_project(folder / FILE), store=url)

    assert loaded.users == 50
    assert loaded.missing == {"users.age": 8}
    assert count.value == 50
    assert not users.is_cached
    assert not users.storageLevel.useDisk
    assert any("there are no events" in sentence for sentence in loaded.odd)


@pytest.mark.spark
def test_a_frame_that_is_kept_already_stays_kept(folder: Path, url: str, spark: SparkSession) -> None:
    users = spark.createDataFrame([("p 1", 3.0)], "user_id string, age double").cache()

    pillion.features.load(users=users, items=WARDS, project=read_project(folder / FILE), store=url)

    assert users.storageLevel.useMemory


@pytest.mark.spark
def test_a_frame_of_spark_that_fails_is_told_and_the_version_before_stays(
    folder: Path, url: str, spark: SparkSession
) -> None:
    load(folder, url)
    before = catalog_of(url).version
    users = spark.sql("SELECT 'p 1' AS user_id, CAST(raise_error('no such row') AS double) AS age")

    with pytest.raises(InvalidInput, match="the table of users cannot be read: "):
        pillion.features.load(users=users, items=WARDS, project=read_project(folder / FILE), store=url)

    assert catalog_of(url).version == before


_TYPES = """SELECT 's 1' AS `id.of`, CAST('2020-02-29 12:30:00.123456' AS timestamp) AS seen,
  TIMESTAMP_NTZ '2020-02-29 12:30:00.5' AS local, DATE '2026-02-28' AS day, CAST(12.50 AS decimal(9, 2)) AS price,
  true AS member, CAST(1.1 AS float) AS small, 9223372036854775807L AS large, CAST('NaN' AS double) AS odd,
  5 AS `ID.of`"""
_DECLARED: dict[str, ValueType] = {
    "id.of": "string",
    "seen": "timestamp",
    "local": "timestamp",
    "day": "date",
    "price": "decimal",
    "member": "boolean",
    "small": "float",
    "large": "integer",
    "odd": "double",
    "ID.of": "integer",
}


@pytest.mark.spark
@pytest.mark.parametrize("zone", ["Europe/Zurich", "America/New_York"])
def test_a_frame_of_spark_has_the_values_of_its_parquet_files(
    tmp_path: Path, spark: SparkSession, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    settings = {"spark.sql.session.timeZone": zone, "spark.sql.caseSensitive": "true"}
    before = {name: spark.conf.get(name) for name in settings}
    try:
        for name, value in settings.items():
            spark.conf.set(name, value)
        frame = spark.sql(_TYPES)
        frame.write.parquet(str(tmp_path / "table"))
        (batch,) = open_source(frame, "users").batches(_DECLARED)
        (of_files,) = open_source(tmp_path / "table", "users").batches(_DECLARED)
    finally:
        for name, value in before.items():
            spark.conf.set(name, str(value))
        monkeypatch.undo()
        time.tzset()

    assert repr(batch.columns) == repr(of_files.columns)
    assert batch.columns["large"] == [2**63 - 1]
    assert batch.rows == 1
