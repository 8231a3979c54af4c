"""The recommender's life: its start, the versions that it follows, and what it says of its dependencies."""

import asyncio
from pathlib import Path

import pytest

from pillion.errors import ConfigurationError, InvalidModel, SidecarLacksItems, SidecarUnreachable
from pillion.features import FeatureTable, MemoryStore
from pillion.scoring import ModelRepository, RankedItems, RankRequest, Scores
from pillion.types import Request, Source
from tests.support.data_plane import AT_NINE, PATIENT, Recommending, failing, ids, reference_scores
from tests.support.fixture_dataset import load_fixture_dataset
from tests.support.item_scorer import ItemScorer
from tests.support.models import CLASSES, RANKER_INPUTS, write_picker, write_ranker


async def test_a_cold_start_without_a_store_answers_from_the_disk(
    store: MemoryStore, recommending: Recommending, tmp_path: Path
) -> None:
    settings = PATIENT.model_copy(update={"snapshot_path": tmp_path / "snapshot.npz"})
    await recommending(store, ItemScorer(store, reference_scores), settings)
    store.down = True

    recommender = await recommending(store, ItemScorer(store, reference_scores), settings)
    answer = await recommender.recommend(Request(1, 2))

    assert (answer.source, answer.reason, ids(answer)) == (Source.POPULAR, "store_unreachable", [1, 2])


async def test_a_store_that_lacks_a_feature_stops_the_start_and_is_named(recommending: Recommending) -> None:
    store = MemoryStore()
    await load_fixture_dataset(store, users=FeatureTable([1], {"plan": ["free"]}))

    with pytest.raises(ConfigurationError, match=r"'ranker'|'picker'") as caught:
        await recommending(store, ItemScorer(store, reference_scores))

    assert "'user_rate' (user)" in str(caught.value)


async def test_a_new_feature_version_is_taken_up(store: MemoryStore, recommending: Recommending) -> None:
    recommender = await recommending(store, ItemScorer(store, reference_scores))
    await load_fixture_dataset(store, titles={9: "Nine"})

    await recommender.refresh()
    answer = await recommender.recommend(Request(1, candidates=[9]))

    assert answer.items[0].item.title == "Nine"
    assert recommender.status().snapshot_version == 2


async def test_the_version_that_the_sidecar_serves_decides(
    store: MemoryStore, recommending: Recommending, repository: ModelRepository
) -> None:
    served = [1]
    scorer = ItemScorer(store, lambda request: Scores({"probability(1)": [0.5] * request.rows}, (), served[0], "x"))
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
    served[0] = 1
    await recommender.recommend(Request(1))
    await recommender.refresh()
    assert recommender.status().models["ranker"] == 1


async def test_a_repository_without_the_model_stops_the_start(
    store: MemoryStore, recommending: Recommending, repository: ModelRepository
) -> None:
    (repository.folder / "ranker").rename(repository.folder / ".away")

    with pytest.raises(ConfigurationError, match="'ranker'"):
        await recommending(store, ItemScorer(store, reference_scores))


async def test_a_default_model_that_ranks_nothing_stops_the_start(
    store: MemoryStore, recommending: Recommending, repository: ModelRepository
) -> None:
    write_ranker(repository.folder, 2, ranking=None)

    with pytest.raises(InvalidModel, match="'ranker'"):
        await recommending(store, ItemScorer(store, reference_scores))


async def test_a_bad_manifest_of_another_model_leaves_the_default_one(
    store: MemoryStore, recommending: Recommending, repository: ModelRepository
) -> None:
    write_picker(repository.folder, 2, ranking={"kind": "x"})
    recommender = await recommending(store, ItemScorer(store, reference_scores))

    assert set(recommender.status().models) == {"ranker"}


async def test_ping_says_who_is_down(store: MemoryStore, recommending: Recommending) -> None:
    recommender = await recommending(store, ItemScorer(store, reference_scores))

    assert await recommender.ping() == {"store": None, "sidecar": None}
    store.down = True
    assert (await recommender.ping())["store"] is not None


async def test_warming_up_asks_each_model_and_then_many_at_once_and_the_breakers_see_nothing(
    store: MemoryStore, recommending: Recommending
) -> None:
    outputs = {"ranker": ["probability(1)"], "picker": list(CLASSES)}
    scorer = ItemScorer(
        store, lambda request: Scores({name: [0.5] * request.rows for name in outputs[request.model]}), CLASSES
    )
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
    scorer = ItemScorer(store, reference_scores)
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

    assert len(scorer.rank_requests) == 1
    assert recommender.status().breakers[1].failed == 0


async def test_a_feature_version_is_taken_up_once_the_sidecar_has_its_items(
    store: MemoryStore, recommending: Recommending
) -> None:
    scorer = ItemScorer(store, reference_scores)
    recommender = await recommending(store, scorer)
    asked: list[int] = []
    named = asyncio.Event()
    rank = scorer.rank

    async def late(request: RankRequest, timeout_s: float) -> RankedItems:
        asked.append(request.feature_version)
        if request.feature_version == 2:
            named.set()
        if request.feature_version == 2 and asked.count(2) < 3:
            raise SidecarLacksItems("version 2 is not in memory, but version 1")
        return await rank(request, timeout_s)

    scorer.rank = late  # type: ignore[method-assign]
    await load_fixture_dataset(store)
    refreshing = asyncio.create_task(recommender.refresh())
    await named.wait()
    meanwhile = await recommender.recommend(Request(1, 2, context=AT_NINE))
    used = recommender.status().snapshot_version
    await refreshing

    assert (meanwhile.source, used) == (Source.ONLINE, 1)
    assert recommender.status().snapshot_version == 2


async def test_a_sidecar_without_the_items_is_a_reason_of_its_own(
    store: MemoryStore, recommending: Recommending
) -> None:
    recommender = await recommending(store, failing(SidecarLacksItems("x")))

    answer = await recommender.recommend(Request(1, 2, context=AT_NINE))

    assert (answer.source, answer.reason) == (Source.SEGMENT, "sidecar_lacks_items")
    assert recommender.breakers["sidecar"].snapshot().failed == 0
