"""MovieLens ml-latest-small (October 2016) as pandas tables: ratings, films, splits by time within each user.

Source: F. M. Harper and J. A. Konstan, "The MovieLens Datasets: History and Context", ACM TiiS 5(4), 2015.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pillion.errors import ConfigurationError

GENRES = (
    "Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary", "Drama", "Fantasy",
    "Film-Noir", "Horror", "IMAX", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)  # fmt: skip
LIKED = 4.0
"""A rating from here up counts as liked (relevant)."""


@dataclass(frozen=True, slots=True)
class MovieLens:
    """The two tables.

    Attributes:
        ratings: `user_id` int64, `item_id` int64, `rating` float64 (0.5 to 5), `timestamp` int64 (s since 1970, UTC).
        films: `item_id` int64, `title` str or missing, `year` Int64 or missing, `genres` str, separated by `|`.
    """

    ratings: pd.DataFrame
    films: pd.DataFrame


def load(folder: Path) -> MovieLens:
    """Reads `ratings.csv.gz` and `films.csv.gz` from `folder`.

    Raises:
        ConfigurationError: a file is missing.
    """
    for name in ("ratings.csv.gz", "films.csv.gz"):
        if not (folder / name).is_file():
            raise ConfigurationError(f"{folder / name}: no such file; the demo needs the MovieLens tables there")
    ratings = pd.read_csv(folder / "ratings.csv.gz")
    films = pd.read_csv(folder / "films.csv.gz", dtype={"year": "Int64"})
    return MovieLens(ratings, films)


def split_by_time(ratings: pd.DataFrame, shares: tuple[float, float]) -> tuple[pd.DataFrame, ...]:
    """Cuts each user's ratings, oldest first, at `shares` (e.g. 0.6 and 0.8) into three consecutive parts.

    Ties in time are broken by item id, so that the split is the same everywhere.
    """
    ordered = ratings.sort_values(["user_id", "timestamp", "item_id"], kind="stable")
    rank = ordered.groupby("user_id").cumcount().to_numpy()
    count = ordered.groupby("user_id")["item_id"].transform("size").to_numpy()
    first, second = (np.floor(count * share) for share in shares)
    return ordered[rank < first], ordered[(rank >= first) & (rank < second)], ordered[rank >= second]


def genre_flags(films: pd.DataFrame) -> np.ndarray:
    """Returns the genres of each film as 0/1, float64, shape (films, len(GENRES))."""
    split = films["genres"].str.split("|")
    return np.array([[float(genre in genres) for genre in GENRES] for genres in split])
