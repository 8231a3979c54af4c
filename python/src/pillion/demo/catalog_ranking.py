"""The ranker over the whole catalog for many users at once, in NumPy.

Six million pairs take Spark minutes. The ranker's margin is linear in products of a user's and an item's values, so
they are a few matrix products here. That this is the same formula is checked against Spark on pairs drawn at random,
each time.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyspark.ml import PipelineModel
from pyspark.ml.functions import vector_to_array
from pyspark.sql import SparkSession
from pyspark.sql.functions import col

from pillion.demo import ranker, tables
from pillion.demo.tables import to_frame
from pillion.errors import PillionError

Matrix = npt.NDArray[np.float64]
_CHECKED = 500
_TOLERANCE = 1e-9
_CONTEXT_PARTS = ("device", "daypart", "weekend")


def score_catalog(
    session: SparkSession,
    model: PipelineModel,
    features: tables.Features,
    context: pd.DataFrame,
    items: npt.NDArray[np.int64],
    seed: int,
) -> Matrix:
    """Returns the probability of every item for every user of `context`, float64, shape (users, items).

    Raises:
        PillionError: The formula is not the pipeline's: a probability differs from Spark's.
    """
    users = context.join(features.users)
    films = features.items.loc[items]
    scores = 1.0 / (1.0 + np.exp(-_margins(session, model, users, films)))
    random = np.random.default_rng(seed)
    rows, columns = random.integers(0, len(users), _CHECKED), random.integers(0, len(films), _CHECKED)
    pairs = pd.concat([users.iloc[rows].reset_index(drop=True), films.iloc[columns].reset_index(drop=True)], axis=1)
    scored = model.transform(to_frame(session, pairs.assign(_pair=range(_CHECKED))))
    spark = scored.select("_pair", vector_to_array(col("probability"))[1].alias("score")).toPandas()
    gap = float(np.abs(spark.set_index("_pair")["score"].sort_index().to_numpy() - scores[rows, columns]).max())
    if not gap <= _TOLERANCE:
        raise PillionError(f"the ranker's formula for the whole catalog is not the pipeline's: they differ by {gap}")
    return scores


def _margins(session: SparkSession, model: PipelineModel, users: pd.DataFrame, films: pd.DataFrame) -> Matrix:
    first = pd.concat([users.head(1).reset_index(drop=True), films.head(1).reset_index(drop=True)], axis=1)
    hot = [f"{part}_hot" for part in (*_CONTEXT_PARTS, "country", "referrer")]
    row = model.transform(to_frame(session, first)).select(*hot).first()
    assert row is not None
    stages: Any = model.stages
    regression = stages[-1]
    weights = np.asarray(regression.coefficients.toArray())
    taken = 0

    def take(count: int) -> Matrix:
        nonlocal taken
        taken += count
        return np.asarray(weights[taken - count : taken])

    means = stages[1].surrogateDF.first()
    assert means is not None
    collaborative, taste, squared = take(3)
    margin = (
        regression.intercept
        + collaborative * (_filled(users, tables.USER_FACTORS) @ _filled(films, tables.ITEM_FACTORS).T)
        + taste * (_filled(users, tables.TASTES) @ _filled(films, tables.FLAGS).T)
    )
    margin += squared * films["item_likes"].fillna(0.0).to_numpy() ** 2
    for name in ranker.NUMBERS:
        weight = take(1)[0]
        filler = means[name] if name in ranker.IMPUTED else 0.0
        if name in users:
            margin += weight * users[name].fillna(filler).to_numpy()[:, None]
        else:
            margin += weight * films[name].fillna(filler).to_numpy()
    indices = _indices(model, users)
    for part in ("country", "referrer"):
        margin += take(row[f"{part}_hot"].size)[indices[part]][:, None]
    genres = _filled(films, ranker.CONTEXT_GENRES)
    for part in _CONTEXT_PARTS:
        table = take(row[f"{part}_hot"].size * genres.shape[1]).reshape(-1, genres.shape[1])
        margin += table[indices[part]] @ genres.T
    if taken != len(weights):
        raise PillionError(f"the ranker has {len(weights)} weights, but its formula {taken}")
    return np.asarray(margin)


def _filled(table: pd.DataFrame, names: tuple[str, ...]) -> Matrix:
    return table[list(names)].fillna(0.0).to_numpy()


def _indices(model: PipelineModel, users: pd.DataFrame) -> dict[str, npt.NDArray[np.int64]]:
    """Where each user's context stands in its one-hot vectors, int64, shape (users,)."""
    stages: Any = model.stages
    bucketizer, indexer = stages[2], stages[3]
    indices = {
        output: np.searchsorted(np.array(splits[1:-1]), users[column].to_numpy(), side="right")
        for output, column, splits in zip(
            bucketizer.getOutputCols(), bucketizer.getInputCols(), bucketizer.getSplitsArray(), strict=True
        )
    }
    for column, labels in zip(indexer.getInputCols(), indexer.labelsArray, strict=True):
        order = {label: index for index, label in enumerate(labels)}
        indices[column] = np.array([order.get(value, len(labels)) for value in users[column]], dtype=np.int64)
    return indices
