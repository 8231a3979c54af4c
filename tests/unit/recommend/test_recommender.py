"""The recommender's life: its start, the versions that it follows, and what it says of its dependencies."""

from pathlib import Path

import pytest

from pillion.errors import ConfigurationError, InvalidModel, SidecarUnreachable
from pillion.features import FeatureTable, MemoryStore
from pillion.scoring import FakeScorer, ModelRepository, Scores
from pillion.types import Request, Source
from tests.support.data_plane import PATIENT, Recommending, failing, ids, reference_scores
from tests.support.fixture_dataset import load_fixture_dataset
from tests.support.models import RANKER_INPUTS, write_picker, write_ranker


async def test_a_cold_start_without_a_store_answers_from_the_disk(
    store: MemoryStore, recommending: Recommending, tmp_path: Path
) -> None:
    settings = PATIENT.model_copy(update={"snapshot_path": tmp_path / "snapshot.npz"})
    await recommending(store, FakeScorer(reference_scores), settings)
    store.down = True

    recommender = await recommending(store, FakeScorer(reference_scores), settings)
    answer = await recommender.recommend(Request(1, 2))

    assert (answer.source, answer.reason, ids(answer)) == (Source.POPULAR, "store_unreachable", [1, 2])


async def test_a_store_that_lacks_a_feature_stops_the_start_and_is_named(recommending: Recommending) -> None:
    store = MemoryStore()
    await load_fixture_dataset(store, users=FeatureTable([1], {"plan": ["free"]}))

    with pytest.raises(ConfigurationError, match=r"'ranker'|'picker'") as caught:
        await recommending(store, FakeScorer(reference_scores))

    assert "'user_rate' (user)" in str(caught.value)


async def test_a_new_feature_version_is_taken_up(store: MemoryStore, recommending: Recommending) -> None:
    recommender = await recommending(store, FakeScorer(reference_scores))
    await load_fixture_dataset(store, titles={9: "Nine"})

    await recommender.refresh()
    answer = await recommender.recommend(Request(1, candidates=[9]))

    assert answer.items[0].item.title == "Nine"
    assert recommender.status().snapshot_version == 2


async def test_the_version_that_the_sidecar_serves_decides(
    store: MemoryStore, recommending: Recommending, repository: ModelRepository
) -> None:
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


async def test_a_repository_without_the_model_stops_the_start(
    store: MemoryStore, recommending: Recommending, repository: ModelRepository
) -> None:
    (repository.folder / "ranker").rename(repository.folder / ".away")

    with pytest.raises(ConfigurationError, match="'ranker'"):
        await recommending(store, FakeScorer(reference_scores))


async def test_a_default_model_that_ranks_nothing_stops_the_start(
    store: MemoryStore, recommending: Recommending, repository: ModelRepository
) -> None:
    write_ranker(repository.folder, 2, ranking=None)

    with pytest.raises(InvalidModel, match="'ranker'"):
        await recommending(store, FakeScorer(reference_scores))


async def test_a_bad_manifest_of_another_model_leaves_the_default_one(
    store: MemoryStore, recommending: Recommending, repository: ModelRepository
) -> None:
    write_picker(repository.folder, 2, ranking={"kind": "x"})
    recommender = await recommending(store, FakeScorer(reference_scores))

    assert set(recommender.status().models) == {"ranker"}


async def test_ping_says_who_is_down(store: MemoryStore, recommending: Recommending) -> None:
    recommender = await recommending(store, FakeScorer(reference_scores))

    assert await recommender.ping() == {"store": None, "sidecar": None}
    store.down = True
    assert (await recommender.ping())["store"] is not None


async def test_warming_up_asks_each_model_and_then_many_at_once_and_the_breakers_see_nothing(
    store: MemoryStore, recommending: Recommending
) -> None:
    scorer = FakeScorer(lambda request: Scores({name: [0.5] * request.rows for name in request.outputs}, ()))
    settings = PATIENT.model_copy(update={"admission_target_ms": 60_000})
    recommender = await recommending(store, scorer, settings)

    await recommender.warm_up()

    assert [request.model for request in scorer.requests] == [*["ranker"] * 3, *["picker"] * 3, *["ranker"] * 4]
    assert [breaker.succeeded for breaker in recommender.status().breakers] == [0, 0]


async def test_warming_up_asks_a_model_that_takes_no_unknown_users_with_values_that_it_knows(
    store: MemoryStore, repository: ModelRepository, recommending: Recommending
) -> None:
    values = {"device": ["tv", "mobile"]}
    strict = [{**field, "missing": "returnInvalid", "values": values.get(field["name"])} for field in RANKER_INPUTS]
    write_ranker(repository.folder, 2, contract={"inputs": strict})
    scorer = FakeScorer(reference_scores)
    recommender = await recommending(store, scorer, PATIENT.model_copy(update={"admission_target_ms": 60_000}))

    unknown = await recommender.recommend(Request(987_654_321))
    asked_for_nobody = len(scorer.requests)
    await recommender.warm_up()

    assert (unknown.reason, asked_for_nobody) == ("unknown_user", 0)
    assert scorer.requests[0].model == "ranker"
    row = {name: column[0] for name, column in scorer.requests[0].columns.items()}
    assert (row["user_rate"], row["device"]) == (0.0, "tv")


async def test_warming_up_ends_with_the_first_refusal(store: MemoryStore, recommending: Recommending) -> None:
    scorer = failing(SidecarUnreachable("down"))
    recommender = await recommending(store, scorer)

    await recommender.warm_up()

    assert len(scorer.requests) == 1
    assert recommender.status().breakers[1].failed == 0
