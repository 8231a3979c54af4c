"""Users and items whose ids are text, and a request that says other things than the demo's, through the data plane."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pillion.errors import ConfigurationError, InvalidInput, SidecarUnreachable
from pillion.features import MemoryStore
from pillion.project import Project
from pillion.recommend import Recommender
from pillion.scoring import FakeScorer, ModelRepository
from pillion.types import Request, Source
from tests.support import clinic
from tests.support.data_plane import PATIENT, PATIENT_SIDECAR, PATIENT_STORE, ids
from tests.support.fixture_dataset import load_fixture_dataset
from tests.support.item_scorer import ItemScorer
from tests.support.models import write_picker


def make(store: MemoryStore, folder: Path, project: Project = clinic.PROJECT) -> Recommender:
    repository = ModelRepository(clinic.write_models(folder / "models"))
    scorer = ItemScorer(store, clinic.reference_scores)
    return Recommender(store, scorer, repository, PATIENT, PATIENT_STORE, PATIENT_SIDECAR, project=project)


@pytest.fixture
async def recommender(tmp_path: Path) -> AsyncIterator[Recommender]:
    store = MemoryStore()
    await clinic.load(store)
    recommender = make(store, tmp_path)
    await recommender.start()
    yield recommender
    await recommender.close()


async def test_the_only_model_ranks_what_is_popular_by_the_declared_values(recommender: Recommender) -> None:
    answer = await recommender.recommend(Request("p 1", 9, context={"urgency": 4, "insured": True}))

    assert (answer.source, answer.reason, answer.model, answer.user_id) == (Source.ONLINE, None, "triage", "p 1")
    assert ids(answer) == ["c/7", "a", "b"]  # of equal features, the lower id first
    assert [scored.item.title for scored in answer.items] == [None, "Ward A", None]
    assert answer.items[2].score == clinic.score(30.0, 1, 4, True)


async def test_defaults_stand_in_for_the_user_the_item_and_the_request(recommender: Recommender) -> None:
    answer = await recommender.recommend(Request("p/2", 9, ["b", "z z", "Ä-north"]))
    unknown = await recommender.recommend(Request("nobody", 1, ["b"]))

    assert ids(answer) == ["Ä-north", "b", "z z"]
    assert answer.items[1].score == clinic.score(40.0, 1, 3, None)
    assert (unknown.reason, unknown.items[0].score) == ("unknown_user", clinic.score(40.0, 1, 3, None))


async def test_seen_and_unknown_candidates_are_told_by_their_ids(recommender: Recommender) -> None:
    answer = await recommender.recommend(Request("p/2", 9, ["a", "gone", "new", "b", "a"]))

    assert (ids(answer), answer.seen_items, answer.unknown_items) == (["b"], 1, ("gone", "new"))


async def test_the_rungs_below_name_items_by_their_ids(recommender: Recommender) -> None:
    async def fail(*_: object) -> None:
        raise SidecarUnreachable("down")

    recommender._scorer.rank = fail  # type: ignore[assignment, method-assign]

    batch = await recommender.recommend(Request("名", 5))
    insured = await recommender.recommend(Request("p 1", 5, context={"insured": True}))
    urgent = await recommender.recommend(Request("p 1", 5, context={"insured": False, "urgency": 5}))
    everybody = await recommender.recommend(Request("p 1", 5))
    given = await recommender.recommend(Request("p 1", 5, ["z z", "b", "new"]))

    assert (batch.source, ids(batch)) == (Source.BATCH, ["b", "a"])
    assert (insured.source, ids(insured)) == (Source.SEGMENT, ["b"])
    assert (urgent.source, ids(urgent)) == (Source.SEGMENT, ["z z"])
    assert (everybody.source, ids(everybody)) == (Source.POPULAR, ["c/7", "a", "gone", "b"])
    assert ids(given) == ["b", "z z"]


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (Request(1), "user_id"),
        (Request(""), "user_id"),
        (Request("x" * 201), "user_id"),
        (Request("\ud800"), "user_id"),
        (Request("p 1", candidates=["a", 1]), "candidates"),
        (Request("p 1", candidates=[""]), "candidates"),
        (Request("p 1", context={"urgency": 6}), "urgency"),
        (Request("p 1", context={"insured": 1}), "insured"),
        (Request("p 1", context={"hour": 1}), "hour"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_name(recommender: Recommender, request_: Request, field: str) -> None:
    with pytest.raises(InvalidInput, match=f"'{field}'") as caught:
        await recommender.recommend(request_)

    assert caught.value.field == field


async def test_warming_up_needs_no_number(recommender: Recommender) -> None:
    await recommender.warm_up()

    assert recommender._scorer.requests  # type: ignore[attr-defined]


async def test_a_store_with_ids_of_another_kind_stops_the_start(tmp_path: Path) -> None:
    store = MemoryStore()
    await load_fixture_dataset(store)

    with pytest.raises(ConfigurationError, match=r"users have ids of the type 'integer', but .* type = \"string\""):
        await make(store, tmp_path).start()


async def test_two_models_and_none_named_stop_the_start(tmp_path: Path) -> None:
    store = MemoryStore()
    await clinic.load(store)
    recommender = make(store, tmp_path)
    write_picker(tmp_path / "models")

    with pytest.raises(ConfigurationError, match="'picker', 'triage', and nothing says which is asked: give --model"):
        await recommender.start()


async def test_a_model_of_classes_that_the_store_lacks_stops_the_start(tmp_path: Path) -> None:
    store = MemoryStore()
    await clinic.load(store)
    recommender = make(store, tmp_path, clinic.PROJECT.model_copy(update={"model": "triage"}))
    names = ["probability(5)", "probability(6)", "probability(7)"]
    ranking = {"kind": "classes", "classes": dict(zip(names, "abx", strict=True))}
    write_picker(tmp_path / "models", contract={"inputs": []}, ranking=ranking)

    with pytest.raises(ConfigurationError, match="'picker' ranks 1 items that the store lacks, such as 'x'"):
        await recommender.start()


def test_a_segment_that_the_project_file_does_not_declare_is_named(tmp_path: Path) -> None:
    settings = PATIENT.model_copy(update={"segment_fields": ("country",)})

    with pytest.raises(ConfigurationError, match="the segment 'country' is not an input of the source 'online'"):
        Recommender(MemoryStore(), FakeScorer(clinic.reference_scores), ModelRepository(tmp_path), settings)
