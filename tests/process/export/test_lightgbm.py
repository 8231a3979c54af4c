"""A booster of LightGBM as the last stage of a pipeline: saved, loaded and published; and what is refused by name."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.feature import StringIndexer, VectorAssembler
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from pillion.demo.tables import to_columns, to_frame
from pillion.export.plan.element import UnsupportedPlan
from pillion.export.plan.lightgbm_booster import Booster
from pillion.export.publish import Origin, prepare
from pillion.export.saved_pipeline import load_pipeline

lightgbm = pytest.importorskip("lightgbm", reason="boosters need the extra 'boosters'")

from pillion.lightgbm import LightGBMClassificationModel, LightGBMRegressionModel  # noqa: E402

_TABLE = np.random.default_rng(0).normal(size=(200, 3))


def _text(objective: str = "regression", **settings: Any) -> str:
    signal = _TABLE.sum(axis=1)
    label = signal if objective == "regression" else (signal > 0).astype(int)
    return lightgbm.train(
        {"objective": objective, "num_leaves": 4, "verbosity": -1, **settings}, lightgbm.Dataset(_TABLE, label), 2
    ).model_to_string()


@pytest.mark.spark
def test_a_booster_is_published_with_the_bits_of_lightgbm(
    spark: SparkSession, schema: StructType, people: pd.DataFrame, jar: Path, tmp_path: Path
) -> None:
    frame = to_frame(spark, people.head(300))
    stages: list[Any] = [
        StringIndexer(inputCol="device", outputCol="device_index"),
        VectorAssembler(inputCols=["device_index", "age", "visits"], outputCol="features"),
    ]
    front = Pipeline(stages=stages).fit(frame)
    rows = front.transform(frame).select("features", "label").toPandas()
    x = np.vstack([vector.toArray() for vector in rows["features"]])
    booster = lightgbm.train(
        {"objective": "binary", "num_leaves": 8, "verbosity": -1}, lightgbm.Dataset(x, rows["label"]), 5
    )
    PipelineModel([*front.stages, LightGBMClassificationModel(booster)]).write().save(f"file:{tmp_path}/pipeline")
    loaded = load_pipeline(tmp_path / "pipeline")

    version = prepare(spark, Origin(loaded, schema, to_columns(people.head(60)), "made up"), jar=jar)

    assert version.cleared == "compiled", version.problem
    assert version.manifest["parity"]["compiled"]["arithmetic"] == "spark"
    assert version.manifest["pmml"] == "plan only"
    assert "the converter knows no model of LightGBM" in version.manifest["pmml_reason"]
    assert version.manifest["spark"]["lightgbm"] == lightgbm.__version__
    names = {output["name"] for output in version.manifest["outputs"]}
    assert names == {"prediction", "probability(0)", "probability(1)", "rawPrediction[0]", "rawPrediction[1]"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            _text("cross_entropy_lambda"),
            "its objective is 'cross_entropy_lambda', which plans don't know; train it with",
        ),
        (_text(linear_tree=True), "its leaves are linear models, .* train it without linear_tree"),
        (_text()[:900], "its model text is cut short"),
        ("", "its model text is cut short"),
    ],
    ids=["objective", "linear leaves", "cut short", "empty"],
)
def test_a_text_that_plans_do_not_know_is_refused_by_name(text: str, reason: str) -> None:
    with pytest.raises(UnsupportedPlan, match=reason):
        Booster.parse(text)


@pytest.mark.spark
def test_a_model_of_the_other_kind_is_refused(spark: SparkSession) -> None:
    with pytest.raises(ValueError, match="objective is 'binary': use LightGBMClassificationModel"):
        LightGBMRegressionModel(_text("binary"))
    with pytest.raises(ValueError, match="objective is 'regression': use LightGBMRegressionModel"):
        LightGBMClassificationModel(_text())
