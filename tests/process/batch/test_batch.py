"""Batch inference over the demo's users: its answers are those of requests, compared before they are read."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from pillion.batch.comparison import Sample, compare_sample
from pillion.batch.run import BatchRun
from pillion.cli.stack import Stack
from pillion.config import RecommendSettings, SidecarSettings
from pillion.errors import NotReproduced
from pillion.features import read_contents
from pillion.features.redis import RedisStore
from pillion.recommend import Recommender
from pillion.scoring import ModelRepository, open_scorer
from tests.support import batch_run

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def stack(jar: Path) -> Iterator[Stack]:
    sidecar = SidecarSettings(models=batch_run.MODELS, jar=jar)
    with Stack(None, sidecar, lambda: read_contents(batch_run.CONTENTS)) as started:
        yield started


async def _sample(stack: Stack, run: BatchRun, k: int = batch_run.K) -> Sample:
    store = stack.store_settings.model_copy(update={"attempt_timeout_ms": 9_000, "slow_ms": 8_000})
    sidecar = SidecarSettings(
        address=stack.sidecar_address, models=batch_run.MODELS, attempt_timeout_ms=9_000, slow_ms=8_000
    )
    settings = RecommendSettings(
        deadline_ms=20_000, admission_lag_ms=20_000, candidate_count=batch_run.CANDIDATES, fallback_check_share=0.0,
        model=run.model,
    )  # fmt: skip
    recommender = Recommender(
        RedisStore(store), open_scorer(sidecar), ModelRepository(batch_run.MODELS), settings, store, sidecar,
        project=batch_run.demo_project(), now=lambda: batch_run.NOW,
    )  # fmt: skip
    answers = RedisStore(store)
    try:
        await recommender.start()
        return await compare_sample(
            recommender, answers, run, batch_run.CONTEXT, k, 80, batch_run.WAIT_S, lambda *told: None
        )
    finally:
        await answers.close()
        await recommender.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("model", ["ranker", "titles30"])
def test_answers_of_batch_are_those_of_requests(spark: SparkSession, stack: Stack, model: str) -> None:
    told: list[tuple[str, int, int]] = []

    run = batch_run.run(
        spark, stack.store_settings.url, batch_run.request(model), progress=lambda *each: told.append(each)
    )

    assert run.users + run.without == 671
    assert run.executors >= 1
    assert told == [("buckets of users", 21, 21)]
    sample = asyncio.run(_sample(stack, run))
    assert (sample.compared, sample.differing) == (80, ())
    sample.require_none()


@pytest.mark.timeout(300)
def test_answers_that_differ_from_requests_are_never_read(spark: SparkSession, stack: Stack) -> None:
    url = stack.store_settings.url
    batch_run.run(spark, url)
    before = batch_run.answers(url)
    samples: list[Sample] = []

    def check(run: BatchRun, factors: object) -> None:
        samples.append(asyncio.run(_sample(stack, run)))
        samples[0].require_none()

    with pytest.raises(NotReproduced, match="of 80 answers differ from what a request gets, and those before stay in"):
        batch_run.run(spark, url, batch_run.request(candidates=20), check=check)

    assert samples[0].differing
    assert batch_run.answers(url) == before


@pytest.mark.timeout(300)
def test_a_run_that_ends_early_leaves_the_answers_before_in_use(spark: SparkSession, stack: Stack) -> None:
    url = stack.store_settings.url
    batch_run.run(spark, url, batch_run.request(k=5))
    before = batch_run.answers(url)

    def fail(*told: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch_run.run(spark, url, batch_run.request(k=3), progress=fail)

    assert len(before[1] or []) == 5
    assert batch_run.answers(url) == before
