"""A small fitted pipeline for the tests of export."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import OneHotEncoder, StringIndexer, VectorAssembler
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from pillion.demo.tables import to_columns, to_frame
from pillion.export.publish import Origin


@pytest.fixture(scope="session")
def people() -> pd.DataFrame:
    """1,200 rows: a category, two numbers, and a label that follows from them."""
    random = np.random.default_rng(5)
    table = pd.DataFrame(
        {
            "device": random.choice(["tv", "web", "phone"], 1200),
            "age": random.uniform(18, 80, 1200).round(3),
            "visits": random.integers(0, 50, 1200).astype(np.int32),
        }
    )
    margin = 0.05 * (table["age"] - 50) + 0.8 * (table["device"] == "tv") - 0.02 * table["visits"]
    table["label"] = (random.random(1200) < 1 / (1 + np.exp(-margin))).astype(np.float64)
    return table


@pytest.fixture(scope="session")
def fitted(spark: SparkSession, people: pd.DataFrame) -> PipelineModel:
    stages: list[Any] = [
        StringIndexer(inputCol="device", outputCol="device_index", handleInvalid="keep"),
        OneHotEncoder(inputCol="device_index", outputCol="device_hot"),
        VectorAssembler(inputCols=["device_hot", "age", "visits"], outputCol="features"),
        LogisticRegression(maxIter=20, regParam=0.01),
    ]
    return Pipeline(stages=stages).fit(to_frame(spark, people))


@pytest.fixture(scope="session")
def schema(spark: SparkSession, people: pd.DataFrame) -> StructType:
    return to_frame(spark, people.head(1)).schema


@pytest.fixture(scope="session")
def origin(fitted: PipelineModel, schema: StructType, people: pd.DataFrame) -> Origin:
    return Origin(fitted, schema, to_columns(people), "made up")
