"""The demo's `titles30`: a multinomial model over the 30 most-rated films, one probability per item."""

import pandas as pd
from pyspark.ml import Pipeline
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import Imputer, StringIndexer, VectorAssembler

from pillion.demo.moment_stages import MOMENT_VECTORS, moment_stages
from pillion.demo.movielens import LIKED
from pillion.demo.tables import CONTEXT, TASTES, USER_NUMBERS, Features

CLASSES = 30
INPUTS = (*USER_NUMBERS, *TASTES, *CONTEXT)
_IMPUTED = USER_NUMBERS + TASTES


def top_items(ratings: pd.DataFrame) -> list[int]:
    """The ids of the CLASSES most-rated films, ties by id."""
    counts = ratings.groupby("item_id").size().rename("ratings").reset_index()
    return sorted(counts.sort_values(["ratings", "item_id"], ascending=[False, True])["item_id"].head(CLASSES))


def events(ratings: pd.DataFrame, features: Features, items: list[int]) -> pd.DataFrame:
    """One row for each liked rating of one of `items`: `user_id`, the INPUTS, and the film's id as text in `item`.

    Args:
        ratings: with their CONTEXT.
        features: joined to the ratings; NaN where unknown.
        items: the films that are classes.
    """
    liked = ratings[(ratings["rating"] >= LIKED) & ratings["item_id"].isin(items)]
    rows = liked[["user_id", *CONTEXT]].reset_index(drop=True).join(features.users, on="user_id")
    rows["item"] = liked["item_id"].astype(str).to_numpy()
    return rows[["user_id", *INPUTS, "item"]]


def build() -> Pipeline:
    """Returns the unfitted pipeline; inputs INPUTS, label `item`, output `probability` by StringIndexer's order."""
    return Pipeline(
        stages=[
            StringIndexer(inputCol="item", outputCol="label", stringOrderType="alphabetAsc"),
            Imputer(inputCols=list(_IMPUTED), outputCols=[f"{name}_known" for name in _IMPUTED], strategy="mean"),
            *moment_stages(),
            VectorAssembler(
                inputCols=[*[f"{name}_known" for name in _IMPUTED], *MOMENT_VECTORS],
                outputCol="features",
                handleInvalid="keep",
            ),
            LogisticRegression(family="multinomial", featuresCol="features", regParam=1e-3, maxIter=60),
        ]
    )
