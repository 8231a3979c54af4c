"""A model of one's own, in the notebook where it was trained."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import OneHotEncoder, StringIndexer, VectorAssembler
from pyspark.sql import DataFrame, SparkSession

from tools.checkout import JAR

ROWS = 400


@pytest.fixture(scope="session")
def table() -> pd.DataFrame:
    """Late deliveries: texts, numbers with gaps, dates, decimals, and columns that no stage reads."""
    random = np.random.default_rng(11)
    table = pd.DataFrame(
        {
            "carrier": random.choice(["sea", "rail", "road"], ROWS),
            "age": random.uniform(1, 90, ROWS).round(2),
            "stops": random.integers(0, 9, ROWS),
            "note": random.choice(["fragile", "heavy", "none"], ROWS),
        }
    )
    table["label"] = (table["age"] / 45 + (table["carrier"] == "sea") + random.normal(0, 0.5, ROWS) > 1.6).astype(float)
    return table


@pytest.fixture(scope="session")
def frame(spark: SparkSession, table: pd.DataFrame) -> DataFrame:
    """The table in Spark, with columns of types that no model takes."""
    return (
        spark.createDataFrame(table)
        .selectExpr(
            "*",
            "map('a', age) AS extras",
            "struct(age, stops) AS pair",
            "cast(note AS binary) AS raw",
            "array(age) AS ages",
            "INTERVAL '1' DAY AS span",
            "INTERVAL '1' MONTH AS months",
            "array(timestamp'2024-01-01 10:00:00') AS moments",
            "timestamp_ntz'2024-01-01 10:00:00' AS local_time",
        )
        .coalesce(1)
    )


@pytest.fixture(scope="session")
def model(frame: DataFrame) -> PipelineModel:
    stages: list[Any] = [
        StringIndexer(inputCol="carrier", outputCol="carrier_index", handleInvalid="keep"),
        OneHotEncoder(inputCol="carrier_index", outputCol="carrier_hot"),
        VectorAssembler(inputCols=["carrier_hot", "age", "stops"], outputCol="features"),
        LogisticRegression(maxIter=10, regParam=0.01),
    ]
    return Pipeline(stages=stages).fit(frame)


@pytest.fixture(autouse=True)
def _jar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILLION_SIDECAR_JAR", str(JAR))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(here: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A run whose store is a folder here."""
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri((here / "mlruns").as_uri())
    with mlflow.start_run() as started:
        yield started
    mlflow.set_tracking_uri(before)
