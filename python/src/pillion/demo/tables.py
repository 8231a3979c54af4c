"""User and item feature tables and the ranker's training events: pandas, all seeded, and their way into Spark."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame, SparkSession

from pillion.demo.movielens import GENRES, LIKED, genre_flags
from pillion.demo.online_context import CONTEXT as CONTEXT
from pillion.types import Value

RANK = 16
"""Length of the implicit-ALS factors."""
DECIMALS = 4
"""Decimals that features are rounded to: their rows stay short, and nothing is lost that the quality shows."""
PER = 100_000
"""Counts of ratings are taken per so many, so that they mean the same over a longer and a shorter period."""
USER_FACTORS = tuple(f"user_factor_{i}" for i in range(RANK))
ITEM_FACTORS = tuple(f"item_factor_{i}" for i in range(RANK))
TASTES = tuple(f"taste_{genre.lower().replace('-', '_')}" for genre in GENRES)
FLAGS = tuple(f"genre_{genre.lower().replace('-', '_')}" for genre in GENRES)
USER_NUMBERS = ("user_ratings", "user_mean_rating", "user_liked_share")
ITEM_NUMBERS = ("item_likes", "item_mean_rating", "item_year")
USER_FEATURES = USER_NUMBERS + TASTES + USER_FACTORS
ITEM_FEATURES = ITEM_NUMBERS + FLAGS + ITEM_FACTORS


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of users and items from one part of the ratings.

    Attributes:
        users: index `user_id`, columns USER_FEATURES, float64.
        items: index `item_id`, columns ITEM_FEATURES, float64; every film of the catalog, NaN where never rated.
    """

    users: pd.DataFrame
    items: pd.DataFrame


def build_features(session: SparkSession, ratings: pd.DataFrame, films: pd.DataFrame, seed: int) -> Features:
    """Fits implicit ALS on `ratings` and counts the rest.

    Source: Y. Hu, Y. Koren, C. Volinsky, "Collaborative Filtering for Implicit Feedback Datasets", ICDM 2008;
    Spark's `ALS(implicitPrefs=True)`, confidence 1 + alpha × rating.
    """
    liked = ratings[ratings["rating"] >= LIKED]
    als = ALS(
        rank=RANK, maxIter=10, regParam=0.1, alpha=2.0, implicitPrefs=True, seed=seed,
        userCol="user_id", itemCol="item_id", ratingCol="rating",
    )  # fmt: skip
    frame = session.createDataFrame(
        liked[["user_id", "item_id", "rating"]].astype({"user_id": "int32", "item_id": "int32"})
    )
    model = als.fit(frame.coalesce(1))
    users = _user_counts(ratings, films).join(_factors(model.userFactors.toPandas(), USER_FACTORS))
    items = _item_counts(ratings, films).join(_factors(model.itemFactors.toPandas(), ITEM_FACTORS))
    return Features(users[list(USER_FEATURES)].round(DECIMALS), items[list(ITEM_FEATURES)].round(DECIMALS))


def _factors(table: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    values = np.array(table["features"].tolist(), dtype=np.float64)
    return pd.DataFrame(values, index=table["id"].to_numpy(), columns=list(names))


def _user_counts(ratings: pd.DataFrame, films: pd.DataFrame) -> pd.DataFrame:
    flags = pd.DataFrame(genre_flags(films), index=films["item_id"], columns=list(TASTES))
    by_user = ratings.groupby("user_id")["rating"]
    users = pd.DataFrame(
        {
            "user_ratings": np.log1p(by_user.size() * (PER / len(ratings))),
            "user_mean_rating": by_user.mean(),
            "user_liked_share": by_user.apply(lambda r: float((r >= LIKED).mean())),
        }
    )
    liked = ratings[ratings["rating"] >= LIKED]
    tastes = flags.loc[liked["item_id"]].groupby(liked["user_id"].to_numpy()).mean()
    return users.join(tastes).rename_axis("user_id")


def _item_counts(ratings: pd.DataFrame, films: pd.DataFrame) -> pd.DataFrame:
    by_item = ratings.groupby("item_id")["rating"]
    mean = ratings["rating"].mean()
    likes = ratings[ratings["rating"] >= LIKED].groupby("item_id").size()
    index = pd.Index(films["item_id"], name="item_id")
    items = pd.DataFrame(index=index)
    items["item_likes"] = np.log1p(likes.reindex(index, fill_value=0) * (PER / len(ratings)))
    # shrunk towards the mean of all ratings, worth five ratings
    items["item_mean_rating"] = ((by_item.sum() + 5 * mean) / (by_item.size() + 5)).reindex(index, fill_value=mean)
    items["item_year"] = films["year"].astype("float64").to_numpy()
    items[list(FLAGS)] = genre_flags(films)
    return items


def ranker_events(
    events: pd.DataFrame, seen: pd.DataFrame, films: pd.DataFrame, features: Features, seed: int, negatives: int = 2
) -> pd.DataFrame:
    """Labelled events: each rating (label 1 where liked), and for each liked film `negatives` films never rated.

    An unseen film shares the context of the liked one that it was drawn for, so that hour, weekday, device, country
    and referrer can't tell the two apart but through the film.

    Args:
        events: ratings with their CONTEXT.
        seen: all ratings known so far; a negative is drawn from outside them and outside `events`.
        films: the catalog.
        features: joined to the events; NaN where unknown.
        seed: of the draw.
        negatives: films drawn per liked one, less those that turn out to be rated.

    Returns:
        `user_id`, `item_id`, `rated` (False for a film drawn), CONTEXT, USER_FEATURES, ITEM_FEATURES, `label`.
    """
    random = np.random.default_rng(seed)
    rated = events[["user_id", "item_id", *CONTEXT]].reset_index(drop=True)
    rated["label"] = (events["rating"] >= LIKED).to_numpy(np.float64)
    rated["rated"] = True
    drawn = rated[rated["label"] == 1.0].loc[lambda e: e.index.repeat(negatives)].reset_index(drop=True)
    drawn["item_id"] = random.choice(films["item_id"].to_numpy(), len(drawn))
    drawn["label"] = 0.0
    drawn["rated"] = False
    known = pd.MultiIndex.from_frame(pd.concat([seen, events])[["user_id", "item_id"]])
    fresh = drawn[~pd.MultiIndex.from_frame(drawn[["user_id", "item_id"]]).isin(known)]
    return join_features(pd.concat([rated, fresh], ignore_index=True), features)


def join_features(events: pd.DataFrame, features: Features) -> pd.DataFrame:
    """Adds user and item features to events that have `user_id` and `item_id`; NaN where unknown."""
    return events.reset_index(drop=True).join(features.users, on="user_id").join(features.items, on="item_id")


def to_frame(session: SparkSession, table: pd.DataFrame) -> DataFrame:
    """Returns a pandas table, without its index, in Spark; NaN and None become null."""
    return session.createDataFrame(pa.Table.from_pandas(table, preserve_index=False))


def to_columns(table: pd.DataFrame) -> dict[str, list[Value]]:
    """Returns a pandas table as columns of plain values; NaN becomes None."""
    return {
        str(name): [None if value != value else value for value in table[name].astype(object).tolist()]
        for name in table
    }
