"""What the demo trains and judges on: MovieLens with its online features, cut by time within each user."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pillion.demo import movielens
from pillion.demo.online_context import add_context

SEED = 7
SHARES = (0.6, 0.8)


@dataclass(frozen=True, slots=True)
class Data:
    """MovieLens with its online features, cut by time within each user.

    Attributes:
        films: the catalog, by item id.
        early: what ALS and the ranker's tables see.
        middle: what the ranker is fitted on.
        test: what everything is judged on.
    """

    films: pd.DataFrame
    early: pd.DataFrame
    middle: pd.DataFrame
    test: pd.DataFrame

    @property
    def before(self) -> pd.DataFrame:
        """All that is known before the test."""
        return pd.concat([self.early, self.middle], ignore_index=True)


def load_data(folder: Path, seed: int = SEED) -> Data:
    """Reads MovieLens and adds the online features."""
    table = movielens.load(folder)
    films = table.films.sort_values("item_id", ignore_index=True)
    early, middle, test = movielens.split_by_time(add_context(table.ratings, films, seed), SHARES)
    return Data(films, early, middle, test)
