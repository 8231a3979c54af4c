"""The comparator: what counts as the same, as another decision, as another rank."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillion.parity.compare import ColumnComparison, Difference, add, compare
from pillion.types import Value

NEXT = math.nextafter(0.5, 1.0)
cells = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.sampled_from([0.0, -0.0, 1.0, math.nan]),
    st.text(max_size=3),
)


def compare_column(expected: Sequence[Value], actual: Sequence[Value]) -> ColumnComparison:
    """The comparison of one column."""
    return compare({"x": expected}, {"x": actual}, decisions=[], score=[]).columns["x"]


def same(a: Any, b: Any) -> bool:
    """Whether two cells are the same, said plainly."""
    if type(a) is bool or type(b) is bool or a is None or b is None or isinstance(a, str) or isinstance(b, str):
        return type(a) is type(b) and a == b
    if type(a) is int and type(b) is int:
        return a == b
    a, b = float(a), float(b)
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return a == b and math.copysign(1, a) == math.copysign(1, b)


@given(st.lists(st.tuples(cells, cells), max_size=30))
def test_a_cell_differs_where_the_plain_rule_says_so(pairs: list[tuple[Value, Value]]) -> None:
    found = compare_column([a for a, _ in pairs], [b for _, b in pairs])
    assert found.differing.tolist() == [not same(a, b) for a, b in pairs]


@given(st.lists(st.one_of(st.none(), st.floats()), max_size=30), st.data())
def test_columns_of_doubles_take_the_same_rule(column: list[float | None], data: st.DataObject) -> None:
    other = [data.draw(st.one_of(st.just(value), st.none(), st.floats())) for value in column]
    found = compare_column(column, other)
    assert found.differing.tolist() == [not same(a, b) for a, b in zip(column, other, strict=True)]


@pytest.mark.parametrize(
    ("a", "b"),
    [(None, 0.0), (None, math.nan), (math.nan, 1.0), ("1", 1), ("a", "b"), (True, 1), (None, ""), (False, None)],
)
def test_another_kind_is_a_mismatch_and_not_a_distance(a: bool | float | str | None, b: float | str | None) -> None:
    found = compare_column([a, 0.25], [b, 0.25])
    assert (found.mismatched.tolist(), found.steps.tolist()) == ([True, False], [0, 0])


def test_whole_numbers_beyond_the_doubles_are_compared_exactly() -> None:
    found = compare_column([2**53, 2**53, 3], [2**53 + 1, 2**53, 3.0])
    assert found.differing.tolist() == [True, False, False]


def test_lists_arrays_and_their_scalars_compare_alike() -> None:
    column = [0.5, 1.5]
    other: Any
    for other in (np.array(column), list(np.array(column)), [np.float64(0.5), 1.5]):
        assert not compare_column(column, other).differing.any()
    assert not compare_column([1, 2], list(np.array([1, 2]))).differing.any()


def test_columns_of_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="different numbers of rows"):
        compare({"y": [1.0, 2.0]}, {"y": [1.0]}, decisions=[], score=[])


def test_a_column_that_did_not_come_is_no_pass() -> None:
    with pytest.raises(KeyError):
        compare({"y": [1.0]}, {"z": [1.0]}, decisions=[], score=[])


def test_rows_are_counted_once_however_many_columns_differ() -> None:
    expected: dict[str, list[Any]] = {"label": ["a", "b", "b"], "p": [0.5, 0.5, 0.5], "q": [0.5, 0.5, 0.25]}
    actual: dict[str, list[Any]] = {"label": ["a", "a", "b"], "p": [NEXT, NEXT, 0.5], "q": [NEXT, 0.5, 0.25]}

    found = compare(expected, actual, decisions=["label"], score=[]).difference

    assert found == Difference(3, 2, 1, found.max_relative, 1, 0)
    assert found.max_relative == pytest.approx(2**-52, rel=1e-9)


def test_a_double_one_step_off_is_a_difference_but_no_decision_unless_it_is_a_label() -> None:
    expected, actual = {"p": [0.5]}, {"p": [NEXT]}
    assert compare(expected, actual, decisions=[], score=[]).difference.decisions_differing == 0
    assert compare(expected, actual, decisions=["p"], score=[]).difference.decisions_differing == 1


def test_errors_are_counted_by_side_and_their_rows_left_out() -> None:
    expected = {"p": [0.1, 0.2, None, None, 0.5]}
    actual = {"p": [0.1, None, 0.3, None, 0.5]}

    found = compare(expected, actual, decisions=[], score=["p"], refused=frozenset({1, 3}), failed=frozenset({2, 3}))

    assert (found.kept.tolist(), found.refused.tolist(), found.answered.tolist()) == ([0, 4], [1], [2])
    assert found.difference == Difference(5, 0, 0, 0.0, 0, 0, 1, 1)
    assert not found.difference.exact


def test_rows_rank_by_falling_score_then_rising_row_and_the_unscored_last() -> None:
    expected = {"p": [0.5, 0.7, 0.5, None, math.nan]}
    assert compare(expected, {"p": [0.5, 0.7, 0.5, None, math.nan]}, decisions=[], score=["p"]).ranks_differing == 0
    # 0.5 = 0.5 was a tie, won by row 0; now row 2 is ahead
    assert compare(expected, {"p": [0.5, 0.7, NEXT, None, math.nan]}, decisions=[], score=["p"]).ranks_differing == 2


def test_a_difference_in_the_zeros_sign_is_no_other_rank() -> None:
    assert compare({"p": [0.0, -0.0]}, {"p": [-0.0, 0.0]}, decisions=[], score=["p"]).ranks_differing == 0


def test_several_scores_rank_within_each_row_and_ties_by_their_order() -> None:
    expected = {"a": [0.2, 0.5, 0.5], "b": [0.8, 0.5, 0.5]}
    actual = {"a": [0.2, 0.5, 0.5], "b": [0.8, NEXT, 0.5]}
    assert compare(expected, actual, decisions=[], score=["a", "b"]).ranks_differing == 1
    assert compare(expected, actual, decisions=[], score=["b", "a"]).ranks_differing == 0


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=20))
def test_ranks_are_those_of_a_sort_by_score_and_row(pairs: list[tuple[int, int]]) -> None:
    def order(scores: Sequence[float]) -> list[int]:
        return sorted(range(len(scores)), key=lambda row: (-scores[row], row))

    a, b = [float(x) for x, _ in pairs], [float(y) for _, y in pairs]
    wrong = sum(x != y for x, y in zip(order(a), order(b), strict=True))
    assert compare({"p": a}, {"p": b}, decisions=[], score=["p"]).ranks_differing == wrong


def test_no_rows_are_no_difference() -> None:
    assert compare({"p": [], "label": []}, {"p": [], "label": []}, decisions=["label"], score=["p"]).difference.exact


def test_two_differences_add_up() -> None:
    first, second = Difference(10, 1, 5, 1e-16, 0, 2, 1, 0), Difference(20, 2, 3, math.inf, 1, 0, 0, 4)
    assert add(first, second) == Difference(30, 3, 5, math.inf, 1, 2, 1, 4)
    assert add(first, second).as_dict()["max_relative"] == "inf"


def test_a_hundred_thousand_rows_of_thirty_columns_are_compared() -> None:
    random = np.random.default_rng(5)
    columns = {f"p{i}": random.random(100_000).tolist() for i in range(30)}
    other = dict(columns, p7=[*columns["p7"][:-1], math.nextafter(columns["p7"][-1], 2.0)])
    found = compare(columns, other, decisions=[], score=list(columns)).difference
    assert (found.rows, found.rows_differing, found.max_ulps) == (100_000, 1, 1)
