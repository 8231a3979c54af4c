"""The mode of a model: when what was computed ahead comes before asking it."""

from pathlib import Path
from typing import Any

import pytest

from pillion.errors import ConfigurationError, InvalidModel
from pillion.features import Assumed, MemoryStore, Store, load_batch_answers
from pillion.project import Serving
from pillion.recommend import Recommender
from pillion.scoring import ModelRepository
from pillion.types import Recommendation, Request, Source
from tests.support.data_plane import (
    AT_NINE,
    NOW,
    PATIENT,
    PATIENT_SIDECAR,
    PATIENT_STORE,
    ids,
    reference_scores,
)
from tests.support.item_scorer import ItemScorer
from tests.support.models import PROJECT

ONLINE = {"hour": 9, "device": "tv", "country": "DE"}
_HOUR_S = 3600.0


async def ask(
    store: MemoryStore, repository: ModelRepository, serving: Serving | None, request: Request, now: float = NOW
) -> Recommendation:
    models = {} if serving is None else {"ranker": serving}
    recommender = Recommender(
        store, ItemScorer(store, reference_scores), repository, PATIENT, PATIENT_STORE, PATIENT_SIDECAR,
        project=PROJECT.model_copy(update={"models": models}), now=lambda: now,
    )  # fmt: skip
    try:
        await recommender.start()
        return await recommender.recommend(request)
    finally:
        await recommender.close()


async def compute(store: Store, **changes: Any) -> None:
    """Answers as a run for `AT_NINE` would leave them."""
    assumed: dict[str, Any] = {"k": 4, "online": ONLINE, "segment": "country=DE", "verdict": "batch"}
    given = {"model": "ranker", "model_version": 1, "now": lambda: NOW} | changes.pop("written", {})
    await load_batch_answers(store, 1, {2: [200, 100, 10, 4]}, assumed=Assumed(**(assumed | changes)), **given)


@pytest.mark.parametrize("mode", ["batch", "auto"])
async def test_what_was_computed_ahead_comes_first_less_what_was_seen_since(
    store: MemoryStore, repository: ModelRepository, mode: Any
) -> None:
    await compute(store)

    answer = await ask(store, repository, Serving(mode=mode), Request(2, 3, context=AT_NINE))

    assert (answer.source, answer.reason, ids(answer)) == (Source.BATCH, "computed_ahead", [200, 100, 4])
    assert (answer.model, answer.version, answer.feature_age_s) == ("ranker", 1, 0.0)


@pytest.mark.parametrize("serving", [None, Serving()])
async def test_a_model_without_a_mode_is_asked(
    store: MemoryStore, repository: ModelRepository, serving: Serving | None
) -> None:
    await compute(store)

    assert (await ask(store, repository, serving, Request(2, 3, context=AT_NINE))).source == Source.ONLINE


@pytest.mark.parametrize(
    "changes",
    [
        {"online": {**ONLINE, "hour": 10}},
        {"segment": None},
        {"verdict": "online"},
        {"written": {"model_version": 2}},
        {"written": {"model": "picker"}},
        {"written": {"now": lambda: NOW - 49 * _HOUR_S}},
    ],
)
async def test_auto_asks_the_model_where_the_run_took_something_else(
    store: MemoryStore, repository: ModelRepository, changes: dict[str, Any]
) -> None:
    await compute(store, **changes)

    answer = await ask(store, repository, Serving(mode="auto"), Request(2, 3, context=AT_NINE))

    assert (answer.source, answer.reason) == (Source.ONLINE, None)


@pytest.mark.parametrize(
    "request_",
    [
        Request(2, 3, context={**AT_NINE, "hour": 11}),
        Request(2, 4, context=AT_NINE),  # one of the four was seen
        Request(2, 3, [4, 100, 200], AT_NINE),
        Request(3, 3, context=AT_NINE),  # has no answer ahead
    ],
)
async def test_auto_asks_the_model_for_a_request_that_the_run_does_not_stand_for(
    store: MemoryStore, repository: ModelRepository, request_: Request
) -> None:
    await compute(store)

    assert (await ask(store, repository, Serving(mode="auto"), request_)).source == Source.ONLINE


async def test_batch_answers_for_other_values_and_among_candidates_until_they_are_too_old(
    store: MemoryStore, repository: ModelRepository
) -> None:
    await compute(store, verdict="online")
    serving, request = Serving(mode="batch", max_age_hours=1), Request(2, 3, [4, 100, 7], {**AT_NINE, "hour": 11})

    assert ids(await ask(store, repository, serving, request)) == [100, 4]
    assert (await ask(store, repository, serving, request, NOW + _HOUR_S + 1)).source == Source.ONLINE


async def test_answers_from_elsewhere_come_first_with_batch_alone(
    store: MemoryStore, repository: ModelRepository
) -> None:
    await load_batch_answers(store, 1, {2: [200, 100, 4]}, model="ranker", model_version=1, now=lambda: NOW)
    request = Request(2, 2, context=AT_NINE)

    assert (await ask(store, repository, Serving(mode="auto"), request)).source == Source.ONLINE
    assert (await ask(store, repository, Serving(mode="batch"), request)).source == Source.BATCH


async def test_a_mode_of_a_model_that_is_not_there_is_refused(repository: ModelRepository, tmp_path: Path) -> None:
    project = PROJECT.model_copy(update={"models": {"rankr": Serving()}})
    recommender = Recommender(
        MemoryStore(), ItemScorer(MemoryStore(), reference_scores), repository, PATIENT, project=project
    )

    with pytest.raises((ConfigurationError, InvalidModel), match="rankr"):
        await recommender.start()
