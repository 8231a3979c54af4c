"""The comparator: two routes' outputs for the same rows, cell by cell, in ULPs.

Doubles are compared by their bits: NaN is NaN's equal, −0.0 is not 0.0's, infinities differ by their sign. Missing
equals only missing, and NaN is not missing. Integers and doubles are both numbers; text and booleans are compared
exactly. Ranks are by falling score, and by rising id where scores are equal.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from pillion.parity.ulps import Doubles, Steps, relative_difference, ulps
from pillion.types import Value

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ColumnComparison:
    """How one output column of a route differs from the reference, row by row; all arrays have shape (n,).

    Attributes:
        steps: uint64, ULPs between two numbers; 0 where a side is no number.
        relative: float64, their relative difference; 0 where a side is no number.
        gap: float64, their difference without its sign; 0 where a side is no number.
        mismatched: bool, rows that differ in kind: other text, missing against present, NaN against a number.
    """

    steps: Steps
    relative: Doubles
    gap: Doubles
    mismatched: Mask

    @property
    def differing(self) -> Mask:
        """Rows that do not have the same bits, text or missingness."""
        return self.mismatched | (self.steps > 0)


@dataclass(frozen=True, slots=True)
class Difference:
    """How a route differs from the reference over all compared columns of one model.

    Attributes:
        rows: rows that the route was given.
        rows_differing: rows answered by both sides, with any column that differs in bits.
        max_ulps: over all columns.
        max_relative: over all columns; 0 where both are 0, infinite where one side is not finite.
        decisions_differing: rows whose label differs, or that differ in kind in any column.
        ranks_differing: places of the ranking by score that hold another row.
        refused: rows where the reference has an answer and the route reports an error.
        answered: rows where the reference reports an error and the route has an answer.
    """

    rows: int
    rows_differing: int
    max_ulps: int
    max_relative: float
    decisions_differing: int
    ranks_differing: int
    refused: int = 0
    answered: int = 0

    @property
    def exact(self) -> bool:
        """Whether the route gave the reference's bits, and its errors, on every row."""
        return not (self.rows_differing or self.ranks_differing or self.refused or self.answered)

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, infinities as text, for JSON."""
        return {k: (v if not isinstance(v, float) or math.isfinite(v) else str(v)) for k, v in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two routes' outputs for the same rows, compared.

    Attributes:
        columns: by output, over the rows in `kept`.
        labels: outputs that are decisions: any difference in them is another decision.
        kept: int64, numbers of the rows that both sides answered.
        refused: int64, numbers of the rows where only the route reports an error.
        answered: int64, numbers of the rows where only the reference reports an error.
        ranks_differing: see `Difference`.
        rows: see `Difference`.
    """

    columns: Mapping[str, ColumnComparison]
    labels: frozenset[str]
    kept: npt.NDArray[np.int64]
    refused: npt.NDArray[np.int64]
    answered: npt.NDArray[np.int64]
    ranks_differing: int
    rows: int

    @property
    def differing(self) -> Mask:
        """Of the rows in `kept`, those with any column that differs in bits."""
        return self._any([column.differing for column in self.columns.values()])

    @property
    def decided_otherwise(self) -> Mask:
        """Of the rows in `kept`, those whose label differs, or that differ in kind in any column."""
        return self._any([c.differing if name in self.labels else c.mismatched for name, c in self.columns.items()])

    @property
    def steps(self) -> Steps:
        """Of the rows in `kept`, the greatest distance of any column."""
        greatest = np.zeros(len(self.kept), dtype=np.uint64)
        for column in self.columns.values():
            greatest = np.maximum(greatest, column.steps)
        return greatest

    @property
    def relative(self) -> Doubles:
        """Of the rows in `kept`, the greatest relative difference of any column."""
        greatest = np.zeros(len(self.kept))
        for column in self.columns.values():
            greatest = np.maximum(greatest, column.relative)
        return greatest

    @property
    def difference(self) -> Difference:
        """The whole in a few numbers."""
        return Difference(
            self.rows,
            int(self.differing.sum()),
            int(self.steps.max(initial=0)),
            float(self.relative.max(initial=0.0)),
            int(self.decided_otherwise.sum()),
            self.ranks_differing,
            len(self.refused),
            len(self.answered),
        )

    def without(self, rows: set[int]) -> "Comparison":
        """Returns the comparison of the other rows; ranks stay as they are."""
        left = np.array([row not in rows for row in self.kept.tolist()], dtype=bool)
        columns = {
            name: ColumnComparison(c.steps[left], c.relative[left], c.gap[left], c.mismatched[left])
            for name, c in self.columns.items()
        }
        refused, answered = (
            np.array([row for row in side.tolist() if row not in rows], dtype=np.int64)
            for side in (self.refused, self.answered)
        )
        return replace(self, columns=columns, kept=self.kept[left], refused=refused, answered=answered)

    def _any(self, masks: Sequence[Mask]) -> Mask:
        return np.any(masks, axis=0) if masks else np.zeros(len(self.kept), dtype=bool)


def compare(
    expected: Mapping[str, Sequence[Value]],
    actual: Mapping[str, Sequence[Value]],
    *,
    decisions: Sequence[str],
    score: Sequence[str],
    refused: frozenset[int] = frozenset(),
    failed: frozenset[int] = frozenset(),
) -> Comparison:
    """Compares the columns that `expected` has; KeyError where `actual` lacks one.

    Args:
        expected: the reference's columns.
        actual: the route's.
        decisions: columns that are labels: any difference in them is another decision.
        score: columns to rank by; one column ranks rows, several rank the columns within each row, ties by the order
            in which they are named here.
        refused: rows that the route answered with an error.
        failed: rows that the reference answered with an error.

    Raises:
        KeyError: `actual` lacks a column.
        ValueError: two columns have different lengths.
    """
    lengths = {len(column) for column in expected.values()} | {len(actual[name]) for name in expected}
    if len(lengths) != 1:
        raise ValueError(f"the columns have different numbers of rows: {sorted(lengths)}")
    rows = lengths.pop()
    kept = np.ones(rows, dtype=bool)
    kept[list(refused | failed)] = False
    e = {name: _Cells.of(column).take(kept) for name, column in expected.items()}
    a = {name: _Cells.of(actual[name]).take(kept) for name in expected}
    return Comparison(
        {name: _compare(e[name], a[name]) for name in e},
        frozenset(decisions),
        np.flatnonzero(kept),
        np.array(sorted(refused - failed), dtype=np.int64),
        np.array(sorted(failed - refused), dtype=np.int64),
        _ranks_differing([e[name] for name in score], [a[name] for name in score]),
        rows,
    )


def add(first: Difference, second: Difference) -> Difference:
    """Returns the difference over both: counts add up, maxima are the greater."""
    return replace(
        first,
        rows=first.rows + second.rows,
        rows_differing=first.rows_differing + second.rows_differing,
        max_ulps=max(first.max_ulps, second.max_ulps),
        max_relative=max(first.max_relative, second.max_relative),
        decisions_differing=first.decisions_differing + second.decisions_differing,
        ranks_differing=first.ranks_differing + second.ranks_differing,
        refused=first.refused + second.refused,
        answered=first.answered + second.answered,
    )


@dataclass(frozen=True, slots=True)
class _Cells:
    """A column taken apart, shape (n,): which cells are numbers, the numbers as doubles, and the rest as objects.

    `rest` is None where every cell is a double or missing; there `numeric` says which is which.
    """

    numeric: Mask
    numbers: Doubles
    rest: npt.NDArray[np.object_] | None

    @classmethod
    def of(cls, column: Sequence[Value]) -> "_Cells":
        if isinstance(column, np.ndarray):
            column = column.tolist()
        types = set(map(type, column))
        if any(issubclass(kind, np.generic) for kind in types):
            column = [value.item() if isinstance(value, np.generic) else value for value in column]
            types = set(map(type, column))
        if types <= {float, type(None)}:
            numeric = np.fromiter((value is not None for value in column), np.bool_, len(column))
            numbers = np.array([0.0 if value is None else value for value in column], dtype=np.float64)
            return cls(numeric, numbers, None)
        numeric = np.fromiter((type(value) in (float, int) for value in column), np.bool_, len(column))
        numbers = np.array([float(v) if n else 0.0 for v, n in zip(column, numeric, strict=True)])  # type: ignore[arg-type]
        rest = np.empty(len(column), dtype=object)
        rest[:] = column
        return cls(numeric, numbers, rest)

    def take(self, rows: Mask) -> "_Cells":
        if rows.all():
            return self
        return _Cells(self.numeric[rows], self.numbers[rows], None if self.rest is None else self.rest[rows])

    def objects(self) -> npt.NDArray[np.object_]:
        if self.rest is not None:
            return self.rest
        values = self.numbers.astype(object)
        values[~self.numeric] = None
        return values


def _compare(e: _Cells, a: _Cells) -> ColumnComparison:
    both = e.numeric & a.numeric
    steps = np.where(both, ulps(e.numbers, a.numbers), np.uint64(0))
    kind = both & (np.isnan(e.numbers) != np.isnan(a.numbers))
    mismatched = kind | (e.numeric != a.numeric)
    if e.rest is not None or a.rest is not None:
        x, y = e.objects(), a.objects()
        for row in np.flatnonzero(~(e.numeric | a.numeric)).tolist():
            mismatched[row] = type(x[row]) is not type(y[row]) or x[row] != y[row]
        # integers above 2^53 may share a double
        for row in np.flatnonzero(both & (steps == 0) & (np.abs(e.numbers) >= 2**53)).tolist():
            steps[row] = int(type(x[row]) is type(y[row]) is int and x[row] != y[row])
    steps[mismatched] = np.uint64(0)
    relative = np.where(steps > 0, relative_difference(e.numbers, a.numbers), 0.0)
    with np.errstate(all="ignore"):
        gap = np.where(steps > 0, np.abs(e.numbers - a.numbers), 0.0)
    return ColumnComparison(steps, relative, gap, mismatched)


def ranks_differing(
    expected: Mapping[str, Sequence[Value]],
    actual: Mapping[str, Sequence[Value]],
    score: Sequence[str],
    rows: npt.NDArray[np.int64],
) -> int:
    """Returns how many places of the ranking differ, of the given rows alone; see `compare`."""
    chosen = np.zeros(len(next(iter(expected.values()), ())), dtype=bool)
    chosen[rows] = True
    e, a = ([_Cells.of(side[name]).take(chosen) for name in score] for side in (expected, actual))
    return _ranks_differing(e, a)


def _ranks_differing(e: Sequence[_Cells], a: Sequence[_Cells]) -> int:
    if not e:
        return 0
    x, y = (np.array([_falling(cells) for cells in side]) for side in (e, a))
    if len(e) == 1:
        return int((_order(x[0]) != _order(y[0])).sum())
    return int((_order(x.T) != _order(y.T)).any(axis=1).sum())


def _falling(cells: _Cells) -> Doubles:
    """The scores negated, so that they sort falling; NaN, which sorts last, where there is none."""
    return np.where(cells.numeric, -cells.numbers, np.nan)


def _order(falling: Doubles) -> npt.NDArray[np.int64]:
    return np.argsort(falling, axis=-1, kind="stable")
