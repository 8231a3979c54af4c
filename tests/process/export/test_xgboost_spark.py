"""A pipeline with a stage in Python: saved, loaded and published with Spark's own reference."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.feature import StringIndexer, VectorAssembler
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from pillion.demo.tables import to_columns, to_frame
from pillion.export.publish import Origin, prepare
from pillion.export.saved_pipeline import load_pipeline

xgboost = pytest.importorskip("xgboost", reason="boosters need the extra 'boosters'")

from xgboost.spark import SparkXGBClassifier  # noqa: E402

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def boosted(spark: SparkSession, people: pd.DataFrame) -> PipelineModel:
    stages: list[Any] = [
        StringIndexer(inputCol="device", outputCol="device_index"),
        VectorAssembler(inputCols=["device_index", "age", "visits"], outputCol="features"),
        SparkXGBClassifier(n_estimators=3, max_depth=2, force_repartition=True, verbosity=0, verbose=False),
    ]
    return Pipeline(stages=stages).fit(to_frame(spark, people.head(300)))


def test_a_booster_is_published_for_the_engine_with_its_own_bits(
    spark: SparkSession, boosted: PipelineModel, schema: StructType, people: pd.DataFrame, jar: Path, tmp_path: Path
) -> None:
    boosted.write().save(f"file:{tmp_path}/pipeline")
    loaded = load_pipeline(tmp_path / "pipeline")

    version = prepare(spark, Origin(loaded, schema, to_columns(people.head(60)), "made up"), jar=jar)

    assert version.cleared == "compiled", version.problem
    assert version.manifest["parity"]["compiled"]["arithmetic"] == "spark"
    assert version.manifest["pmml"] == "plan only"
    assert "the converter knows no model of xgboost.spark" in version.manifest["pmml_reason"]
    assert version.manifest["spark"]["xgboost"] == xgboost.__version__
    assert version.manifest["verification"]["spark_errors"] > 0
    names = {output["name"] for output in version.manifest["outputs"]}
    assert names == {"prediction", "probability(0)", "probability(1)", "rawPrediction[0]", "rawPrediction[1]"}
