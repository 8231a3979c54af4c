import math
import random

import numpy as np
import pytest

from pillion.features import measure_baseline
from pillion.features.contract import Input
from pillion.features.drift import index_by_chance, judge, stability_index
from pillion.features.tally import FeatureTally

AGE = Input("age", "double", "continuous")
PLAN = Input("plan", "string", "categorical")


def test_the_index_is_that_of_the_formula() -> None:
    by_hand = (0.3 - 0.5) * math.log(0.3 / 0.5) + (0.7 - 0.5) * math.log(0.7 / 0.5)

    assert stability_index([50, 50], [3, 7]) == pytest.approx(by_hand, rel=1e-14)
    assert stability_index([1, 2, 3], [2, 4, 6]) == 0.0


def test_an_empty_part_gives_no_infinity() -> None:
    assert stability_index([100, 0], [0, 100]) == pytest.approx(2 * (1 - 1e-4) * math.log(1e4), rel=1e-12)


@pytest.mark.parametrize(
    ("actual", "verdict"),
    [([500, 500], "stable"), ([650, 350], "stable"), ([700, 300], "some"), ([800, 200], "large")],
)
def test_the_verdict_follows_the_bounds(actual: list[float], verdict: str) -> None:
    assert judge([50_000, 50_000], actual, sum(actual))[1] == verdict


def test_few_rows_are_no_drift() -> None:
    index, verdict = judge([50_000, 50_000], [8, 2], 10)

    assert index == pytest.approx(stability_index([1, 1], [8, 2]))
    assert verdict == "unsure"


def test_chance_alone_stays_below_its_bound() -> None:
    """Of 1,000 samples of one distribution, about one is beyond; with this seed, two."""
    drawn = np.random.default_rng(11)
    shares = np.full(10, 0.1)
    bound = index_by_chance(10, 2000, 300)
    pairs = [(drawn.multinomial(2000, shares), drawn.multinomial(300, shares)) for _ in range(1000)]
    beyond = sum(stability_index(before.tolist(), now.tolist()) > bound for before, now in pairs)

    assert beyond <= 5
    assert index_by_chance(10, 2000, 300) == pytest.approx(27.88 * (1 / 2000 + 1 / 300), rel=0.01)


def test_a_tally_counts_what_the_model_cannot_have_seen() -> None:
    expected = measure_baseline({"age": [float(age) for age in range(20, 60)], "plan": ["a", "b"] * 20}, (AGE, PLAN))
    ages, plans = FeatureTally(AGE, expected.features["age"]), FeatureTally(PLAN, expected.features["plan"])
    for age in (20.0, 59.0, 60.0, None, math.nan, math.inf, -math.inf):
        ages.add(age)
    for plan in ("a", "c", "", None, "c", "B"):
        plans.add(plan)

    assert (ages.values, ages.missing, ages.unseen, ages.outside) == (7, 1, 0, 3)
    assert (plans.values, plans.missing, plans.unseen, plans.examples) == (6, 1, 4, ["c", "", "B"])


def test_the_models_own_values_come_before_the_baselines() -> None:
    taken = Input("plan", "string", "categorical", values=("a", "z"))
    expected = measure_baseline({"plan": ["a", "b"]}, (taken,))
    tally = FeatureTally(taken, expected.features["plan"])
    for plan in ("a", "b", "z"):
        tally.add(plan)

    assert (tally.unseen, tally.examples) == (1, ["b"])


def test_a_cut_baseline_does_not_call_a_rare_category_unseen() -> None:
    expected = measure_baseline({"plan": [str(number) for number in range(100)]}, (PLAN,))
    tally = FeatureTally(PLAN, expected.features["plan"])
    tally.add("99")

    assert tally.unseen == 0


def test_weighted_values_are_worth_fewer_rows() -> None:
    drawn = random.Random(3)
    rows = [drawn.random() for _ in range(5000)]
    expected = measure_baseline({"age": rows}, (AGE,))
    heavy, even = FeatureTally(AGE, expected.features["age"]), FeatureTally(AGE, expected.features["age"])
    heavy.add(0.99, 1000.0)
    for _ in range(1000):
        value = drawn.random()
        heavy.add(value)
        even.add(value)

    judged, unsure = even.judge(), heavy.judge()
    assert judged is not None
    assert (judged[0] < 0.05, judged[1]) == (True, "stable")
    assert unsure is not None
    assert (unsure[0] > 0.25, unsure[1]) == (True, "unsure")


def test_without_a_baseline_nothing_is_judged() -> None:
    tally = FeatureTally(AGE, None)
    tally.add(3.0)

    assert tally.judge() is None
