import asyncio
import math
import os
import signal

import pytest

from pillion.config import RecommendSettings, SidecarSettings, StoreSettings
from pillion.errors import ConfigurationError, InvalidInput, InvalidModel, SidecarRefused, SidecarUnreachable
from pillion.features import FeatureTable, MemoryStore
from pillion.features import keys as store_keys
from pillion.features.redis import RedisStore
from pillion.features.store import HashEntry
from pillion.features.store_process import StoreProcess
from pillion.recommend import Recommender
from pillion.resilience import BreakerState
from pillion.scoring import FakeScorer, HttpScorer, ModelRepository, Scores
from pillion.scoring.sidecar_process import SidecarProcess
from pillion.types import Context, Request, Source
from tests.support.fixture_dataset import ALL_SEEN_USER, MISSING_USER, NAN_USER, UNKNOWN_USER, load_world
from tests.support.models import RANKER_INPUTS, picker_scores, ranker_score, write_models, write_picker, write_ranker
from tools.checkout import JAR

PATIENT = RecommendSettings(deadline_ms=20_000, reserve_ms=1_000, fallback_check_share=0.0)
PATIENT_STORE = StoreSettings(attempt_timeout_ms=9_000, slow_ms=8_000)
PATIENT_SIDECAR = SidecarSettings(attempt_timeout_ms=9_000, slow_ms=8_000)
AT_NINE = Context("tv", "DE", "email", 9, 2)
NOW = 1_700_000_100.0


def by_pencil(request):
    """Scores as the ranker of the fixture does."""
    columns = [list(request.columns[name]) for name in ("user_rate", "item_score", "device", "hour")]
    rows = zip(*columns, strict=True)
    return Scores({"probability(1)": [ranker_score(*row) for row in rows]}, (), 1, "pencil")


def failing(error):
    def score(request):
        raise error

    return FakeScorer(score)


@pytest.fixture
def repository(tmp_path):
    return ModelRepository(write_models(tmp_path / "models"))


@pytest.fixture
async def store():
    store = MemoryStore()
    await load_world(store)
    return store


@pytest.fixture
async def recommending(repository):
    """Starts recommenders, and closes them at the end."""
    started = []

    async def start(store, scorer, settings=PATIENT, **options):
        made = Recommender(
            store, scorer, repository, settings, PATIENT_STORE, PATIENT_SIDECAR,
            now=lambda: NOW, **options,
        )  # fmt: skip
        started.append(made)
        await made.start()
        return made

    yield start
    for made in started:
        await made.close()


def ids(answer):
    return [scored.item.item_id for scored in answer.items]


async def test_an_online_answer_is_ranked_titled_and_without_what_was_seen(store, recommending):
    recommender = await recommending(store, FakeScorer(by_pencil))

    answer = await recommender.recommend(Request(1, 3, candidates=[1, 2, 5, 9, 7, 9], context=AT_NINE, request_id="r"))

    assert ids(answer) == [9, 7, 5]
    assert answer.items[0].item.title == "Film 9"
    assert answer.items[0].score == ranker_score(0.1, 9 / 300, "tv", 9)
    assert (answer.source, answer.reason) == (Source.ONLINE, None)
    assert (answer.model, answer.version, answer.engine) == ("ranker", 1, "pencil")
    assert answer.seen_items == 2
    assert answer.feature_age_s == 100.0
    assert answer.request_id == "r"
    assert answer.timings.total_ms > 0


async def test_candidates_come_from_the_segments_popular_items_then_from_everybodys(store, recommending):
    scorer = FakeScorer(by_pencil)
    settings = PATIENT.model_copy(update={"candidate_count": 160})
    recommender = await recommending(store, scorer, settings)

    answer = await recommender.recommend(Request(1, 5, context=AT_NINE))

    assert scorer.requests[0].rows == 160
    assert ids(answer)[0] == 300
    assert ids(answer)[1] == 298
    assert {1, 2, 3}.isdisjoint(ids(answer))


async def test_an_unknown_user_is_scored_with_missing_features_and_said_to_be_unknown(store, recommending):
    scorer = FakeScorer(by_pencil)
    recommender = await recommending(store, scorer)

    answer = await recommender.recommend(Request(UNKNOWN_USER, 2, [300, 299], AT_NINE))

    assert list(scorer.requests[0].columns["user_rate"]) == [None, None]
    assert (answer.source, answer.reason) == (Source.ONLINE, "unknown_user")
    assert answer.items[0].score == ranker_score(None, 1.0, "tv", 9)


async def test_an_unknown_user_gets_what_is_popular_where_the_model_refuses_them(store, recommending, repository):
    strict = [{"name": "user_rate", "type": "double", "source": "user", "missing": "returnInvalid"}]
    write_ranker(repository.folder, 2, contract={"inputs": strict})
    recommender = await recommending(store, FakeScorer(by_pencil))

    answer = await recommender.recommend(Request(UNKNOWN_USER, 2, context=AT_NINE))

    assert (answer.source, answer.reason, ids(answer)) == (Source.SEGMENT, "unknown_user", [2, 4])


async def test_missing_and_nan_features_reach_the_model_as_they_are(store, recommending):
    scorer = FakeScorer(lambda request: Scores({"probability(1)": [0.5] * request.rows}))
    recommender = await recommending(store, scorer)

    await recommender.recommend(Request(MISSING_USER))
    await recommender.recommend(Request(NAN_USER))

    missing, nan = (request.columns["user_rate"][0] for request in scorer.requests)
    assert missing is None
    assert math.isnan(nan)


async def test_an_unknown_device_is_passed_on_as_it_is(store, recommending):
    scorer = FakeScorer(by_pencil)
    recommender = await recommending(store, scorer)

    answer = await recommender.recommend(Request(1, context=Context(device="fridge", country="DE")))

    assert scorer.requests[0].columns["device"][0] == "fridge"
    assert answer.source is Source.ONLINE


async def test_scores_that_are_missing_or_nan_are_left_out(store, recommending):
    scores = Scores({"probability(1)": [None, math.nan, 0.1]})
    recommender = await recommending(store, FakeScorer(lambda request: scores))

    answer = await recommender.recommend(Request(1, candidates=[7, 8, 9]))

    assert (ids(answer), answer.unscored_items) == ([9], 2)


async def test_a_model_that_scores_nothing_leaves_it_to_what_is_popular(store, recommending):
    scorer = FakeScorer(lambda request: Scores({"probability(1)": [None] * request.rows}))
    recommender = await recommending(store, scorer)

    answer = await recommender.recommend(Request(1, 2, context=AT_NINE))

    assert (answer.source, answer.reason, ids(answer)) == (Source.SEGMENT, "no_scores", [4, 6])


async def test_unknown_candidates_are_dropped_and_reported(store, recommending):
    recommender = await recommending(store, FakeScorer(by_pencil))

    answer = await recommender.recommend(Request(1, candidates=[5, 9_999, 4_294_967_295]))

    assert (ids(answer), answer.unknown_items) == ([5], (9_999, 4_294_967_295))


async def test_a_candidate_that_came_after_the_snapshot_is_fetched_with_the_user(store, recommending):
    recommender = await recommending(store, FakeScorer(by_pencil))
    schema = recommender._keeper.catalog.items
    await store.write([store_entry(777, schema.pack((1.0, 2020, "New")))], 1.0)

    answer = await recommender.recommend(Request(1, candidates=[300, 777], context=AT_NINE))

    assert ids(answer) == [300, 777]
    assert answer.items[1].item.title == "New"


def store_entry(item_id, record):
    from pillion.features.store import StringEntry

    return StringEntry(store_keys.item(1, item_id), record)


@pytest.mark.parametrize("candidates", [[], [9_999], [1, 2, 3]])
async def test_nothing_to_rank_is_an_empty_answer_with_a_reason(store, recommending, candidates):
    scorer = FakeScorer(by_pencil)
    recommender = await recommending(store, scorer)

    answer = await recommender.recommend(Request(1, candidates=candidates))

    assert (answer.items, answer.source, answer.reason) == ((), Source.ONLINE, "no_candidates")
    assert scorer.requests == []


async def test_a_user_who_has_seen_everything_gets_an_empty_answer(store, recommending):
    recommender = await recommending(store, FakeScorer(by_pencil))

    answer = await recommender.recommend(Request(ALL_SEEN_USER))

    assert (answer.items, answer.reason) == ((), "no_candidates")


async def test_ten_thousand_candidates_are_one_call_and_one_more_is_refused(store, recommending):
    scorer = FakeScorer(by_pencil)
    recommender = await recommending(store, scorer)

    answer = await recommender.recommend(Request(1, 1000, candidates=list(range(10_000))))

    assert len(scorer.requests) == 1
    assert len(answer.items) == 297
    assert len(answer.unknown_items) == 10_000 - 300
    with pytest.raises(InvalidInput, match="10001 items") as caught:
        await recommender.recommend(Request(1, candidates=list(range(10_001))))
    assert caught.value.field == "candidates"


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (Request(1, 0), "k"),
        (Request(1, -5), "k"),
        (Request(1, 1001), "k"),
        (Request(1, 10**30), "k"),
        (Request(1, True), "k"),
        (Request(-1), "user_id"),
        (Request(1 << 63), "user_id"),
        (Request("7"), "user_id"),
        (Request(1, candidates=[1, -1]), "candidates"),
        (Request(1, candidates=[1 << 32]), "candidates"),
        (Request(1, candidates=["5"]), "candidates"),
        (Request(1, context=Context(hour=99)), "hour"),
        (Request(1, model="nobody"), "model"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_name(store, recommending, request_, field):
    recommender = await recommending(store, FakeScorer(by_pencil))

    with pytest.raises(InvalidInput, match=field) as caught:
        await recommender.recommend(request_)

    assert caught.value.field == field


async def test_a_model_of_classes_scores_one_row(store, recommending):
    expected = picker_scores(0.1, "tv")
    scorer = FakeScorer(lambda request: Scores({f"probability({i})": [s] for i, s in expected.items()}))
    recommender = await recommending(store, scorer)

    answer = await recommender.recommend(Request(1, 2, context=AT_NINE, model="picker"))
    chosen = await recommender.recommend(Request(1, 2, [5, 6, 99], AT_NINE, "picker"))

    best = sorted(expected, key=lambda item: -expected[item])
    assert scorer.requests[0].rows == 1
    assert ids(answer) == best[:2]
    assert ids(chosen) == [item for item in best if item != 7]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (SidecarUnreachable("x"), "sidecar_unreachable"),
        (SidecarRefused("x"), "sidecar_refused"),
        (TimeoutError("x"), "sidecar_timeout"),
        (InvalidInput("x"), "invalid_input"),
        (ZeroDivisionError("x"), "unexpected_error"),
    ],
)
async def test_without_the_sidecar_the_batch_answer_comes_first(store, recommending, error, reason):
    recommender = await recommending(store, failing(error))

    answer = await recommender.recommend(Request(2, 5, context=AT_NINE))

    assert (answer.source, answer.reason, ids(answer)) == (Source.BATCH, reason, [11, 12])
    assert (answer.model, answer.version, answer.items[0].score) == ("nightly", 9, None)


async def test_then_the_segment_and_then_everybody(store, recommending):
    recommender = await recommending(store, failing(SidecarUnreachable("x")))

    segment = await recommender.recommend(Request(1, 2, context=AT_NINE))
    device = await recommender.recommend(Request(1, 2, context=Context("tv", "XX")))
    everybody = await recommender.recommend(Request(1, 2, context=Context("fridge")))

    assert (segment.source, ids(segment)) == (Source.SEGMENT, [4, 6])
    assert (device.source, ids(device)) == (Source.SEGMENT, [6, 9])
    assert (everybody.source, ids(everybody)) == (Source.POPULAR, [4, 5])


async def test_given_candidates_are_kept_to_on_every_rung(store, recommending):
    recommender = await recommending(store, failing(SidecarUnreachable("x")))

    batch = await recommender.recommend(Request(2, 5, [12, 40]))
    segment = await recommender.recommend(Request(1, 5, [8, 9, 2, 9_999], AT_NINE))
    everybody = await recommender.recommend(Request(1, 5, [9, 5, 9_999, 1]))

    assert (batch.source, ids(batch)) == (Source.BATCH, [12])
    assert (segment.source, ids(segment)) == (Source.SEGMENT, [8])
    assert (everybody.source, ids(everybody)) == (Source.POPULAR, [5, 9])


async def test_a_store_lost_later_leaves_what_is_popular(store, recommending):
    recommender = await recommending(store, FakeScorer(by_pencil))
    store.down = True

    answer = await recommender.recommend(Request(1, 3, context=AT_NINE))

    assert (answer.source, answer.reason, ids(answer)) == (Source.SEGMENT, "store_unreachable", [2, 4, 6])
    assert recommender.ready
    for _ in range(6):
        answer = await recommender.recommend(Request(1, 3))
    assert answer.reason == "store_breaker_open"


async def test_a_store_that_is_down_leaves_the_model_its_declared_defaults_where_that_is_wanted(
    store, recommending, repository
):
    def inputs(**default):
        rate = {"name": "user_rate", "type": "double", "source": "user", "missing": "asMean", **default}
        return {"inputs": [rate, *RANKER_INPUTS[1:]]}

    asking = PATIENT.model_copy(update={"ask_without_store": True})
    write_ranker(repository.folder, 2, contract=inputs())
    without = await recommending(store, FakeScorer(by_pencil), asking)
    write_ranker(repository.folder, 3, contract=inputs(missing_replacement=2.0))
    scorer = FakeScorer(by_pencil)
    with_default, by_default = await recommending(store, scorer, asking), await recommending(store, scorer)
    store.down = True

    async def outcome(recommender):
        answer = await recommender.recommend(Request(1, 2, context=AT_NINE))
        return answer.source, answer.reason

    assert await outcome(without) == (Source.SEGMENT, "store_unreachable")
    assert await outcome(by_default) == (Source.SEGMENT, "store_unreachable")
    assert await outcome(with_default) == (Source.ONLINE, "store_unreachable")
    assert set(scorer.requests[0].columns["user_rate"]) == {None}


async def test_without_store_and_snapshot_the_answer_is_empty_and_says_so(recommending):
    store = MemoryStore()
    store.down = True
    recommender = await recommending(store, FakeScorer(by_pencil))

    answer = await recommender.recommend(Request(1))

    assert (answer.items, answer.source, answer.reason) == ((), Source.POPULAR, "no_snapshot")
    assert not recommender.ready
    store.down = False
    await load_world(store)
    await recommender.refresh()
    assert (await recommender.recommend(Request(1))).source is Source.ONLINE


async def test_a_cold_start_without_a_store_answers_from_the_disk(store, recommending, tmp_path):
    settings = PATIENT.model_copy(update={"snapshot_path": tmp_path / "snapshot.npz"})
    await recommending(store, FakeScorer(by_pencil), settings)
    store.down = True

    recommender = await recommending(store, FakeScorer(by_pencil), settings)
    answer = await recommender.recommend(Request(1, 2))

    assert (answer.source, answer.reason, ids(answer)) == (Source.POPULAR, "store_unreachable", [1, 2])


async def test_a_store_that_lacks_a_feature_stops_the_start_and_is_named(recommending):
    store = MemoryStore()
    await load_world(store, users=FeatureTable([1], {"plan": ["free"]}))

    with pytest.raises(ConfigurationError, match=r"'ranker'|'picker'") as caught:
        await recommending(store, FakeScorer(by_pencil))

    assert "'user_rate' (user)" in str(caught.value)


async def test_a_new_feature_version_is_taken_up(store, recommending):
    recommender = await recommending(store, FakeScorer(by_pencil))
    await load_world(store, titles={9: "Nine"})

    await recommender.refresh()
    answer = await recommender.recommend(Request(1, candidates=[9]))

    assert answer.items[0].item.title == "Nine"
    assert recommender.status().snapshot_version == 2


async def test_the_version_that_the_sidecar_serves_decides(store, recommending, repository):
    served = [1]
    scorer = FakeScorer(
        lambda request: Scores({name: [0.5] * request.rows for name in request.outputs}, (), served[0], "x")
    )
    recommender = await recommending(store, scorer)
    other = {"kind": "score", "output": "probability(0)"}
    write_ranker(repository.folder, 2, ranking=other)

    await recommender.recommend(Request(1))
    await recommender.refresh()
    assert recommender.status().models["ranker"] == 1
    served[0] = 2
    await recommender.recommend(Request(1))
    await recommender.refresh()
    assert recommender.status().models["ranker"] == 2
    await recommender.recommend(Request(1))
    assert scorer.requests[-1].outputs == ("probability(0)",)
    served[0] = 1
    await recommender.recommend(Request(1))
    await recommender.refresh()
    assert recommender.status().models["ranker"] == 1


async def test_a_repository_without_the_model_stops_the_start(store, recommending, repository):
    (repository.folder / "ranker").rename(repository.folder / ".away")

    with pytest.raises(ConfigurationError, match="'ranker'"):
        await recommending(store, FakeScorer(by_pencil))


async def test_a_default_model_that_ranks_nothing_stops_the_start(store, recommending, repository):
    write_ranker(repository.folder, 2, ranking=None)

    with pytest.raises(InvalidModel, match="'ranker'"):
        await recommending(store, FakeScorer(by_pencil))


async def test_a_bad_manifest_of_another_model_leaves_the_default_one(store, recommending, repository):
    write_picker(repository.folder, 2, ranking={"kind": "x"})
    recommender = await recommending(store, FakeScorer(by_pencil))

    assert set(recommender.status().models) == {"ranker"}


async def test_a_corrupt_user_record_is_no_failure_of_the_request(store, recommending):
    await store.write([HashEntry(store_keys.users(1, 0), {1: b"garbage"})], 1.0)
    recommender = await recommending(store, FakeScorer(by_pencil))

    answer = await recommender.recommend(Request(1, 2))

    assert (answer.source, answer.reason) == (Source.POPULAR, "corrupt_record")


async def test_a_sidecar_that_hangs_costs_no_more_than_the_deadline(store, recommending):
    async def hang(request):
        await asyncio.sleep(60)

    settings = RecommendSettings(deadline_ms=300, reserve_ms=100)
    recommender = await recommending(store, FakeScorer(hang), settings)

    answer = await recommender.recommend(Request(2, 3))

    assert (answer.source, answer.reason) == (Source.BATCH, "deadline_exceeded")
    assert 190 <= answer.timings.total_ms < 2_000
    status = recommender.status()
    assert status.breakers[1].failed == 0


async def test_a_caller_in_a_hurry_gets_the_fallback_at_once(store, recommending):
    recommender = await recommending(store, FakeScorer(by_pencil))

    answer = await recommender.recommend(Request(1, 3, deadline_ms=0.001))

    assert (answer.source, answer.reason) == (Source.POPULAR, "deadline_exceeded")


async def test_the_fallback_is_checked_beside_healthy_answers(store, recommending):
    settings = PATIENT.model_copy(update={"fallback_check_share": 0.5})
    draws = iter([0.4, 0.6, 0.1])
    recommender = await recommending(store, FakeScorer(by_pencil), settings, random=lambda: next(draws, 0.9))

    answers = [await recommender.recommend(Request(1)) for _ in range(3)]

    assert {answer.source for answer in answers} == {Source.ONLINE}
    assert (recommender.status().fallback_checks, recommender.status().failed_fallback_checks) == (2, 0)


async def test_a_request_that_is_not_admitted_is_answered_from_memory(store, recommending):
    recommender = await recommending(store, FakeScorer(by_pencil))
    recommender._admission._limit = 0.0

    answer = await recommender.recommend(Request(1))

    assert (answer.source, answer.reason) == (Source.POPULAR, "overloaded")
    assert recommender.status().admission[2] == 1


async def test_a_saturated_sidecar_has_fewer_requests_admitted(store, repository):
    going_on = asyncio.Event()

    class Slow(FakeScorer):
        async def score(self, request, timeout_s):
            await going_on.wait()
            return await super().score(request, timeout_s)

    settings = PATIENT.model_copy(update={"admission_least": 8, "admission_most": 32})
    narrow = PATIENT_SIDECAR.model_copy(update={"max_connections": 1})
    recommender = Recommender(store, Slow(by_pencil), repository, settings, PATIENT_STORE, narrow, now=lambda: NOW)
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


async def test_ping_says_who_is_down(store, recommending):
    recommender = await recommending(store, FakeScorer(by_pencil))

    assert await recommender.ping() == {"store": None, "sidecar": None}
    store.down = True
    assert (await recommender.ping())["store"] is not None


@pytest.mark.process
async def test_valkey_and_the_sidecar_give_what_a_pencil_would_and_are_missed_when_killed(tmp_path):
    repository = ModelRepository(write_models(tmp_path / "models"))
    sidecar = SidecarProcess(SidecarSettings(jar=JAR, models=repository.folder))
    valkey = StoreProcess()
    url, address = valkey.start(), sidecar.start()
    store_settings = StoreSettings(url=url, attempt_timeout_ms=9_000, slow_ms=8_000)
    sidecar_settings = SidecarSettings(address=address, attempt_timeout_ms=9_000, slow_ms=8_000)
    store, scorer = RedisStore(store_settings), HttpScorer(sidecar_settings)
    recommender = Recommender(store, scorer, repository, PATIENT, store_settings, sidecar_settings)
    try:
        await load_world(store)
        await recommender.start()
        everyone = await asyncio.gather(
            *(recommender.recommend(Request(user, 3, [50, 60, 70], AT_NINE)) for user in range(8, 16))
        )
        for user, answer in zip(range(8, 16), everyone, strict=True):
            assert (answer.source, answer.reason, ids(answer)) == (Source.ONLINE, None, [70, 60, 50])
            for scored in answer.items:
                expected = ranker_score(user / 10, scored.item.item_id / 300, "tv", 9)
                assert scored.score == pytest.approx(expected, rel=1e-12)
        unknown = await recommender.recommend(Request(UNKNOWN_USER, 1, [300], Context("fridge", "XX", None, 9)))
        assert unknown.items[0].score == pytest.approx(ranker_score(None, 1.0, "fridge", 9), rel=1e-12)
        picked = await recommender.recommend(Request(8, 3, context=AT_NINE, model="picker"))
        expected = picker_scores(0.8, "tv")
        assert ids(picked) == sorted(expected, key=lambda item: -expected[item])

        sidecar.stop()
        without_sidecar = await recommender.recommend(Request(2, 3))
        assert (without_sidecar.source, without_sidecar.reason) == (Source.BATCH, "sidecar_unreachable")

        os.kill(valkey.pid, signal.SIGKILL)
        without_both = await recommender.recommend(Request(1, 3))
        assert without_both.source is Source.POPULAR
        assert without_both.reason.startswith("store")
        for _ in range(8):
            await recommender.recommend(Request(1, 3))
        assert recommender.status().breakers[0].state is BreakerState.OPEN
    finally:
        await recommender.close()
        sidecar.stop()
        valkey.stop()


@pytest.mark.process
async def test_a_sidecar_that_comes_later_is_found(tmp_path, store):
    repository = ModelRepository(write_models(tmp_path / "models"))
    socket_path = tmp_path / "s.sock"
    settings = SidecarSettings(
        address=f"unix:{socket_path}",
        jar=JAR,
        models=repository.folder,
        attempt_timeout_ms=9_000,
        slow_ms=8_000,
    )
    recommender = Recommender(store, HttpScorer(settings), repository, PATIENT, PATIENT_STORE, settings)
    sidecar = SidecarProcess(settings, uds=socket_path)
    try:
        await recommender.start()
        assert (await recommender.recommend(Request(1))).reason == "sidecar_unreachable"
        await asyncio.to_thread(sidecar.start)
        assert (await recommender.recommend(Request(1))).source is Source.ONLINE
    finally:
        await recommender.close()
        sidecar.stop()
