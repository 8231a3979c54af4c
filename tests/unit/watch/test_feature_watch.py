"""The features of requests, counted and held against the baseline."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pillion.config import WatchSettings
from pillion.features import Catalog, measure_baseline
from pillion.features.contract import Contract, Input
from pillion.project import Input as Declared
from pillion.project import Project
from pillion.recommend import ServedModel
from pillion.watch import FeatureCounts, FeatureWatch, Watch
from pillion.watch.feature_watch import FEATURES
from tests.support.watched import INPUTS, catalog_with, scored, served

WINDOW = 200
DRAWN = random.Random(4)
BASELINE = measure_baseline(
    {
        "user_rate": [DRAWN.uniform(0, 4) for _ in range(5000)],
        "plan": ["free", "paid"] * 2500,
        "hour": [DRAWN.randint(0, 23) for _ in range(5000)],
    },
    INPUTS,
)


@pytest.fixture
async def catalog() -> Catalog:
    return await catalog_with()


def watch(
    catalog: Catalog,
    rows: int,
    context: Callable[[random.Random], dict[str, Any]],
    features: FeatureWatch | None = None,
    model: ServedModel | None = None,
) -> tuple[FeatureWatch, dict[str, FeatureCounts]]:
    """Watches requests with drawn features, and returns what was counted."""
    features = features or FeatureWatch(Project(), WINDOW)
    model, drawn = model or served(BASELINE), random.Random(9)
    for _ in range(rows):
        features.note(scored(catalog, context(drawn), model=model))
    return features, {each.feature: each for each in features.counts}


def usual(drawn: random.Random) -> dict[str, Any]:
    return {"user_rate": drawn.uniform(0, 4), "plan": drawn.choice(["free", "paid"]), "hour": drawn.randint(0, 23)}


async def test_requests_as_the_rows_of_training_are_stable(catalog: Catalog) -> None:
    _, found = watch(catalog, 3 * WINDOW, usual)

    assert found.keys() == {"user_rate", "plan", "hour"}
    assert {each.verdict for each in found.values()} == {"stable"}
    assert {(each.values, each.missing, each.unseen) for each in found.values()} == {(3 * WINDOW, 0, 0)}
    assert (found["plan"].source, found["hour"].source) == ("user", "online")


async def test_what_is_missing_unseen_and_out_of_range_is_counted(catalog: Catalog) -> None:
    def odd(drawn: random.Random) -> dict[str, Any]:
        return {"user_rate": drawn.choice([None, 9.0]), "plan": drawn.choice(["free", "family"]), "hour": 25}

    _, found = watch(catalog, 100, odd)

    rate, plan, hour = found["user_rate"], found["plan"], found["hour"]
    assert rate.missing + rate.outside == 100
    assert min(rate.missing, rate.outside) > 20
    assert 20 < plan.unseen < 80
    assert hour.outside == 100
    assert (rate.verdict, hour.verdict) == ("large", "large")


async def test_the_range_of_the_project_file_comes_first(catalog: Catalog) -> None:
    declared = Project(inputs={"hour": Declared(source="online", type="integer", range=(0, 30))})
    _, found = watch(catalog, 10, lambda _: {"hour": 25}, FeatureWatch(declared, WINDOW))

    assert found["hour"].outside == 0


async def test_an_hour_that_is_derived_from_now_is_counted_and_has_not_moved(catalog: Catalog) -> None:
    derived = Project(inputs={"hour": Declared(source="online", type="integer", derive="hour", range=(0, 23))})
    _, found = watch(catalog, WINDOW, lambda _: {"hour": 25}, FeatureWatch(derived, WINDOW))
    _, given = watch(catalog, WINDOW, lambda _: {"hour": 3})

    assert (found["hour"].values, found["hour"].outside, found["hour"].index) == (WINDOW, WINDOW, None)
    assert given["hour"].verdict == "large"


async def test_what_was_long_ago_is_forgotten(catalog: Catalog) -> None:
    """After two windows of usual requests nothing is left of the odd ones, but their counts."""
    model = served(BASELINE)
    features, odd = watch(catalog, WINDOW, lambda _: {"plan": "family"}, model=model)
    _, after = watch(catalog, 2 * WINDOW, usual, features, model)

    assert odd["plan"].verdict == "large"
    assert (after["plan"].verdict, after["plan"].unseen) == ("stable", WINDOW)


async def test_another_version_begins_its_window_anew_and_counts_on(catalog: Catalog) -> None:
    features, _ = watch(catalog, WINDOW, lambda _: {"plan": "family"})
    _, after = watch(catalog, WINDOW, usual, features, served(BASELINE, version=2))

    assert (after["plan"].verdict, after["plan"].unseen, after["plan"].values) == ("stable", WINDOW, 2 * WINDOW)


async def test_without_a_baseline_missing_values_are_counted_still(catalog: Catalog) -> None:
    _, found = watch(catalog, 10, lambda _: {"user_rate": None, "plan": "family"}, model=served())

    assert (found["user_rate"].missing, found["user_rate"].index, found["plan"].unseen) == (10, None, 0)


async def test_the_features_of_a_model_are_bounded(catalog: Catalog) -> None:
    many = tuple(Input(f"f{number}", "double", "continuous", "online") for number in range(FEATURES + 50))
    model = ServedModel("ranker", 1, Contract(many), served().ranking)
    request = scored(catalog, {each.name: 1.0 for each in many})
    features = FeatureWatch(Project(), WINDOW)

    contract = replace(request.bound.contract, online=tuple(each.name for each in many), user=())
    prepared = replace(request.request, model=model)
    features.note(replace(request, request=prepared, bound=replace(request.bound, contract=contract)))

    assert len(features.counts) == FEATURES


@pytest.mark.parametrize(("drawn", "watched"), [(0.05, 1), (0.1, 0)])
async def test_a_share_of_the_requests_is_watched(catalog: Catalog, drawn: float, watched: int) -> None:
    found = Watch(WatchSettings(feature_share=0.1), Project(), random=lambda: drawn)
    found.scored(scored(catalog, {"hour": 3}, model=served(BASELINE)))

    assert sum(each.values for each in found.status().features) == watched
