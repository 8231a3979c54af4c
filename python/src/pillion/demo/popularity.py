"""Popularity lists: global, and by segment, shrunk towards the global one.

The estimator: the likes of a segment are draws from a multinomial distribution whose prior is a Dirichlet
distribution around the global shares p, worth `strength` likes. The posterior mean of item i's share is
(n_i + strength × p_i) / (n + strength), with n_i the segment's likes of the item and n all its likes. The strength of
each kind of segment (country, device) is the one of STRENGTHS under which later likes are most probable.

Source: A. Gelman et al., "Bayesian Data Analysis", 3rd edition, section 3.4 (the multinomial model).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pillion.demo.movielens import LIKED

KINDS = ("country", "device")
STRENGTHS = (100.0, 300.0, 1_000.0, 3_000.0, 10_000.0, 30_000.0, 100_000.0, 300_000.0, 1_000_000.0)
LENGTH = 500
"""Items of a segment's list."""
PER = 1_000_000
"""The lists' counts are likes expected per so many likes."""


@dataclass(frozen=True, slots=True)
class Lists:
    """The popularity lists.

    Attributes:
        shares: per list (`global`, `country=DE`, …) the share of likes of each item, indexed by `item_id`.
        strengths: per kind of segment, what the prior was worth in likes.
    """

    shares: Mapping[str, "pd.Series[float]"]
    strengths: Mapping[str, float]

    def counts(self, name: str) -> list[tuple[int, int]]:
        """Items with expected likes per PER, most popular first, ties by id; LENGTH of them for a segment."""
        share = self.shares[name]
        order = np.lexsort((share.index.to_numpy(), -share.to_numpy()))
        if name != "global":
            order = order[:LENGTH]
        ordered = share.iloc[order]
        return [
            (int(item), int(count))
            for item, count in zip(ordered.index, np.rint(ordered.to_numpy() * PER), strict=True)
        ]


def fit(earlier: pd.DataFrame, later: pd.DataFrame) -> Lists:
    """Chooses the strengths by `later` ratings given `earlier` ones, then counts both."""
    strengths = {kind: _choose_strength(_likes(earlier), _likes(later), kind) for kind in KINDS}
    likes = _likes(pd.concat([earlier, later]))
    overall = _shares(likes)
    shares = {"global": overall}
    for kind in KINDS:
        for value, part in likes.groupby(kind):
            shares[f"{kind}={value}"] = _shrink(part, overall, strengths[kind])
    return Lists(shares, strengths)


def _likes(ratings: pd.DataFrame) -> pd.DataFrame:
    return ratings[ratings["rating"] >= LIKED]


def _shares(likes: pd.DataFrame) -> "pd.Series[float]":
    return likes.groupby("item_id").size() / float(len(likes))


def _shrink(likes: pd.DataFrame, overall: "pd.Series[float]", strength: float) -> "pd.Series[float]":
    counts = likes.groupby("item_id").size().reindex(overall.index, fill_value=0)
    return (counts + strength * overall) / (len(likes) + strength)


def _choose_strength(earlier: pd.DataFrame, later: pd.DataFrame, kind: str) -> float:
    overall = _shares(earlier)
    known = later[later["item_id"].isin(overall.index)]

    def log_likelihood(strength: float) -> float:
        total = 0.0
        for value, part in known.groupby(kind):
            shares = _shrink(earlier[earlier[kind] == value], overall, strength)
            total += float(np.log(shares.loc[part["item_id"]].to_numpy()).sum())
        return total

    return max(STRENGTHS, key=log_likelihood)
