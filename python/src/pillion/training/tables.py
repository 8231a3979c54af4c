"""User and item feature tables, the ranker's training events, and the multinomial model's: pandas, all seeded."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pyspark.ml.recommendation import ALS
from pyspark.sql import SparkSession

from pillion.training import online
from pillion.training.movielens import GENRES, LIKED, genre_flags

RANK = 24
"""Length of the implicit-ALS factors."""
USER_FACTORS = tuple(f"user_factor_{i}" for i in range(RANK))
ITEM_FACTORS = tuple(f"item_factor_{i}" for i in range(RANK))
TASTES = tuple(f"taste_{genre.lower().replace('-', '_')}" for genre in GENRES)
FLAGS = tuple(f"genre_{genre.lower().replace('-', '_')}" for genre in GENRES)
USER_NUMBERS = ("user_ratings", "user_mean_rating", "user_liked_share")
ITEM_NUMBERS = ("item_likes", "item_mean_rating", "item_year")
USER_FEATURES = USER_NUMBERS + TASTES + USER_FACTORS
ITEM_FEATURES = ITEM_NUMBERS + FLAGS + ITEM_FACTORS
ONLINE_FEATURES = ("hour", "weekday", "device", "country", "referrer")


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of users and items from one part of the ratings.

    Attributes:
        users: index `user_id`, columns USER_FEATURES, float64.
        items: index `item_id`, columns ITEM_FEATURES, float64; every film of the catalogue, NaN where never rated.
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
        rank=RANK, maxIter=10, regParam=0.1, alpha=5.0, implicitPrefs=True, seed=seed,
        userCol="user_id", itemCol="item_id", ratingCol="rating",
    )  # fmt: skip
    frame = session.createDataFrame(
        liked[["user_id", "item_id", "rating"]].astype({"user_id": "int32", "item_id": "int32"})
    )
    model = als.fit(frame.coalesce(1))
    users = _user_counts(ratings, films).join(_factors(model.userFactors.toPandas(), USER_FACTORS))
    items = _item_counts(ratings, films).join(_factors(model.itemFactors.toPandas(), ITEM_FACTORS))
    return Features(users[list(USER_FEATURES)], items[list(ITEM_FEATURES)])


def _factors(table: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    values = np.array(table["features"].tolist(), dtype=np.float64)
    return pd.DataFrame(values, index=table["id"].to_numpy(), columns=list(names))


def _user_counts(ratings: pd.DataFrame, films: pd.DataFrame) -> pd.DataFrame:
    flags = pd.DataFrame(genre_flags(films), index=films["item_id"], columns=list(TASTES))
    by_user = ratings.groupby("user_id")["rating"]
    users = pd.DataFrame(
        {
            "user_ratings": np.log1p(by_user.size()),
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
    items["item_likes"] = np.log1p(likes.reindex(index, fill_value=0))
    # shrunk towards the mean of all ratings, worth five ratings
    items["item_mean_rating"] = ((by_item.sum() + 5 * mean) / (by_item.size() + 5)).reindex(index, fill_value=mean)
    items["item_year"] = films["year"].astype("float64").to_numpy()
    items[list(FLAGS)] = genre_flags(films)
    return items


def ranker_events(
    ratings: pd.DataFrame, seen: pd.DataFrame, films: pd.DataFrame, features: Features, seed: int, negatives: int = 4
) -> pd.DataFrame:
    """Labelled events: each rating (label 1 where liked), and for each liked film `negatives` films never rated.

    An unseen film shares the context of the liked one that it was drawn for, so that hour, weekday, device, country
    and referrer can't tell the two apart but through the film.

    Args:
        ratings: the events' ratings.
        seen: all ratings known so far; a negative is drawn from outside them and outside `ratings`.
    """
    random = np.random.default_rng(seed)
    flags = pd.DataFrame(genre_flags(films), index=films["item_id"])
    is_liked = (ratings["rating"] >= LIKED).to_numpy()
    genres = flags.loc[ratings["item_id"]].to_numpy() * is_liked[:, None]
    context = online.generate(ratings["user_id"].to_numpy(), ratings["timestamp"].to_numpy(), genres, seed)
    events = ratings[["user_id", "item_id"]].reset_index(drop=True).join(context)
    events["label"] = is_liked.astype(np.float64)

    rated = set(zip(seen["user_id"], seen["item_id"], strict=True)) | set(
        zip(ratings["user_id"], ratings["item_id"], strict=True)
    )
    unseen = events[is_liked].loc[lambda e: e.index.repeat(negatives)].reset_index(drop=True)
    unseen["item_id"] = random.choice(films["item_id"].to_numpy(), len(unseen))
    unseen["label"] = 0.0
    fresh = [pair not in rated for pair in zip(unseen["user_id"], unseen["item_id"], strict=True)]
    return join_features(pd.concat([events, unseen[fresh]], ignore_index=True), features)


def join_features(events: pd.DataFrame, features: Features) -> pd.DataFrame:
    """Adds user and item features to events that have `user_id` and `item_id`; NaN where unknown."""
    return events.reset_index(drop=True).join(features.users, on="user_id").join(features.items, on="item_id")
