"""The ranking: from a model's outputs to items in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pillion.types import Id, Value

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ScoreRanking:
    """One row per candidate; an output is the candidate's score."""

    output: str

    @property
    def outputs(self) -> tuple[str, ...]:
        """The outputs that it needs."""
        return (self.output,)


@dataclass(frozen=True, slots=True)
class ClassRanking:
    """One row in all; each output is the score of the item that its class stands for."""

    classes: Mapping[str, Id]

    @property
    def outputs(self) -> tuple[str, ...]:
        """The outputs that it needs."""
        return tuple(self.classes)


Ranking = ScoreRanking | ClassRanking


@dataclass(frozen=True, slots=True)
class Ranked:
    """Items in order.

    Attributes:
        items: int64, shape (n,), best first.
        scores: float64, shape (n,), finite or infinite.
        unscored: How many items had no score.
    """

    items: Ids
    scores: npt.NDArray[np.float64]
    unscored: int


def rank(items: Ids, scores: Sequence[Any], k: int) -> Ranked:
    """Returns the best `k` items: by falling score, and by rising id where scores are equal.

    Args:
        items: int64, shape (n,).
        scores: Of each item; an item whose score is missing, NaN or no number is left out.
        k: How many, at most.
    """
    if isinstance(scores, np.ndarray) and scores.dtype.kind in "fiu":
        numbers = scores.astype(np.float64)
    else:
        numbers = np.fromiter((_number(score) for score in scores), dtype=np.float64, count=len(items))
    scored = ~np.isnan(numbers)
    kept, values = items[scored], numbers[scored]
    order = np.lexsort((kept, -values))[:k]
    return Ranked(kept[order], values[order], int(len(items) - len(kept)))


def rank_classes(
    classes: Mapping[str, int], columns: Mapping[str, Sequence[Value]], allowed: Ids | None, excluded: Ids, k: int
) -> Ranked:
    """Returns the best `k` items of a model that scores all of them in one row.

    Args:
        classes: The number of the item that each output stands for.
        columns: The outputs, one row.
        allowed: Only these items; None for all.
        excluded: None of these items.
        k: How many, at most.
    """
    items = np.fromiter(classes.values(), dtype=np.int64, count=len(classes))
    scores = [columns[name][0] for name in classes]
    left_out = set(excluded.tolist())
    taken = set(items.tolist() if allowed is None else allowed.tolist()) - left_out
    kept = [index for index, item in enumerate(items.tolist()) if item in taken]
    return rank(items[kept], [scores[index] for index in kept], k)


def _number(score: Value) -> float:
    return float(score) if isinstance(score, float | int | np.number) else np.nan
