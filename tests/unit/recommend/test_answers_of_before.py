"""A feature version that was just loaded: the answers computed ahead of the version before stand in, with their age."""

from typing import Any

import pytest

from pillion.errors import SidecarUnreachable
from pillion.features import (
    Assumed,
    FeatureTable,
    MemoryStore,
    load_batch_answers,
    load_features,
    read_catalog,
    read_user,
)
from pillion.features.catalog import Catalog
from pillion.project import Serving
from pillion.recommend import Recommender
from pillion.scoring import ModelRepository
from pillion.types import Request, Source
from tests.support import clinic
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
from tests.support.fixture_dataset import FILMS, contents
from tests.support.item_scorer import ItemScorer
from tests.support.models import PROJECT

WAIT = 5.0
RUN_AT = 1_700_000_000.0
"""When the run of the fixture dataset ended."""


async def load_next(store: MemoryStore, **changes: Any) -> int:
    return await load_features(store, contents(**changes), now=lambda: NOW - 1.0)


async def catalog_of(store: MemoryStore) -> Catalog:
    return await read_catalog(store, WAIT)


async def test_the_answers_of_the_version_before_are_given_with_their_age(
    store: MemoryStore, recommending: Recommending
) -> None:
    await load_next(store)
    recommender = await recommending(store, failing(SidecarUnreachable("x")))

    answer = await recommender.recommend(Request(2, 5, context=AT_NINE))

    assert (answer.source, answer.reason, ids(answer)) == (Source.BATCH, "sidecar_unreachable", [11, 12])
    assert (answer.model, answer.version, answer.feature_age_s) == ("nightly", 9, NOW - RUN_AT)
    assert recommender.status().batch_age_s == NOW - RUN_AT


async def test_a_run_of_the_version_in_use_takes_their_place(store: MemoryStore) -> None:
    version = await load_next(store)
    before = await catalog_of(store)
    assert await read_catalog(store, WAIT, before.raw) is None
    await load_batch_answers(store, version, {2: [5, 6]}, model="nightly", model_version=10)

    after = await read_catalog(store, WAIT, before.raw)

    assert after is not None
    assert (before.batch and before.batch.version, after.batch and after.batch.version) == (9, 10)
    side = await read_user(store, after, 2, [], WAIT)
    assert side.batch is not None
    assert side.batch.tolist() == [5, 6]


async def test_items_that_are_gone_are_left_out(store: MemoryStore) -> None:
    left = [film for film in FILMS if film != 11]
    await load_next(store, items=FeatureTable(left, {"item_score": [film / 300 for film in left]}), titles={})

    side = await read_user(store, await catalog_of(store), 2, [], WAIT)

    assert side.batch is not None
    assert side.batch.tolist() == [10, 12]


async def test_answers_that_the_store_has_dropped_are_none_and_nothing_is_read_again_for_them() -> None:
    now = 0.0
    store = MemoryStore(lambda: now)
    await load_features(store, contents())
    await load_batch_answers(store, 1, {2: [5, 6]}, model="nightly", model_version=10)
    await load_features(store, contents(), grace_s=60.0)
    now = 61.0

    catalog = await catalog_of(store)

    assert (catalog.batch, catalog.answers) == (None, None)
    assert (await read_user(store, catalog, 2, [], WAIT)).batch is None
    assert await read_catalog(store, WAIT, catalog.raw) is None


async def test_texts_are_found_by_the_dictionary_and_the_buckets_of_the_version_before() -> None:
    store = MemoryStore()
    await load_features(store, clinic.contents())
    await load_batch_answers(store, 1, {"p/2": ["z z", "b", "a"]}, model="nightly", model_version=1)
    many = ["p/2", *(f"patient {number}" for number in range(100))]
    wards = ["0 first", "a", "z z"]
    await load_features(
        store,
        contents(
            users=FeatureTable(many, {"age": [40.0] * len(many)}),
            items=FeatureTable(wards, {"beds": [1, 2, 3]}),
            popularity={"global": [(ward, 1) for ward in wards]},
            titles={},
            seen={},
        ),
    )

    catalog = await catalog_of(store)
    side = await read_user(store, catalog, "p/2", [], WAIT)

    assert catalog.answers is not None
    assert catalog.answers.user_buckets != catalog.user_buckets
    assert side.batch is not None
    assert catalog.numbers.ids(side.batch) == ["z z", "a"]


@pytest.mark.parametrize(("mode", "source"), [("batch", Source.BATCH), ("auto", Source.ONLINE)])
async def test_they_come_first_where_the_mode_asks_for_batch_and_not_for_the_very_values(
    store: MemoryStore, repository: ModelRepository, mode: Any, source: Source
) -> None:
    online = {name: AT_NINE[name] for name in ("hour", "device", "country")}
    assumed = Assumed(3, online, "country=DE", "batch")
    await load_batch_answers(
        store, 1, {2: [200, 100, 4]}, model="ranker", model_version=1, assumed=assumed, now=lambda: NOW
    )
    await load_next(store)
    recommender = Recommender(
        store, ItemScorer(store, reference_scores), repository, PATIENT, PATIENT_STORE, PATIENT_SIDECAR,
        project=PROJECT.model_copy(update={"models": {"ranker": Serving(mode=mode)}}), now=lambda: NOW,
    )  # fmt: skip
    try:
        await recommender.start()
        answer = await recommender.recommend(Request(2, 3, context=AT_NINE))
    finally:
        await recommender.close()

    assert answer.source == source
