"""The fallback: what is answered, and with which reason, where the model does not answer."""

import asyncio

import pytest

from pillion.config import RecommendSettings
from pillion.errors import InvalidInput, SidecarRefused, SidecarUnreachable, SidecarUntrusted
from pillion.features import MemoryStore
from pillion.features import keys as store_keys
from pillion.features.store import HashEntry
from pillion.recommend import Recommender
from pillion.scoring import ModelRepository, ScoreRequest, Scores
from pillion.types import Request, Source
from tests.support.data_plane import (
    AT_NINE,
    NOW,
    PATIENT,
    PATIENT_SIDECAR,
    PATIENT_STORE,
    Recommending,
    failing,
    ids,
    reference_scores,
)
from tests.support.fixture_dataset import load_fixture_dataset
from tests.support.item_scorer import ItemScorer
from tests.support.models import PROJECT


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (SidecarUnreachable("x"), "sidecar_unreachable"),
        (SidecarUntrusted("x"), "sidecar_untrusted"),
        (SidecarRefused("x"), "sidecar_refused"),
        (TimeoutError("x"), "sidecar_timeout"),
        (InvalidInput("x"), "invalid_input"),
        (ZeroDivisionError("x"), "unexpected_error"),
    ],
)
async def test_without_the_sidecar_the_batch_answer_comes_first(
    store: MemoryStore, recommending: Recommending, error: Exception, reason: str
) -> None:
    recommender = await recommending(store, failing(error))

    answer = await recommender.recommend(Request(2, 5, context=AT_NINE))

    assert (answer.source, answer.reason, ids(answer)) == (Source.BATCH, reason, [11, 12])
    assert (answer.model, answer.version, answer.items[0].score) == ("nightly", 9, None)


async def test_then_the_segment_and_then_everybody(store: MemoryStore, recommending: Recommending) -> None:
    recommender = await recommending(store, failing(SidecarUnreachable("x")))

    segment = await recommender.recommend(Request(1, 2, context=AT_NINE))
    device = await recommender.recommend(Request(1, 2, context={"device": "tv", "country": "XX"}))
    everybody = await recommender.recommend(Request(1, 2, context={"device": "fridge"}))

    assert (segment.source, ids(segment)) == (Source.SEGMENT, [4, 6])
    assert (device.source, ids(device)) == (Source.SEGMENT, [6, 9])
    assert (everybody.source, ids(everybody)) == (Source.POPULAR, [4, 5])


async def test_given_candidates_are_kept_to_on_every_rung(store: MemoryStore, recommending: Recommending) -> None:
    recommender = await recommending(store, failing(SidecarUnreachable("x")))

    batch = await recommender.recommend(Request(2, 5, [12, 40]))
    segment = await recommender.recommend(Request(1, 5, [8, 9, 2, 9_999], AT_NINE))
    everybody = await recommender.recommend(Request(1, 5, [9, 5, 9_999, 1]))

    assert (batch.source, ids(batch)) == (Source.BATCH, [12])
    assert (segment.source, ids(segment)) == (Source.SEGMENT, [8])
    assert (everybody.source, ids(everybody)) == (Source.POPULAR, [5, 9])


async def test_a_store_lost_later_leaves_what_is_popular(store: MemoryStore, recommending: Recommending) -> None:
    recommender = await recommending(store, ItemScorer(store, reference_scores))
    store.down = True

    answer = await recommender.recommend(Request(1, 3, context=AT_NINE))

    assert (answer.source, answer.reason, ids(answer)) == (Source.SEGMENT, "store_unreachable", [2, 4, 6])
    assert recommender.ready
    for _ in range(6):
        answer = await recommender.recommend(Request(1, 3))
    assert answer.reason == "store_breaker_open"


async def test_without_store_and_snapshot_the_answer_is_empty_and_says_so(recommending: Recommending) -> None:
    store = MemoryStore()
    store.down = True
    recommender = await recommending(store, ItemScorer(store, reference_scores))

    answer = await recommender.recommend(Request(1))

    assert (answer.items, answer.source, answer.reason) == ((), Source.POPULAR, "no_snapshot")
    assert not recommender.ready
    store.down = False
    await load_fixture_dataset(store)
    await recommender.refresh()
    assert (await recommender.recommend(Request(1))).source is Source.ONLINE


async def test_a_corrupt_user_record_is_no_failure_of_the_request(
    store: MemoryStore, recommending: Recommending
) -> None:
    await store.write([HashEntry(store_keys.users(1, 0), {1: b"garbage"})], 1.0)
    recommender = await recommending(store, ItemScorer(store, reference_scores))

    answer = await recommender.recommend(Request(1, 2))

    assert (answer.source, answer.reason) == (Source.POPULAR, "corrupt_record")


async def test_a_sidecar_that_hangs_costs_no_more_than_the_deadline(
    store: MemoryStore, recommending: Recommending
) -> None:
    async def hang(request: ScoreRequest) -> Scores:
        await asyncio.sleep(60)
        return Scores({})

    settings = RecommendSettings(deadline_ms=300, reserve_ms=100)
    recommender = await recommending(store, ItemScorer(store, hang), settings)

    answer = await recommender.recommend(Request(2, 3))

    assert (answer.source, answer.reason) == (Source.BATCH, "deadline_exceeded")
    assert 190 <= answer.timings.total_ms < 2_000
    status = recommender.status()
    assert status.breakers[1].failed == 0


async def test_a_caller_in_a_hurry_gets_the_fallback_at_once(store: MemoryStore, recommending: Recommending) -> None:
    recommender = await recommending(store, ItemScorer(store, reference_scores))

    answer = await recommender.recommend(Request(1, 3, deadline_ms=0.001))

    assert (answer.source, answer.reason) == (Source.POPULAR, "deadline_exceeded")


async def test_the_fallback_is_checked_beside_healthy_answers(store: MemoryStore, recommending: Recommending) -> None:
    settings = PATIENT.model_copy(update={"fallback_check_share": 0.5})
    draws = iter([0.4, 0.6, 0.1])
    recommender = await recommending(
        store, ItemScorer(store, reference_scores), settings, random=lambda: next(draws, 0.9)
    )

    answers = [await recommender.recommend(Request(1)) for _ in range(3)]

    assert {answer.source for answer in answers} == {Source.ONLINE}
    assert (recommender.status().fallback_checks, recommender.status().failed_fallback_checks) == (2, 0)


async def test_a_request_that_is_not_admitted_is_answered_from_memory(
    store: MemoryStore, recommending: Recommending
) -> None:
    recommender = await recommending(store, ItemScorer(store, reference_scores))
    recommender._admission._limit = 0.0

    answer = await recommender.recommend(Request(1))

    assert (answer.source, answer.reason) == (Source.POPULAR, "overloaded")
    assert recommender.status().admission[2] == 1


async def test_a_saturated_sidecar_has_fewer_requests_admitted(store: MemoryStore, repository: ModelRepository) -> None:
    going_on = asyncio.Event()

    class Slow(ItemScorer):
        async def score(self, request: ScoreRequest, timeout_s: float) -> Scores:
            await going_on.wait()
            return await super().score(request, timeout_s)

    settings = PATIENT.model_copy(update={"admission_least": 8, "admission_most": 32})
    narrow = PATIENT_SIDECAR.model_copy(update={"max_connections": 1})
    recommender = Recommender(
        store,
        Slow(store, reference_scores),
        repository,
        settings,
        PATIENT_STORE,
        narrow,
        project=PROJECT,
        now=lambda: NOW,
    )
    await recommender.start()
    recommender._admission._limit = 20.0

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(recommender.recommend(Request(user))) for user in (1, 2)]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        cut = recommender.status().admission[0]
        going_on.set()
    await recommender.close()

    assert sorted(task.result().reason or "" for task in tasks) == ["", "sidecar_busy"]
    assert cut == 16


async def test_what_the_online_step_learned_is_said_though_it_failed(
    store: MemoryStore, recommending: Recommending
) -> None:
    recommender = await recommending(store, failing(SidecarUnreachable("x")))

    answer = await recommender.recommend(Request(2, 5, [10, 12, 9_999]))

    assert (answer.source, ids(answer)) == (Source.BATCH, [12])
    assert (answer.unknown_items, answer.seen_items) == ((9_999,), 1)
    assert min(answer.timings.fetch_ms, answer.timings.assemble_ms, answer.timings.score_ms) > 0


async def test_scores_without_the_wanted_output_leave_the_user_known(
    store: MemoryStore, recommending: Recommending
) -> None:
    recommender = await recommending(store, ItemScorer(store, lambda request: Scores({})))

    answer = await recommender.recommend(Request(2, 5))

    assert (answer.source, answer.reason, ids(answer)) == (Source.BATCH, "unexpected_error", [11, 12])
