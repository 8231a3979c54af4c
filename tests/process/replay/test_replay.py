"""Replay: requests that were served come out of Spark to the bit, and what is wrong is put down to its cause."""

import asyncio
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyspark.ml import Pipeline
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import OneHotEncoder, StringIndexer, VectorAssembler
from pyspark.sql import SparkSession

from pillion.config import WatchSettings
from pillion.demo.tables import to_columns, to_frame
from pillion.errors import ConfigurationError, InvalidInput
from pillion.export.publish import Origin, prepare
from pillion.features import Contents, FeatureTable, MemoryStore, load_features
from pillion.project import Input, Project
from pillion.recommend import Recommender
from pillion.replay import ReplayResult, replay_log
from pillion.replay.feature_versions import FeatureVersions
from pillion.scoring import ModelRepository, ScoreRanking, ScoreRequest, Scores
from pillion.scoring.jvm import InProcessModel, open_model
from pillion.types import Request, Source
from pillion.watch import LoggedRequest, Watch, log_files, read_live_parity, read_log
from tests.support.command import Command
from tests.support.data_plane import PATIENT, PATIENT_SIDECAR, PATIENT_STORE
from tests.support.guide_page import shape
from tests.support.item_scorer import ItemScorer
from tools.checkout import JAR, ROOT

pytestmark = [pytest.mark.spark, pytest.mark.process]
PAGE = ROOT / "docs/features-watched.md"
RANKING = ScoreRanking("probability(1)")
SOURCES = {"age": "user", "plan": "user", "device": "online", "beds": "item"}
PROJECT = Project(
    inputs={
        "device": Input(source="online", type="string"),
        "plan": Input(source="user", type="string", default="none"),
    }
)
USERS = 40
ITEMS = 60


def contents(beds: int = 0, age: float = 0.0) -> Contents:
    """Users, of whom one has no plan, and items."""
    ages = [18.25 + user * 1.7 + age for user in range(USERS)]
    plans: list[str | None] = [("free", "paid", "名\u2028")[user % 3] for user in range(USERS)]
    plans[4] = None
    return Contents(
        FeatureTable(list(range(USERS)), {"age": ages, "plan": plans}),
        FeatureTable(list(range(100, 100 + ITEMS)), {"beds": [beds + (item * 7) % 13 for item in range(ITEMS)]}),
        {"global": [(100 + item, ITEMS - item) for item in range(ITEMS)]},
        seen={1: [100, 101]},
    )


@dataclass(frozen=True, slots=True)
class Served:
    """A service that answered: its models, its store, and its log."""

    models: Path
    store: MemoryStore
    log: Path


@pytest.fixture(scope="module")
def served(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Served:
    """Forty requests, answered by version 1 with feature version 2; the store has version 1 of them as well."""
    folder = tmp_path_factory.mktemp("replay")
    for seed in (5, 6):
        publish(spark, folder / "models", seed)
    store = MemoryStore()
    watch = Watch(WatchSettings(log_folder=folder / "log", log_share=1.0), PROJECT)
    asyncio.run(serve(folder / "models", store, watch))
    return Served(folder / "models", store, folder / "log")


def publish(spark: SparkSession, models: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "device": random.choice(["tv", "web"], 600),
            "plan": random.choice(["free", "paid", "none"], 600),
            "age": random.uniform(18, 80, 600),
            "beds": random.integers(0, 13, 600).astype(np.int32),
        }
    )
    margin = 0.05 * (table["age"] - 50) + 0.8 * (table["device"] == "tv") - 0.2 * table["beds"]
    table["label"] = (random.random(600) < 1 / (1 + np.exp(-margin))).astype(np.float64)
    names = ["device", "plan"]
    stages: list[Any] = [
        StringIndexer(inputCols=names, outputCols=[f"{name}_index" for name in names], handleInvalid="keep"),
        OneHotEncoder(inputCols=[f"{name}_index" for name in names], outputCols=[f"{name}_hot" for name in names]),
        VectorAssembler(
            inputCols=["device_hot", "plan_hot", "age", "beds"], outputCol="features", handleInvalid="keep"
        ),
        LogisticRegression(maxIter=10, regParam=0.01),
    ]
    frame = to_frame(spark, table)
    origin = Origin(Pipeline(stages=stages).fit(frame), frame.schema, to_columns(table))
    version = prepare(spark, origin, jar=JAR, ranking=RANKING, sources=SOURCES, keep_pipeline=True)
    version.write_next(models, "small")


async def serve(models: Path, store: MemoryStore, watch: Watch) -> None:
    document = (models / "small" / "1" / "model.pmml").read_bytes()
    opened = open_model(document, "compiled", JAR)
    await load_features(store, contents(beds=1, age=0.5))
    await load_features(store, contents())
    scorer = ItemScorer(store, lambda request: score(opened, request))
    recommender = Recommender(
        store, scorer, ModelRepository(models), PATIENT, PATIENT_STORE, PATIENT_SIDECAR,
        project=PROJECT, observers=[watch],
    )  # fmt: skip
    await recommender.start()
    for user in range(USERS):
        given = [150, 120, 131, 100] if user % 4 == 1 else None
        context = {} if user % 5 == 0 else {"device": ("tv", "web", "fridge")[user % 3]}
        answer = await recommender.recommend(Request(user, 7, given, context))
        assert answer.source == Source.ONLINE, answer.reason
    await recommender.close()
    opened.close()


def score(opened: InProcessModel, request: ScoreRequest) -> Scores:
    """Scores by version 1 in the engine."""
    found = opened.score({name: list(column) for name, column in request.columns.items()}, request.rows)
    ranked = {RANKING.output: found.columns[RANKING.output]}
    return replace(found, columns=ranked, model_version=1, engine="compiled")


def changed(served: Served, folder: Path, change: Callable[[LoggedRequest], LoggedRequest]) -> Path:
    """A copy of the log with its requests changed, and its key."""
    log = folder / "log"
    log.mkdir()
    shutil.copy(served.log / "key", log)
    for path in log_files(served.log):
        lines = [change(request).to_bytes() for request in read_log(path)]
        (log / path.name).write_bytes(b"".join(lines))
    return log


def replayed(
    served: Served,
    log: Path,
    session: SparkSession | None,
    *,
    key: bool = True,
    models: Path | None = None,
    **more: Any,
) -> ReplayResult:
    repository = ModelRepository(models or served.models)
    secret = (served.log / "key").read_text().strip().encode() if key else None
    with FeatureVersions(served.store, 10.0) as versions:
        return replay_log(log, repository, versions, PROJECT.inputs, JAR, session=session, key=secret, **more)


def causes(result: ReplayResult) -> Mapping[str, int]:
    return result.found.differing


def test_served_requests_come_out_of_spark_to_the_bit(served: Served, spark: SparkSession) -> None:
    result = replayed(served, served.log, spark)

    assert (result.logged, result.found.checked, result.found.unchecked) == (USERS, USERS, 0)
    assert (causes(result), result.notes, result.users) == ({}, [], USERS)
    assert result.found.served == USERS
    assert result.scores == 30 * 7 + 10 * 4 - 1  # one of four given items was seen by its user


def test_the_engine_computes_where_spark_is_not_there(served: Served) -> None:
    result = replayed(served, served.log, None)

    assert (result.found.checked, causes(result)) == (USERS, {})


def test_of_many_requests_evenly_spread_ones_are_computed_again(served: Served) -> None:
    result = replayed(served, served.log, None, most=10)

    assert (result.logged, result.found.checked) == (USERS, 10)


def test_a_score_that_nothing_explains_is_put_down_to_other_values(
    served: Served, spark: SparkSession, tmp_path: Path
) -> None:
    def nudge(request: LoggedRequest) -> LoggedRequest:
        if request.served != 3:
            return request
        return replace(request, scores=(*request.scores[:-1], float(np.nextafter(request.scores[-1], 1))))

    result = replayed(served, changed(served, tmp_path, nudge), spark, bundles=tmp_path / "bundles")

    (found,) = result.differences
    assert (causes(result), found.cause, found.request.line) == ({"value": 1}, "value", 3)
    assert found.item == found.request.items[-1]
    assert found.logged == float(np.nextafter(found.recomputed or 0.0, 1))
    assert f"item {found.item!r} was logged with {found.logged!r}, and is {found.recomputed!r} now" in found.sentence


def test_a_users_feature_that_the_store_has_otherwise_is_put_down_to_its_value(
    served: Served, spark: SparkSession, tmp_path: Path
) -> None:
    def age(request: LoggedRequest) -> LoggedRequest:
        context = dict(request.context)
        if request.served == 6:
            context["age"] = 99.0
        return replace(request, context=context)

    log = changed(served, tmp_path, age)
    result, blind = replayed(served, log, spark), replayed(served, log, spark, key=False)

    (found,) = result.differences
    assert (found.cause, found.item) == ("value", None)
    assert "the user's feature 'age': 99.0 was scored, but feature version 2 of the store has 26.75" in found.sentence
    line = f"{found.cause}: {found.request.file}, line {found.request.line}: {found.sentence}"
    assert shape(line) in [shape(each) for each in PAGE.read_text().splitlines()]
    assert causes(blind) == {"value": 1}  # the scores tell as well, but not which value
    assert blind.users == 0


def test_features_of_an_older_version_are_put_down_to_freshness(
    served: Served, spark: SparkSession, tmp_path: Path
) -> None:
    """The log says version 1, but it was version 2 that was scored: as if a service had not refreshed."""
    log = changed(served, tmp_path, lambda request: replace(request, feature_version=1))
    result = replayed(served, log, spark)
    without = replayed(served, log, spark, key=False)

    assert causes(result) == {"freshness": USERS}
    assert "which is feature version 2's; 1 has" in result.differences[0].sentence
    assert causes(without)["freshness"] == USERS
    assert "the items' features were feature version 2's" in without.differences[0].sentence


def test_another_version_of_the_model_is_named(served: Served, spark: SparkSession, tmp_path: Path) -> None:
    log = changed(served, tmp_path, lambda request: replace(request, version=2))
    result = replayed(served, log, spark)

    assert causes(result) == {"model": USERS}
    assert result.differences[0].sentence.endswith("version 1 of the model gives what was logged")


def test_a_pipeline_that_computes_otherwise_than_the_engine_is_put_down_to_a_transform(
    served: Served, spark: SparkSession, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    shutil.copytree(served.models, models)
    shutil.copy(models / "small/2/pipeline.zip", models / "small/1/pipeline.zip")
    result = replayed(served, served.log, spark, models=models, bundles=tmp_path / "bundles")

    assert causes(result) == {"transform": USERS}
    assert "the engine gives what was logged, and Spark does not" in result.differences[0].sentence
    assert len(result.bundles) == len(result.differences) == 10


def test_a_bundle_reproduces_its_difference(served: Served, spark: SparkSession, tmp_path: Path) -> None:
    log = changed(served, tmp_path, lambda request: replace(request, version=2))
    result = replayed(served, log, spark, most=1, bundles=tmp_path / "bundles")
    (path,), (found,) = result.bundles, result.differences
    with zipfile.ZipFile(path) as bundle:
        about, row = json.loads(bundle.read("about.json")), json.loads(bundle.read("row.jsonl"))
        document, line = bundle.read("model.pmml"), bundle.read("requests-logged.jsonl")
    (tmp_path / "line.jsonl").write_bytes(line)
    opened = open_model(document, "compiled", JAR)
    again = opened.score({name: [value] for name, value in row.items()}, 1)
    opened.close()

    assert (about["cause"], about["version"], about["feature_version"]) == ("model", 2, 2)
    assert again.columns["probability(1)"][0] == about["recomputed"] == found.recomputed != about["logged"]
    assert next(read_log(tmp_path / "line.jsonl")).candidates == found.request.candidates


def test_what_is_gone_is_not_computed_again_and_told(served: Served, tmp_path: Path) -> None:
    def gone(request: LoggedRequest) -> LoggedRequest:
        if request.served % 2:
            return replace(request, feature_version=77)
        return replace(request, version=9) if request.served % 4 else replace(request, candidates=(100, 999))

    result = replayed(served, changed(served, tmp_path, gone), None)

    assert (result.found.checked, result.found.unchecked) == (0, USERS)
    assert result.reasons["the store no longer has feature version 77"] == USERS // 2
    assert result.reasons["feature version 2 lacks items that were scored"] == USERS // 4
    assert any("no version 9 of model 'small'" in why for why in result.reasons)


def test_without_a_pipeline_the_engine_computes_and_it_is_said(
    served: Served, spark: SparkSession, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    shutil.copytree(served.models, models)
    (models / "small/1/pipeline.zip").unlink()
    result = replayed(served, served.log, spark, models=models)

    assert (result.found.checked, causes(result)) == (USERS, {})
    assert result.notes == [
        "no pipeline is kept with version 1 of 'small', so the engine computed its requests again, which is not Spark"
    ]


def test_what_is_no_log_is_refused(served: Served, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is no log of requests"):
        replayed(served, tmp_path, None)
    (tmp_path / "requests-1.jsonl").write_text('{"format": 1}\n')
    with pytest.raises(InvalidInput, match="line 1, field 'served'"):
        replayed(served, tmp_path, None)


def test_the_command_prints_what_it_found_and_leaves_it_for_the_service(
    served: Served, tmp_path: Path, pillion: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pillion.features.redis.RedisStore", lambda settings: served.store)
    (tmp_path / "pillion.toml").write_text(
        '[inputs.device]\nsource = "online"\ntype = "string"\n'
        '[inputs.plan]\nsource = "user"\ntype = "string"\ndefault = "none"\n'
    )
    same = changed(served, tmp_path, lambda request: request)
    arguments = ["--models", str(served.models), "--config", str(tmp_path / "pillion.toml"), "--engine"]
    whole = pillion("replay", str(same), *arguments)
    parity = read_live_parity(same)
    (tmp_path / "other").mkdir()
    other = changed(served, tmp_path / "other", lambda request: replace(request, version=2))
    differing = pillion("replay", str(other), *arguments, "--model", "small")

    assert whole.code == 0, whole.err
    told = json.loads(whole.out.splitlines()[-1])
    assert (told["logged"], told["checked"], told["differing"], told["by"]) == (USERS, USERS, 0, "engine")
    assert parity is not None
    assert (parity.by, parity.share, parity.found.checked) == ("engine", 1.0, USERS)
    assert differing.code == 1
    assert json.loads(differing.out.splitlines()[-1])["causes"] == {"model": USERS}
    assert "version 1 of the model gives what was logged" in differing.out
    shown = [shape(line) for line in PAGE.read_text().splitlines()]
    summary = next(line for line in whole.out.splitlines() if "logged requests computed again" in line)
    assert shape(summary.replace("the engine, which is not Spark", "Spark")) in shown
    assert set(told) == set(re.findall(r"`(\w+)`", PAGE.read_text().partition("one of JSON:")[2].partition(".")[0]))
    assert len(list((other / "differences").glob("model-*.zip"))) == 10
    assert pillion("replay", str(tmp_path / "nowhere"), *arguments).code == 2
