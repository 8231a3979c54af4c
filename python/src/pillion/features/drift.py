"""The drift of a feature: how far its values have moved from the baseline, as one number and in words."""

import math
from collections.abc import Sequence
from typing import Literal

Verdict = Literal["stable", "some", "large", "unsure"]
"""What a stability index says: see `WORDS`."""
SOME, LARGE = 0.1, 0.25
WORDS: dict[Verdict, str] = {
    "stable": "little has changed",
    "some": "some of it has moved: look at it",
    "large": "it has moved: the model gets other values than it was fitted on",
    "unsure": "too few rows to tell it from chance",
}
"""What is said of each verdict."""
_LEAST_SHARE = 1e-4
_CHANCE = 3.0902
"""The 99.9th percentile of the standard normal distribution."""


def stability_index(expected: Sequence[float], actual: Sequence[float]) -> float:
    """Returns the population stability index (PSI) of two distributions over the same parts.

    It is the sum of `(a - e) * ln(a / e)` over the parts, where `e` and `a` are the expected and the actual share of a
    part: Siddiqi, “Credit Risk Scorecards”, 2006, chapter 9, which also has the bounds 0.1 and 0.25. A share below
    0.0001 counts as that much, so that an empty part gives no infinity.

    Args:
        expected: Weights of the parts, not all 0.
        actual: Likewise.
    """
    all_expected, all_actual = sum(expected), sum(actual)
    index = 0.0
    for before, now in zip(expected, actual, strict=True):
        before_share, share = max(before / all_expected, _LEAST_SHARE), max(now / all_actual, _LEAST_SHARE)
        index += (share - before_share) * math.log(share / before_share)
    return index


def index_by_chance(parts: int, expected_rows: float, actual_rows: float) -> float:
    """Returns the index that two samples of one distribution stay below in 999 of 1,000 cases.

    Such an index is distributed as `(1 / n + 1 / m)` times a chi-squared variable with one degree of freedom less than
    there are parts: Yurdakul, “Statistical Properties of Population Stability Index”, 2018. Its percentile is Wilson
    and Hilferty's approximation.

    Args:
        parts: That have rows in either sample.
        expected_rows: n; of weighted rows how many they are worth.
        actual_rows: m, likewise.
    """
    if parts < 2 or expected_rows <= 0 or actual_rows <= 0:
        return math.inf if parts >= 2 else 0.0
    degrees = parts - 1
    spread = 2 / (9 * degrees)
    return float((1 / expected_rows + 1 / actual_rows) * degrees * (1 - spread + _CHANCE * math.sqrt(spread)) ** 3)


def judge(expected: Sequence[float], actual: Sequence[float], actual_rows: float) -> tuple[float, Verdict]:
    """Returns the stability index of a feature, and what it says.

    Args:
        expected: Rows of the baseline by part.
        actual: Weights now, by part.
        actual_rows: How many rows these are worth.
    """
    index = stability_index(expected, actual)
    if index < SOME:
        return index, "stable"
    parts = sum(1 for pair in zip(expected, actual, strict=True) if any(pair))
    if index <= index_by_chance(parts, sum(expected), actual_rows):
        return index, "unsure"
    return index, "some" if index <= LARGE else "large"
