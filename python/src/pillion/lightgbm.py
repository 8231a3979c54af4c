"""Boosters of LightGBM as fitted stages of Spark's, so that a pipeline ends in one.

A booster is trained by LightGBM itself, on the vectors that the stages before it make; these stages score them by
LightGBM in Spark's workers. A pipeline with such a stage is saved, loaded, exported and compared like any other:

    front = Pipeline(stages=[indexer, assembler]).fit(frame)
    rows = front.transform(frame).select("features", "label").toPandas()
    x = numpy.vstack([vector.toArray() for vector in rows["features"]])
    booster = lightgbm.train({"objective": "binary"}, lightgbm.Dataset(x, rows["label"]))
    model = PipelineModel([*front.stages, LightGBMClassificationModel(booster)])

Needs the extra `boosters`.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from pyspark.ml import Model
from pyspark.ml.functions import array_to_vector, vector_to_array
from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.ml.param.shared import HasFeaturesCol, HasPredictionCol, HasProbabilityCol, HasRawPredictionCol
from pyspark.ml.util import DefaultParamsReadable, DefaultParamsWritable
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.functions import pandas_udf
from pyspark.sql.types import ArrayType, DoubleType

from pillion.export.plan.lightgbm_booster import CLASSES

_Arrays = np.ndarray[Any, np.dtype[np.float64]]


class _LightGBMModel(Model, HasFeaturesCol, HasPredictionCol, DefaultParamsReadable[Any], DefaultParamsWritable):
    """What both kinds of models have in common.

    Args:
        booster: a `lightgbm.Booster`, one of LightGBM's fitted estimators, or a model text.
        columns: names of columns by parameter, such as `featuresCol="vector"`.
    """

    model: Param[str] = Param(Params._dummy(), "model", "LightGBM's model text", TypeConverters.toString)

    def __init__(self, booster: Any = None, **columns: str) -> None:
        super().__init__()
        self._set(**columns)
        if booster is not None:
            inner = getattr(booster, "booster_", booster)
            text = inner if isinstance(inner, str) else inner.model_to_string()
            self._check(_objective(text))
            self._set(model=text)

    def _check(self, objective: str) -> None:
        """Raises ValueError where a model of this kind can't have an objective."""
        raise NotImplementedError

    def _scores(self, finish: Callable[[_Arrays, _Arrays], _Arrays]) -> Column:
        """What `finish` makes, a row of numbers each, of the sums of a batch and what the objective makes of them."""
        text = self.getOrDefault(self.model)

        @pandas_udf(ArrayType(DoubleType()))  # type: ignore[call-overload,untyped-decorator,unused-ignore]
        def score(batches: Iterator[pd.Series]) -> Iterator[pd.Series]:  # type: ignore[type-arg,unused-ignore]
            import lightgbm

            booster = lightgbm.Booster(model_str=text)
            for batch in batches:
                x = np.array(batch.tolist(), np.float64).reshape(len(batch), booster.num_feature())
                if not len(x):
                    yield pd.Series([], dtype=object)
                    continue
                sums = np.asarray(booster.predict(x, raw_score=True, num_threads=1)).reshape(len(x), -1)
                made = np.asarray(booster.predict(x, num_threads=1)).reshape(len(x), -1)
                yield pd.Series(list(finish(sums, made)))

        scored: Column = score(vector_to_array(F.col(self.getFeaturesCol())))
        return scored


class LightGBMRegressionModel(_LightGBMModel):
    """A booster that makes one number a row: of a regression, or a rank.

    Raises:
        ValueError: the booster's objective is a classifier's.
    """

    def _check(self, objective: str) -> None:
        if objective in CLASSES:
            raise ValueError(f"the booster's objective is {objective!r}: use LightGBMClassificationModel")

    def _transform(self, dataset: DataFrame) -> DataFrame:
        return dataset.withColumn(self.getPredictionCol(), self._scores(lambda _, made: made)[0])


class LightGBMClassificationModel(_LightGBMModel, HasProbabilityCol, HasRawPredictionCol):
    """A booster that tells classes apart.

    Its columns are the vectors `rawPrediction`, of two classes −m and m of the sum m, and `probability`; `prediction`
    is the most probable class, the first of equal ones.

    Raises:
        ValueError: the booster's objective is no classifier's.
    """

    def _check(self, objective: str) -> None:
        if objective not in CLASSES:
            raise ValueError(f"the booster's objective is {objective!r}: use LightGBMRegressionModel")

    def _transform(self, dataset: DataFrame) -> DataFrame:
        scored = f"{self.uid}_scored"
        count = ((F.size(F.col(scored)) - 1) / 2).cast("int")
        return (
            dataset.withColumn(scored, self._scores(_classes))
            .withColumn(self.getRawPredictionCol(), array_to_vector(F.slice(F.col(scored), F.lit(2), count)))
            .withColumn(self.getProbabilityCol(), array_to_vector(F.slice(F.col(scored), count + 2, count)))
            .withColumn(self.getPredictionCol(), F.col(scored)[0])
            .drop(scored)
        )


def _classes(sums: _Arrays, made: _Arrays) -> _Arrays:
    """The class, the raw predictions and the probabilities of each row."""
    if sums.shape[1] == 1:
        sums, made = np.hstack([-sums, sums]), np.hstack([1.0 - made, made])
    return np.hstack([made.argmax(axis=1)[:, None].astype(np.float64), sums, made])


def _objective(text: str) -> str:
    """The first word of what a model text says of its objective."""
    found = re.search(r"^objective=(\S+)", text, re.MULTILINE)
    return "custom" if found is None else found[1]
