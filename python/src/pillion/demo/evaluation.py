"""The demo's evaluation: full ranking over the catalog on the last fifth of each user's ratings.

Every way of ranking is judged on the same users and candidates: those with a liked film among their last ratings, and
the whole catalog less what the user rated before. A film rated 4 or more is relevant.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pillion.demo.movielens import LIKED

K = 10


@dataclass(frozen=True, slots=True)
class Quality:
    """How well one way of ranking does: the means over users, and the share of the catalog that it shows."""

    ndcg: float
    recall: float
    coverage: float


class Protocol:
    """Users, candidates and relevance, the same for all that is compared.

    Args:
        before: ratings known before the test.
        test: ratings to predict.
        items: ids of the catalog, ascending, shape (m,).

    Attributes:
        users: ids of the judged users, ascending, shape (n,).
        items: ids of the catalog, shape (m,).
    """

    def __init__(self, before: pd.DataFrame, test: pd.DataFrame, items: npt.NDArray[np.int64]) -> None:
        liked = test[test["rating"] >= LIKED]
        self.users: npt.NDArray[np.int64] = np.unique(liked["user_id"].to_numpy())
        self.items = items
        self._seen = self._matrix(before[before["user_id"].isin(self.users)])
        self._relevant = self._matrix(liked)

    def _matrix(self, ratings: pd.DataFrame) -> npt.NDArray[np.bool_]:
        matrix = np.zeros((len(self.users), len(self.items)), dtype=bool)
        rows = np.searchsorted(self.users, ratings["user_id"].to_numpy())
        matrix[rows, np.searchsorted(self.items, ratings["item_id"].to_numpy())] = True
        return matrix

    def judge(self, scores: npt.NDArray[np.float64]) -> Quality:
        """Judges scores, float64, shape (n, m) or (m,); the higher the better, ties by item id."""
        open_scores = np.where(self._seen, -np.inf, scores)
        top = np.argsort(-open_scores, axis=1, kind="stable")[:, :K]
        hits = np.take_along_axis(self._relevant, top, axis=1)
        discounts = 1.0 / np.log2(np.arange(K) + 2.0)
        count = self._relevant.sum(axis=1)
        ideal = np.cumsum(discounts)[np.minimum(count, K) - 1]
        return Quality(
            float((hits @ discounts / ideal).mean()),
            float((hits.sum(axis=1) / count).mean()),
            len(np.unique(top)) / len(self.items),
        )
