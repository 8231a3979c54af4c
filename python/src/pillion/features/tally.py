"""The tally of a feature: its values counted by the parts of its baseline, and what the model can't have seen."""

from bisect import bisect_left
from collections.abc import Callable

from pillion.features.baseline import CategoryDistribution, Distribution, category, is_category, measurer, number
from pillion.features.contract import Input
from pillion.features.drift import Verdict, judge
from pillion.types import Value

MISSING, SECOND = 0, 1
"""The first parts of every distribution: missing values, then NaN or other categories."""
_EXAMPLES = 3
Bounds = tuple[float, float]


class FeatureTally:
    """Counts the values of one input.

    Args:
        taken: The input.
        expected: Its distribution in the baseline; None where there is none.
        bounds: The least and the greatest value that are meant to come; those of the baseline where None.

    Attributes:
        values: How many were counted.
        missing: How many of them were missing.
        unseen: How many were of a category that the model does not know.
        outside: How many were numbers outside the bounds.
        examples: Some of the unseen categories.
    """

    __slots__ = (
        "_bounds", "_edges", "_expected", "_known", "_parts", "_place", "_squares", "_weights", "examples", "missing",
        "outside", "unseen", "values",
    )  # fmt: skip

    def __init__(self, taken: Input, expected: Distribution | None, bounds: Bounds | None = None) -> None:
        self.values = self.missing = self.unseen = self.outside = 0
        self.examples: list[str] = []
        self._expected = expected
        self._weights: list[float] = [0.0] * (2 if expected is None else len(expected.parts))
        self._squares = 0.0
        self._known = _known(taken, expected)
        self._place: Callable[[Value], int] = self._category if is_category(taken) else self._number(taken)
        self._parts: dict[str, int] = {}
        self._edges: tuple[float, ...] = ()
        self._bounds = bounds
        if isinstance(expected, CategoryDistribution):
            self._parts = {name: place for place, name in enumerate(expected.counts, 2)}
        elif expected is not None:
            self._edges = expected.edges
            if bounds is None and expected.least is not None and expected.greatest is not None:
                self._bounds = expected.least, expected.greatest

    def add(self, value: Value, weight: float = 1.0) -> int:
        """Counts a value, and returns its part."""
        self.values += 1
        if value is None:
            self.missing += 1
            part = MISSING
        else:
            part = self._place(value)
        self._weights[part] += weight
        self._squares += weight * weight
        return part

    def judge(self) -> tuple[float, Verdict] | None:
        """Returns the stability index against the baseline, and what it says; None where either has no values."""
        total = sum(self._weights)
        if self._expected is None or not total or not sum(self._expected.parts):
            return None
        return judge(self._expected.parts, self._weights, total * total / self._squares)

    def _category(self, value: Value) -> int:
        name = category(value)
        if self._known is not None and name not in self._known:
            self.unseen += 1
            if len(self.examples) < _EXAMPLES and name not in self.examples:
                self.examples.append(name)
        return self._parts.get(name, SECOND)

    def _number(self, taken: Input) -> Callable[[Value], int]:
        spelled = measurer(taken)

        def place(value: Value) -> int:
            found = number(value, spelled)
            if found != found:
                return SECOND
            if self._bounds is not None and not self._bounds[0] <= found <= self._bounds[1]:
                self.outside += 1
            return 2 + bisect_left(self._edges, found) if self._expected is not None else SECOND

        return place


def _known(taken: Input, expected: Distribution | None) -> frozenset[str] | None:
    """The categories that the model knows; None where that can't be told."""
    if not is_category(taken):
        return None
    if taken.values:
        return frozenset(category(value) for value in taken.values)
    if isinstance(expected, CategoryDistribution) and expected.counts and not expected.others:
        return frozenset(expected.counts)
    return None
