"""Batch inference over the demo's users: its answers are those of requests, and a run cut short changes nothing."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from pillion.batch.comparison import Sample, compare_sample
from pillion.batch.job import BatchRun, run_batch
from pillion.cli.stack import Stack
from pillion.config import RecommendSettings, SidecarSettings, StoreSettings
from pillion.errors import NotReproduced
from pillion.features import OnlineInputs, read_catalog, read_contents, read_user
from pillion.features.redis import RedisStore
from pillion.project import Project, find_project
from pillion.recommend import Recommender
from pillion.scoring import ModelRepository, open_scorer

pytestmark = pytest.mark.spark

ROOT = Path(__file__).parents[3]
MODELS, CONTENTS = ROOT / "pmml-models", ROOT / "data/movielens/contents.npz"
_CONTEXT = {"device": "tv"}
_NOW = 1_700_000_000.0
_WAIT_S = 30.0


@pytest.fixture(scope="module")
def stack(jar: Path) -> Iterator[Stack]:
    sidecar = SidecarSettings(models=MODELS, jar=jar)
    with Stack(None, sidecar, lambda: read_contents(CONTENTS)) as started:
        yield started


@pytest.fixture(scope="module")
def project() -> Project:
    return find_project(None, MODELS)


def _run(
    spark: SparkSession, stack: Stack, project: Project, jar: Path, model: str, models: Path = MODELS, **changes: Any
) -> BatchRun:
    online = OnlineInputs(project.online).read(_CONTEXT, _NOW)
    fields = RecommendSettings().with_project(project).segment_fields
    options: dict[str, Any] = {"candidates": 60, "k": 12, "segment_fields": fields, "online": online} | changes
    return run_batch(spark, stack.store_settings, models, project, jar, model=model, **options)


async def _sample(stack: Stack, project: Project, run: BatchRun, k: int = 12) -> Sample:
    store = stack.store_settings.model_copy(update={"attempt_timeout_ms": 9_000, "slow_ms": 8_000})
    sidecar = SidecarSettings(address=stack.sidecar_address, models=MODELS, attempt_timeout_ms=9_000, slow_ms=8_000)
    settings = RecommendSettings(
        deadline_ms=20_000, admission_lag_ms=20_000, candidate_count=60, fallback_check_share=0.0, model=run.model
    )
    recommender = Recommender(
        RedisStore(store), open_scorer(sidecar), ModelRepository(MODELS), settings, store, sidecar, project=project,
        now=lambda: _NOW,
    )  # fmt: skip
    answers = RedisStore(store)
    try:
        await recommender.start()
        return await compare_sample(recommender, answers, run, _CONTEXT, k, 80, _WAIT_S, lambda *told: None)
    finally:
        await answers.close()
        await recommender.close()


async def _answer(settings: StoreSettings, user: int) -> list[int] | None:
    store = RedisStore(settings)
    try:
        catalog = await read_catalog(store, _WAIT_S)
        assert catalog is not None
        batch = (await read_user(store, catalog, user, [], _WAIT_S)).batch
        return None if batch is None else batch.tolist()
    finally:
        await store.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("model", ["ranker", "titles30"])
def test_answers_of_batch_are_those_of_requests(
    spark: SparkSession, stack: Stack, project: Project, jar: Path, model: str
) -> None:
    told: list[tuple[str, int, int]] = []

    run = _run(spark, stack, project, jar, model, progress=lambda *each: told.append(each))

    assert run.users + run.without == 671
    assert told == [("buckets of users", 21, 21)]
    sample = asyncio.run(_sample(stack, project, run))
    assert (sample.compared, sample.differing) == (80, ())
    sample.require_none()


@pytest.mark.timeout(300)
def test_a_run_with_other_candidates_is_told_from_requests(
    spark: SparkSession, stack: Stack, project: Project, jar: Path
) -> None:
    run = _run(spark, stack, project, jar, "ranker", candidates=20)

    sample = asyncio.run(_sample(stack, project, run))

    assert sample.differing
    with pytest.raises(NotReproduced, match="of 80 answers differ from what a request gets; the first is user"):
        sample.require_none()


@pytest.mark.timeout(300)
def test_a_run_that_ends_early_leaves_the_answers_before_in_use(
    spark: SparkSession, stack: Stack, project: Project, jar: Path
) -> None:
    _run(spark, stack, project, jar, "ranker", k=5)
    before = asyncio.run(_answer(stack.store_settings, 1))

    def fail(*told: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _run(spark, stack, project, jar, "ranker", k=3, progress=fail)

    assert before is not None
    assert len(before) == 5
    assert asyncio.run(_answer(stack.store_settings, 1)) == before


@pytest.mark.timeout(300)
def test_a_version_that_is_cleared_for_no_engine_is_not_run(
    spark: SparkSession, stack: Stack, project: Project, jar: Path, tmp_path: Path
) -> None:
    shutil.copytree(MODELS / "ranker", tmp_path / "ranker")
    (file,) = tmp_path.glob("ranker/*/manifest.json")
    file.write_text(json.dumps({**json.loads(file.read_text()), "engine": "none"}))

    with pytest.raises(NotReproduced, match="is cleared for no engine"):
        _run(spark, stack, project, jar, "ranker", tmp_path)
