"""The online step: what is fetched, assembled, scored and ranked, and what is said of it."""

import math
from dataclasses import replace

import pytest

from pillion.errors import InvalidInput
from pillion.features import MemoryStore, load_features
from pillion.features import keys as store_keys
from pillion.features.store import StringEntry
from pillion.recommend import Recommender
from pillion.scoring import FakeScorer, ModelRepository, RankedItems, RowError, ScoreRequest, Scores
from pillion.types import Request, Source
from tests.support import vectors
from tests.support.data_plane import (
    AT_NINE,
    NOW,
    PATIENT,
    PATIENT_SIDECAR,
    PATIENT_STORE,
    Recommending,
    ids,
    reference_scores,
)
from tests.support.fixture_dataset import ALL_SEEN_USER, MISSING_USER, NAN_USER, UNKNOWN_USER
from tests.support.item_scorer import ItemScorer
from tests.support.models import RANKER_INPUTS, picker_scores, ranker_score, write_ranker


async def test_an_online_answer_is_ranked_titled_and_without_what_was_seen(
    store: MemoryStore, recommending: Recommending
) -> None:
    recommender = await recommending(store, ItemScorer(store, reference_scores))

    answer = await recommender.recommend(Request(1, 3, candidates=[1, 2, 5, 9, 7, 9], context=AT_NINE, request_id="r"))

    assert ids(answer) == [9, 7, 5]
    assert answer.items[0].item.title == "Film 9"
    assert answer.items[0].score == ranker_score(0.1, 9 / 300, "tv", 9)
    assert (answer.source, answer.reason) == (Source.ONLINE, None)
    assert (answer.model, answer.version, answer.engine) == ("ranker", 1, "reference")
    assert answer.seen_items == 2
    assert answer.feature_age_s == 100.0
    assert answer.request_id == "r"
    assert answer.timings.total_ms > 0


async def test_candidates_come_from_the_segments_popular_items_then_from_everybodys(
    store: MemoryStore, recommending: Recommending
) -> None:
    scorer = ItemScorer(store, reference_scores)
    settings = PATIENT.model_copy(update={"candidate_count": 160})
    recommender = await recommending(store, scorer, settings)

    answer = await recommender.recommend(Request(1, 5, context=AT_NINE))

    assert scorer.requests[0].rows == 160
    assert ids(answer)[0] == 300
    assert ids(answer)[1] == 298
    assert {1, 2, 3}.isdisjoint(ids(answer))


async def test_an_unknown_user_is_scored_with_missing_features_and_said_to_be_unknown(
    store: MemoryStore, recommending: Recommending
) -> None:
    scorer = ItemScorer(store, reference_scores)
    recommender = await recommending(store, scorer)

    answer = await recommender.recommend(Request(UNKNOWN_USER, 2, [300, 299], AT_NINE))

    assert list(scorer.requests[0].columns["user_rate"]) == [None, None]
    assert (answer.source, answer.reason) == (Source.ONLINE, "unknown_user")
    assert answer.items[0].score == ranker_score(None, 1.0, "tv", 9)


async def test_an_unknown_user_gets_what_is_popular_where_the_model_refuses_them(
    store: MemoryStore, recommending: Recommending, repository: ModelRepository
) -> None:
    strict = [{"name": "user_rate", "type": "double", "source": "user", "missing": "returnInvalid"}]
    write_ranker(repository.folder, 2, contract={"inputs": strict})
    recommender = await recommending(store, ItemScorer(store, reference_scores))

    answer = await recommender.recommend(Request(UNKNOWN_USER, 2, context=AT_NINE))

    assert (answer.source, answer.reason, ids(answer)) == (Source.SEGMENT, "unknown_user", [2, 4])


async def test_missing_and_nan_features_reach_the_model_as_they_are(
    store: MemoryStore, recommending: Recommending
) -> None:
    scorer = ItemScorer(store, lambda request: Scores({"probability(1)": [0.5] * request.rows}))
    recommender = await recommending(store, scorer)

    await recommender.recommend(Request(MISSING_USER))
    await recommender.recommend(Request(NAN_USER))

    missing, nan = (request.columns["user_rate"][0] for request in scorer.requests)
    assert missing is None
    assert math.isnan(nan)


async def test_an_unknown_device_is_passed_on_as_it_is(store: MemoryStore, recommending: Recommending) -> None:
    scorer = ItemScorer(store, reference_scores)
    recommender = await recommending(store, scorer)

    answer = await recommender.recommend(Request(1, context={"device": "fridge", "country": "DE"}))

    assert scorer.requests[0].columns["device"][0] == "fridge"
    assert answer.source is Source.ONLINE


async def test_scores_that_are_missing_or_nan_are_left_out(store: MemoryStore, recommending: Recommending) -> None:
    scores = Scores({"probability(1)": [None, math.nan, 0.1]})
    recommender = await recommending(store, ItemScorer(store, lambda request: scores))

    answer = await recommender.recommend(Request(1, candidates=[7, 8, 9]))

    assert (ids(answer), answer.unscored_items) == ([9], 2)


async def test_a_model_that_scores_nothing_leaves_it_to_what_is_popular(
    store: MemoryStore, recommending: Recommending
) -> None:
    scorer = ItemScorer(store, lambda request: Scores({"probability(1)": [None] * request.rows}))
    recommender = await recommending(store, scorer)

    answer = await recommender.recommend(Request(1, 2, context=AT_NINE))

    assert (answer.source, answer.reason, ids(answer)) == (Source.SEGMENT, "no_scores", [4, 6])


async def test_why_a_model_scores_nothing_is_logged_once_for_each_field(
    store: MemoryStore, recommending: Recommending, caplog: pytest.LogCaptureFixture
) -> None:
    lacking = ["warm-up"]

    def refuse(request: ScoreRequest) -> Scores:
        errors = tuple(RowError(row, lacking[-1], "None", "a value is required") for row in (0, 1))
        outputs = request.outputs or ("probability(1)",)
        return Scores({name: [None] * request.rows for name in outputs}, errors)

    recommender = await recommending(store, ItemScorer(store, refuse))
    await recommender.warm_up()
    for field in ("device", "device", "hour"):
        lacking.append(field)
        await recommender.recommend(Request(1, 2, context=AT_NINE))

    told = [record.getMessage() for record in caplog.records if "no candidate a score" in record.getMessage()]
    assert [message.split("field ")[1][:8] for message in told] == ["'device'", "'hour': "]
    assert "a value is required; a 'default' in the project file" in told[0]


async def test_unknown_candidates_are_dropped_and_reported(store: MemoryStore, recommending: Recommending) -> None:
    recommender = await recommending(store, ItemScorer(store, reference_scores))

    answer = await recommender.recommend(Request(1, candidates=[5, 9_999, 4_294_967_295]))

    assert (ids(answer), answer.unknown_items) == ([5], (9_999, 4_294_967_295))


async def test_a_candidate_that_came_after_the_snapshot_is_fetched_with_the_user(
    store: MemoryStore, recommending: Recommending
) -> None:
    recommender = await recommending(store, ItemScorer(store, reference_scores))
    catalog = recommender._keeper.catalog
    assert catalog is not None
    record = catalog.items.pack((1.0, 2020, "New"))
    await store.write([StringEntry(store_keys.item(1, 777), record)], 1.0)

    answer = await recommender.recommend(Request(1, candidates=[300, 777], context=AT_NINE))

    assert ids(answer) == [300, 777]
    assert answer.items[1].item.title == "New"


@pytest.mark.parametrize("candidates", [[], [9_999], [1, 2, 3]])
async def test_nothing_to_rank_is_an_empty_answer_with_a_reason(
    store: MemoryStore, recommending: Recommending, candidates: list[int]
) -> None:
    scorer = ItemScorer(store, reference_scores)
    recommender = await recommending(store, scorer)

    answer = await recommender.recommend(Request(1, candidates=candidates))

    assert (answer.items, answer.source, answer.reason) == ((), Source.ONLINE, "no_candidates")
    assert scorer.requests == []


async def test_a_user_who_has_seen_everything_gets_an_empty_answer(
    store: MemoryStore, recommending: Recommending
) -> None:
    recommender = await recommending(store, ItemScorer(store, reference_scores))

    answer = await recommender.recommend(Request(ALL_SEEN_USER))

    assert (answer.items, answer.reason) == ((), "no_candidates")


async def test_ten_thousand_candidates_are_one_call_and_one_more_is_refused(
    store: MemoryStore, recommending: Recommending
) -> None:
    scorer = ItemScorer(store, reference_scores)
    recommender = await recommending(store, scorer)

    answer = await recommender.recommend(Request(1, 1000, candidates=list(range(10_000))))

    assert len(scorer.requests) == 1
    assert len(answer.items) == 297
    assert len(answer.unknown_items) == 10_000 - 300
    with pytest.raises(InvalidInput, match="10001 items") as caught:
        await recommender.recommend(Request(1, candidates=list(range(10_001))))
    assert caught.value.field == "candidates"


async def test_a_model_of_classes_scores_one_row(store: MemoryStore, recommending: Recommending) -> None:
    expected = picker_scores(0.1, "tv")
    scores = Scores({f"probability({i})": [s] for i, s in expected.items()})
    scorer = ItemScorer(store, lambda request: scores, {f"probability({i})": i for i in expected})
    recommender = await recommending(store, scorer)

    answer = await recommender.recommend(Request(1, 2, context=AT_NINE, model="picker"))
    chosen = await recommender.recommend(Request(1, 2, [5, 6, 99], AT_NINE, "picker"))

    best = sorted(expected, key=lambda item: -expected[item])
    assert scorer.requests[0].rows == 1
    assert ids(answer) == best[:2]
    assert ids(chosen) == [item for item in best if item != 7]


async def test_a_store_that_is_down_leaves_the_model_its_declared_defaults_where_that_is_wanted(
    store: MemoryStore, recommending: Recommending, repository: ModelRepository
) -> None:
    def inputs(**default: object) -> dict[str, object]:
        rate = {"name": "user_rate", "type": "double", "source": "user", "missing": "asMean", **default}
        return {"inputs": [rate, *RANKER_INPUTS[1:]]}

    asking = PATIENT.model_copy(update={"ask_without_store": True})
    write_ranker(repository.folder, 2, contract=inputs())
    without = await recommending(store, ItemScorer(store, reference_scores), asking)
    write_ranker(repository.folder, 3, contract=inputs(missing_replacement=2.0))
    scorer = ItemScorer(store, reference_scores)
    with_default, by_default = await recommending(store, scorer, asking), await recommending(store, scorer)
    store.down = True

    async def outcome(recommender: Recommender) -> tuple[Source, str | None]:
        answer = await recommender.recommend(Request(1, 2, context=AT_NINE))
        return answer.source, answer.reason

    assert await outcome(without) == (Source.SEGMENT, "store_unreachable")
    assert await outcome(by_default) == (Source.SEGMENT, "store_unreachable")
    assert await outcome(with_default) == (Source.ONLINE, "store_unreachable")
    assert set(scorer.requests[0].columns["user_rate"]) == {None}


async def test_a_first_phase_is_asked_for_where_a_request_names_no_candidates(repository: ModelRepository) -> None:
    store = MemoryStore()
    await load_features(store, vectors.contents())
    vectors.write_ranker(repository.folder)
    reply = RankedItems((9, 7), (0.75, 0.5), 160, 0, 1, 1, "compiled", seen_share=0.25)
    scorer = FakeScorer(ranking=lambda request: replace(reply, feature_version=request.feature_version))
    recommender = Recommender(
        store, scorer, repository, PATIENT, PATIENT_STORE, PATIENT_SIDECAR, project=vectors.PROJECT, now=lambda: NOW
    )
    await recommender.start()
    try:
        picked = await recommender.recommend(Request(1, 2, context=AT_NINE))
        named = await recommender.recommend(Request(1, 2, candidates=[9, 7], context=AT_NINE))
    finally:
        await recommender.close()

    asked = [request for request in scorer.rank_requests if request.context.get("hour") == 9]
    assert [request.vectors for request in asked[-2:]] == [("user_factor", "item_factor"), None]
    assert asked[-2].list_size == PATIENT.candidate_count
    assert (ids(picked), picked.seen_share) == ([9, 7], 0.25)
    assert ids(named) == [9, 7]
