"""The data plane over a real store and a real sidecar."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from pillion.config import SidecarSettings, StoreSettings
from pillion.features.redis import RedisStore
from pillion.features.store_process import StoreProcess
from pillion.recommend import Recommender
from pillion.resilience import BreakerState
from pillion.scoring import HttpScorer, ModelRepository
from pillion.scoring.sidecar_process import SidecarProcess
from pillion.types import Request, Source
from tests.support.data_plane import AT_NINE, PATIENT, PATIENT_STORE, ids
from tests.support.fixture_dataset import UNKNOWN_USER, load_fixture_dataset
from tests.support.models import PROJECT, picker_scores, ranker_score, write_models
from tools.checkout import JAR


@pytest.mark.process
async def test_valkey_and_the_sidecar_give_what_the_reference_formula_does_and_are_missed_when_killed(
    tmp_path: Path,
) -> None:
    repository = ModelRepository(write_models(tmp_path / "models"))
    valkey = StoreProcess()
    store_settings = StoreSettings(url=valkey.start(), attempt_timeout_ms=9_000, slow_ms=8_000)
    store = RedisStore(store_settings)
    await load_fixture_dataset(store)
    sidecar = SidecarProcess(SidecarSettings(jar=JAR, models=repository.folder), store=store_settings)
    address = await asyncio.to_thread(sidecar.start)
    sidecar_settings = SidecarSettings(address=address, attempt_timeout_ms=9_000, slow_ms=8_000)
    scorer = HttpScorer(sidecar_settings)
    recommender = Recommender(store, scorer, repository, PATIENT, store_settings, sidecar_settings, project=PROJECT)
    try:
        await recommender.start()
        everyone = await asyncio.gather(
            *(recommender.recommend(Request(user, 3, [50, 60, 70], AT_NINE)) for user in range(8, 16))
        )
        for user, answer in zip(range(8, 16), everyone, strict=True):
            assert (answer.source, answer.reason, ids(answer)) == (Source.ONLINE, None, [70, 60, 50])
            for scored in answer.items:
                expected = ranker_score(user / 10, int(scored.item.item_id) / 300, "tv", 9)
                assert scored.score == pytest.approx(expected, rel=1e-12)
        unknown = await recommender.recommend(Request(UNKNOWN_USER, 1, [300], {"device": "fridge", "hour": 9}))
        assert unknown.items[0].score == pytest.approx(ranker_score(None, 1.0, "fridge", 9), rel=1e-12)
        picked = await recommender.recommend(Request(8, 3, context=AT_NINE, model="picker"))
        items = picker_scores(0.8, "tv")
        assert ids(picked) == sorted(items, key=lambda item: -items[item])

        sidecar.stop()
        without_sidecar = await recommender.recommend(Request(2, 3))
        assert (without_sidecar.source, without_sidecar.reason) == (Source.BATCH, "sidecar_unreachable")

        os.kill(valkey.pid, signal.SIGKILL)
        without_both = await recommender.recommend(Request(1, 3))
        assert without_both.source is Source.POPULAR
        assert (without_both.reason or "").startswith("store")
        for _ in range(8):
            await recommender.recommend(Request(1, 3))
        assert recommender.status().breakers[0].state is BreakerState.OPEN
    finally:
        await recommender.close()
        sidecar.stop()
        valkey.stop()


@pytest.mark.process
async def test_a_sidecar_that_comes_later_is_found(tmp_path: Path) -> None:
    valkey = StoreProcess()
    store_settings = PATIENT_STORE.model_copy(update={"url": valkey.start()})
    store = RedisStore(store_settings)
    await load_fixture_dataset(store)
    repository = ModelRepository(write_models(tmp_path / "models"))
    socket_path = tmp_path / "s.sock"
    settings = SidecarSettings(
        address=f"unix:{socket_path}",
        jar=JAR,
        models=repository.folder,
        attempt_timeout_ms=9_000,
        slow_ms=8_000,
    )
    recommender = Recommender(
        store, HttpScorer(settings), repository, PATIENT, store_settings, settings, project=PROJECT
    )
    sidecar = SidecarProcess(settings, uds=socket_path, store=store_settings)
    try:
        await recommender.start()
        assert (await recommender.recommend(Request(1))).reason == "sidecar_unreachable"
        await asyncio.to_thread(sidecar.start)
        assert (await recommender.recommend(Request(1))).source is Source.ONLINE
    finally:
        await recommender.close()
        sidecar.stop()
        valkey.stop()
