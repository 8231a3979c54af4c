from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from pillion.features import (
    Catalog,
    FeatureTable,
    MemoryStore,
    OnlineInputs,
    assemble,
    bind,
    read_catalog,
    read_contract,
)
from pillion.types import Repeated
from tests.support.fixture_dataset import load_fixture_dataset
from tests.support.models import PROJECT

INPUTS = {
    "inputs": [
        {"name": "user_rate", "type": "double"},
        {"name": "item_score", "type": "double"},
        {"name": "device", "type": "string"},
        {"name": "hour", "type": "integer"},
    ]
}


@pytest.fixture
async def catalog() -> Catalog:
    store = MemoryStore()
    await load_fixture_dataset(store)
    return await read_catalog(store, 1.0)


def columns(catalog: Catalog, candidates: Sequence[int], user: Any = None, fetched: Any = None) -> Any:
    bound = bind(read_contract(INPUTS, "m"), "ranker", catalog.users, catalog.items, declared=PROJECT.inputs)
    online = OnlineInputs(PROJECT.online).read({"device": "tv"}, 0.0)
    return assemble(bound, catalog, user, online, np.array(candidates, dtype=np.int64), fetched or {})


def test_context_is_repeated_and_item_features_are_looked_up(catalog: Catalog) -> None:
    made = columns(catalog, [300, 1], {"user_rate": 0.5})

    assert isinstance(made["user_rate"], Repeated)
    assert list(made["user_rate"]) == [0.5, 0.5]
    assert list(made["device"]) == ["tv", "tv"]
    assert made["item_score"].tolist() == [1.0, 1 / 300]


def test_an_unknown_users_features_are_missing(catalog: Catalog) -> None:
    assert list(columns(catalog, [1], None)["user_rate"]) == [None]


def test_an_item_outside_the_table_has_the_features_that_were_fetched(catalog: Catalog) -> None:
    made = columns(catalog, [2, 900, 3], {}, {900: {"item_score": None}})

    assert list(made["item_score"]) == [2 / 300, None, 0.01]


async def test_missing_item_features_are_none_and_nan_stays() -> None:
    store = MemoryStore()
    items = FeatureTable([1, 2, 3], {"item_score": [0.5, None, float("nan")]})
    await load_fixture_dataset(store, items=items)
    catalog = await read_catalog(store, 1.0)

    made = columns(catalog, [3, 2, 1])["item_score"]

    assert isinstance(made, list)
    assert made[1:] == [None, 0.5]
    assert made[0] != made[0]


def test_repeated_is_a_sequence() -> None:
    column = Repeated(7, 3)

    assert (list(column), list(column[1:]), column[-1]) == ([7, 7, 7], [7, 7], 7)
    with pytest.raises(IndexError):
        column[3]
