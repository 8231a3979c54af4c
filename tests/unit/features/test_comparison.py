"""A store beside the baseline of the model that it feeds."""

import random
from typing import Any

import pytest

from pillion.features import (
    MemoryStore,
    SampledUser,
    bind,
    compare_store,
    load_features,
    measure_baseline,
    read_catalog,
)
from pillion.features.comparison import FeatureComparison
from pillion.features.contract import Input
from tests.support.fixture_dataset import contents

RATE = Input("user_rate", "double", "continuous", "user")
PLAN = Input("plan", "string", "categorical", "user")
SCORE = Input("item_score", "double", "continuous", "item")
YEAR = Input("year", "integer", "continuous", "item")
HOUR = Input("hour", "integer", "continuous", "online")
INPUTS = (RATE, PLAN, SCORE, YEAR)


def rows(**changes: Any) -> dict[str, list[Any]]:
    """Rows as a model is fitted on: films as often as they were taken."""
    drawn = random.Random(1)
    films = drawn.choices(range(1, 301), [1000 - film for film in range(1, 301)], k=4000)
    users = [drawn.randint(1, 40) for _ in films]
    made: dict[str, list[Any]] = {
        "user_rate": [user / 10 for user in users],
        "plan": ["free" if user % 2 else "paid" for user in users],
        "item_score": [film / 300 for film in films],
        "year": [1700 + film for film in films],
    }
    return {**made, **changes}


async def compared(
    baseline_of: dict[str, list[Any]] | None, users: list[SampledUser], **changes: Any
) -> dict[str, FeatureComparison]:
    store = MemoryStore()
    await load_features(store, contents(**changes))
    catalog = await read_catalog(store, 10.0)
    assert catalog is not None
    from pillion.features.contract import Contract

    bound = bind(Contract(INPUTS), "m", catalog.users, catalog.items)
    baseline = None if baseline_of is None else measure_baseline(baseline_of, INPUTS)
    return {each.feature: each for each in compare_store(INPUTS, baseline, bound, catalog, users)}


def users(count: int = 2000, plan: str | None = None) -> list[SampledUser]:
    drawn = random.Random(2)
    found = []
    for _ in range(count):
        user = drawn.randint(1, 40)
        found.append(SampledUser({"user_rate": user / 10, "plan": plan or ("free" if user % 2 else "paid")}, 1))
    return found


async def test_a_store_as_the_baseline_is_stable() -> None:
    found = await compared(rows(), users())

    assert [(each.verdict, each.problem) for each in found.values()] == [("stable", None)] * 4
    assert (found["year"].source, found["year"].values, found["plan"].source) == ("item", 300, "user")


async def test_a_feature_that_moved_is_named_with_its_index() -> None:
    found = await compared(rows(year=[year + 100 for year in rows()["year"]]), users())

    problem = found["year"].problem
    assert problem is not None
    assert problem.startswith("items.year: its stability index is ")
    assert problem.endswith("it has moved: the model gets other values than it was fitted on")
    assert found["year"].outside == 100
    assert found["item_score"].problem is None


async def test_a_feature_that_is_missing_more_often_is_told_with_both_shares() -> None:
    gone = [SampledUser({"user_rate": None, "plan": each.features["plan"]}, 1) for each in users(500)]
    found = await compared(rows(), [*users(500), *gone])

    assert found["user_rate"].missing == 500
    assert "50% of it is missing, 0% in the baseline" in str(found["user_rate"].problem)


async def test_an_unseen_category_is_named() -> None:
    found = await compared(rows(), [*users(), *users(3, plan="family")])

    assert found["plan"].problem == "users.plan: 3 of 2,003 values are none that the model knows, such as 'family'"


async def test_without_a_baseline_the_contract_alone_is_looked_at() -> None:
    found = await compared(None, users())

    assert [(each.index, each.verdict, each.missing_before) for each in found.values()] == [(None, None, None)] * 4


@pytest.mark.parametrize("taken", [True, False])
async def test_items_count_as_often_as_they_were_taken(taken: bool) -> None:
    """Rows of the first fifty films are as a store where only these were taken, and not as one where none was."""
    films = list(range(1, 51)) * 80
    rows_of = rows(item_score=[film / 300 for film in films], year=[1700 + film for film in films])
    popularity = {"global": [(film, int(film <= 50 and taken)) for film in range(1, 301)]}
    found = await compared(rows_of, users(), popularity=popularity)

    assert found["year"].verdict == ("stable" if taken else "large")


async def test_rows_may_be_a_mixture_of_what_was_taken_and_of_items_drawn_evenly() -> None:
    films = [*list(range(1, 51)) * 60, *list(range(1, 301)) * 10]
    drawn = rows(item_score=[film / 300 for film in films], year=[1700 + film for film in films])
    drawn = {name: (column * 2)[: len(films)] for name, column in drawn.items()}
    popularity = {"global": [(film, int(film <= 50)) for film in range(1, 301)]}
    as_rows = await compared(drawn, users(), popularity=popularity)
    moved = await compared({**drawn, "year": [year + 100 for year in drawn["year"]]}, users(), popularity=popularity)

    assert (as_rows["year"].verdict, as_rows["item_score"].verdict) == ("stable", "stable")
    assert (moved["year"].verdict, moved["item_score"].verdict) == ("large", "stable")


@pytest.mark.parametrize("busy", [True, False])
async def test_users_count_as_often_as_they_took_something(busy: bool) -> None:
    """A thousand users who took nothing do not hide those who took something, unless nobody did."""
    idle = [SampledUser(each.features, 0) for each in users(1000, plan="paid")]
    active = [SampledUser(each.features, 5 if busy else 0) for each in users(1000)]
    found = await compared(rows(), [*idle, *active])

    assert found["plan"].verdict == ("stable" if busy else "large")
