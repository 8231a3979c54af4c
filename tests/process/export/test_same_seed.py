"""The same data and seeds give the same document: what is published can be told from what was trained."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from pyspark.ml import Pipeline
from pyspark.ml.classification import GBTClassifier, LogisticRegression, RandomForestClassifier
from pyspark.ml.feature import Imputer, OneHotEncoder, SQLTransformer, StringIndexer, VectorAssembler
from pyspark.sql import DataFrame, SparkSession

from pillion.export.converter import export_pipeline

_TIMESTAMP = re.compile(rb"<Timestamp>[^<]*</Timestamp>")


def _rows(spark: SparkSession) -> DataFrame:
    random = np.random.default_rng(11)
    rows = [
        (
            None if random.random() < 0.1 else round(float(random.normal()), 4),
            float(random.integers(0, 50)),
            str(random.choice(["red", "green", "blue"])),
            float(random.integers(0, 2)),
        )
        for _ in range(120)
    ]
    return spark.createDataFrame(rows, "age double, likes double, color string, label double").coalesce(1)


def _document(spark: SparkSession, model: Any) -> bytes:
    """Fits a pipeline of new stages on new rows, as another run would, and exports it."""
    rows = _rows(spark)
    pipeline = Pipeline(
        stages=[
            SQLTransformer(statement="SELECT *, likes * likes AS likes_squared FROM __THIS__"),
            Imputer(inputCols=["age"], outputCols=["age_known"]),
            StringIndexer(inputCol="color", outputCol="color_index", handleInvalid="keep"),
            OneHotEncoder(inputCols=["color_index"], outputCols=["color_hot"]),
            VectorAssembler(inputCols=["age_known", "likes", "likes_squared", "color_hot"], outputCol="features"),
            model,
        ]
    )
    exported = export_pipeline(pipeline.fit(rows), rows.schema)
    assert exported.without_plan is None
    return _TIMESTAMP.sub(b"", exported.document)


def test_the_same_seed_gives_the_same_document(spark: SparkSession) -> None:
    makers: dict[str, Callable[[int], Any]] = {
        "logistic": lambda seed: LogisticRegression(maxIter=5),
        "forest": lambda seed: RandomForestClassifier(numTrees=4, maxDepth=4, seed=seed),
        "boosted": lambda seed: GBTClassifier(maxIter=3, maxDepth=3, subsamplingRate=0.7, seed=seed),
    }
    for name, make in makers.items():
        first = _document(spark, make(5))
        assert first == _document(spark, make(5)), name
        if name != "logistic":
            assert first != _document(spark, make(6)), name
