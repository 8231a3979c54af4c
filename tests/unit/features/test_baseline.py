import math
import random
from typing import Any

import orjson
import pytest

from pillion.errors import InvalidModel
from pillion.features import measure_baseline, read_baseline
from pillion.features.baseline import BINS, CATEGORIES, Baseline, CategoryDistribution, NumberDistribution
from pillion.features.contract import Input

AGE = Input("age", "double", "continuous")
PLAN = Input("plan", "string", "categorical")
PAYING = Input("paying", "boolean", "categorical")
BORN = Input("born", "string", "categorical", format="date")
INPUTS = (AGE, PLAN, PAYING, BORN)
COLUMNS: dict[str, list[Any]] = {
    "age": [1.0, 2.0, None, math.nan, math.inf, -math.inf, -0.0, 2.0],
    "plan": ["a", "a", "b", None, "ü\n\u2028", "a", "b", "N/A"],
    "paying": [True, False, None, True, True, False, True, True],
    "born": ["2020-01-01", None, "2020-01-03", "never", "2020-01-02", "2020-01-02", "2020-01-02", "2020-01-09"],
}


def test_every_row_is_in_one_part_of_each_feature() -> None:
    baseline = measure_baseline(COLUMNS, INPUTS)

    assert baseline.rows == 8
    assert {sum(found.parts) for found in baseline.features.values()} == {8}
    age, plan = baseline.features["age"], baseline.features["plan"]
    assert isinstance(age, NumberDistribution)
    assert (age.missing, age.nan, age.least, age.greatest) == (1, 1, -math.inf, math.inf)
    assert isinstance(plan, CategoryDistribution)
    assert (plan.missing, plan.others, dict(plan.counts)) == (1, 0, {"a": 3, "b": 2, "N/A": 1, "ü\n\u2028": 1})
    assert dict(baseline.features["paying"].counts) == {"true": 5, "false": 2}  # type: ignore[arg-type]


def test_a_date_is_counted_as_a_number_and_what_is_none_as_nan() -> None:
    born = measure_baseline(COLUMNS, INPUTS).features["born"]

    assert isinstance(born, NumberDistribution)
    assert (born.missing, born.nan) == (1, 1)
    assert born.least is not None
    assert born.greatest == born.least + 8


def test_a_baseline_comes_back_as_it_was_written() -> None:
    baseline = measure_baseline(COLUMNS, INPUTS)

    assert read_baseline(baseline.to_bytes(), INPUTS, "baseline.json") == baseline


def test_a_baseline_stays_small_however_many_rows_and_categories_there_are() -> None:
    drawn = random.Random(5)
    columns: dict[str, list[Any]] = {
        "age": [drawn.gauss(40, 10) for _ in range(20_000)],
        "plan": [f"{'long' * (60 if number == 3 else 0)}{number}" for number in range(1000)] * 20,
    }
    baseline = measure_baseline(columns, INPUTS)
    age, plan = baseline.features["age"], baseline.features["plan"]

    assert isinstance(age, NumberDistribution)
    assert len(age.counts) == BINS
    assert max(age.counts) - min(age.counts) <= 20_000 / 100
    assert isinstance(plan, CategoryDistribution)
    assert (len(plan.counts), plan.others) == (CATEGORIES, 20_000 - 20 * CATEGORIES)
    assert len(baseline.to_bytes()) < 5_000
    assert max(map(len, plan.counts)) < 10


def test_a_number_of_few_values_has_few_bins() -> None:
    baseline = measure_baseline({"age": [0.0] * 95 + [1.0] * 5}, (AGE,))

    age = baseline.features["age"]
    assert isinstance(age, NumberDistribution)
    assert (age.edges, age.counts) == ((0.0,), (95, 5))


def test_no_rows_are_a_baseline_too() -> None:
    empty = measure_baseline({name: [] for name in COLUMNS}, INPUTS)

    assert read_baseline(empty.to_bytes(), INPUTS, "b") == empty == Baseline(0, empty.features)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"format": 2}, "format 2"),
        ({"rows": -1}, "'rows'"),
        ({"rows": 9}, "the feature 'age' has 8 rows instead of 9"),
        ({"features": []}, "'features'"),
        ({"features": {"size": {}}}, "the feature 'size' is no input"),
        ({"features": {"age": {"kind": "category"}}}, "'age'.*'category' instead of 'number'"),
        ({"features": {"age": {"kind": "number"}}}, "'age'.*'counts'"),
        ({"features": {"plan": {"kind": "category", "missing": 0.5, "others": 0, "counts": {}}}}, "'plan'.*count"),
        (
            {"features": {"age": {"kind": "number", "missing": 8, "nan": 0, "edges": [2, 1], "counts": [0, 0, 0]}}},
            "'age'.*ascend",
        ),
    ],
)
def test_what_is_no_baseline_is_refused_with_the_feature(change: dict[str, Any], complaint: str) -> None:
    raw = {**orjson.loads(measure_baseline(COLUMNS, INPUTS).to_bytes()), **change}

    with pytest.raises(InvalidModel, match=f"v/baseline.json.*{complaint}"):
        read_baseline(orjson.dumps(raw), INPUTS, "v/baseline.json")


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(InvalidModel, match="b is not JSON"):
        read_baseline(b"{", INPUTS, "b")
