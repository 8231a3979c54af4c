"""The comparator: two routes' outputs for the same rows, cell by cell, in ULPs.

Rules: doubles are compared by their bits (NaN equals any NaN; 0.0 and −0.0 differ by one ULP step and are counted);
missing equals only missing; infinities differ by sign; labels are compared exactly; ranks are those of score
descending, row ascending.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pillion.types import Value

_FAR = 2**63


def ulps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Distance of two float64 arrays, shape (n,), in representable doubles; float64; 0 = same bits or both NaN.

    A NaN against a number is 2^63.
    """

    def ordered(x: np.ndarray) -> np.ndarray:
        bits = np.ascontiguousarray(x, dtype=np.float64).view(np.int64)
        # negative doubles sort downwards as integers; −0.0 comes just below 0.0
        return np.where(bits < 0, np.int64(-(2**63)) - bits - 1, bits)

    distance = np.abs(ordered(a).astype(np.float64) - ordered(b).astype(np.float64))
    near = np.subtract(ordered(a), ordered(b), dtype=np.int64)
    distance = np.where(distance < 2**52, np.abs(near).astype(np.float64), distance)
    nan_a, nan_b = np.isnan(a), np.isnan(b)
    return np.where(nan_a & nan_b, 0.0, np.where(nan_a | nan_b, float(_FAR), distance))


@dataclass(frozen=True, slots=True)
class ColumnDifference:
    """How one output column of a route differs from the reference.

    Attributes:
        rows: rows compared.
        differing: rows that do not have the same bits (or text, or missingness).
        max_ulps: greatest distance among rows where both sides are numbers.
        max_relative: greatest |a − b| / max(|a|, |b|) among those; 0 where both are 0, inf where a side is not finite.
        mismatched: rows that differ in kind: a label, missing against present, NaN against a number.
    """

    rows: int
    differing: int
    max_ulps: float
    max_relative: float
    mismatched: int


def compare_column(expected: Sequence[Value], actual: Sequence[Value]) -> ColumnDifference:
    """Compares two columns of the same length; ValueError where the lengths differ."""
    if len(expected) != len(actual):
        raise ValueError(f"{len(expected)} rows expected, {len(actual)} came")
    if not any(isinstance(v, float) for v in (*expected, *actual)):
        wrong = sum(not _same(e, a) for e, a in zip(expected, actual, strict=True))
        return ColumnDifference(len(expected), wrong, 0.0, 0.0, wrong)
    kinds = np.array([_is_number(e) and _is_number(a) for e, a in zip(expected, actual, strict=True)], dtype=bool)
    wrong = sum(not _same(e, a) for e, a, number in zip(expected, actual, kinds, strict=True) if not number)
    x = np.array([float(e) if n else 0.0 for e, n in zip(expected, kinds, strict=True)])  # type: ignore[arg-type]
    y = np.array([float(a) if n else 0.0 for a, n in zip(actual, kinds, strict=True)])  # type: ignore[arg-type]
    distance = ulps(x, y)
    kind_change = int((np.isnan(x) != np.isnan(y)).sum())
    both = ~(np.isnan(x) | np.isnan(y)) & (distance > 0)
    with np.errstate(all="ignore"):
        scale = np.maximum(np.abs(x), np.abs(y))
        relative = np.where(np.isinf(scale), math.inf, np.abs(x - y) / np.where(scale == 0, 1.0, scale))
    return ColumnDifference(
        len(expected),
        int((distance > 0).sum()) + wrong,
        float(distance[both].max(initial=0.0)),
        float(relative[both].max(initial=0.0)),
        wrong + kind_change,
    )


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(a: Value, b: Value) -> bool:
    if a is None or b is None:
        return a is b
    return type(a) is type(b) and a == b


@dataclass(frozen=True, slots=True)
class Difference:
    """How a route differs from the reference over all compared columns of one model.

    Attributes:
        rows: rows compared.
        rows_differing: rows with any column that differs in bits.
        max_ulps: over all columns.
        max_relative: over all columns.
        decisions_differing: rows whose label, missingness or kind differs in any column.
        ranks_differing: places of the ranking by score that hold another row.
        refused: rows where the reference has an answer and the route reports an error.
    """

    rows: int
    rows_differing: int
    max_ulps: float
    max_relative: float
    decisions_differing: int
    ranks_differing: int
    refused: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, infinities as text, for JSON."""
        return {k: (v if not isinstance(v, float) or math.isfinite(v) else str(v)) for k, v in asdict(self).items()}


def compare(
    expected: Mapping[str, Sequence[Value]],
    actual: Mapping[str, Sequence[Value]],
    *,
    decisions: Sequence[str],
    score: Sequence[str],
    refused: frozenset[int] = frozenset(),
) -> Difference:
    """Compares the columns that `expected` has; KeyError where `actual` lacks one.

    Args:
        expected: the reference's columns.
        actual: the route's.
        decisions: columns that are labels: any difference in them is another decision.
        score: columns to rank by; one column ranks rows, several rank the columns within each row.
        refused: rows that the route answered with an error where the reference has an answer; left out and counted.
    """
    count = len(next(iter(expected.values())))
    keep = [row for row in range(count) if row not in refused]
    e = {name: [column[row] for row in keep] for name, column in expected.items()}
    a = {name: [actual[name][row] for row in keep] for name in expected}
    columns = {name: compare_column(e[name], a[name]) for name in e}
    differing = sum(any(not _same_bits(e[name][i], a[name][i]) for name in e) for i in range(len(keep)))
    decided = sum(columns[name].differing if name in decisions else columns[name].mismatched for name in columns)
    return Difference(
        count,
        differing,
        max((c.max_ulps for c in columns.values()), default=0.0),
        max((c.max_relative for c in columns.values()), default=0.0),
        decided,
        _ranks_differing(e, a, score),
        len(refused),
    )


def _same_bits(a: Value, b: Value) -> bool:
    if _is_number(a) and _is_number(b):
        return bool(ulps(np.array([float(a)]), np.array([float(b)]))[0] == 0)  # type: ignore[arg-type]
    return _same(a, b)


def _ranks_differing(e: Mapping[str, Sequence[Value]], a: Mapping[str, Sequence[Value]], score: Sequence[str]) -> int:
    if not score:
        return 0
    x, y = (np.array([[_score(v) for v in side[name]] for name in score]) for side in (e, a))
    if len(score) == 1:
        return int((_order(x[0]) != _order(y[0])).sum())
    return sum(int((_order(x[:, i]) != _order(y[:, i])).any()) for i in range(x.shape[1]))


def _score(value: Value) -> float:
    return -math.inf if value is None or value != value else float(value)


def _order(scores: np.ndarray) -> np.ndarray:
    return np.argsort(-scores, kind="stable")
