"""Raw columns of vectors: Spark is asked as the user's pipeline has them, and the engine has its bits."""

import math
import random
from typing import Any

import pytest
from pyspark.ml import Pipeline
from pyspark.ml.classification import DecisionTreeClassifier, LogisticRegression
from pyspark.ml.feature import StandardScaler, VectorAssembler
from pyspark.ml.linalg import Vectors
from pyspark.sql import SparkSession

from pillion.export.converter import export_pipeline
from pillion.export.publish import Origin, prepare
from pillion.parity.spark_frame import element_names
from pillion.scoring.jvm import open_model
from pillion.types import Value
from tools.checkout import JAR

pytestmark = pytest.mark.spark


def _columns(vectors: list[list[float]], label: list[float]) -> dict[str, list[Value]]:
    names = element_names("features", len(vectors[0]))
    return {**{name: [vector[i] for vector in vectors] for i, name in enumerate(names)}, "label": [*label]}


def _origin(spark: SparkSession, stages: list[Any], vectors: list[list[float]]) -> Origin:
    label = [float((i * 7) % 11 > 4) for i in range(len(vectors))]
    rows = [(Vectors.dense(vector), y) for vector, y in zip(vectors, label, strict=True)]
    frame = spark.createDataFrame(rows, ["features", "label"]).coalesce(1)
    return Origin(Pipeline(stages=stages).fit(frame), frame.schema, _columns(vectors, label))


def test_a_dense_vector_of_zeros_stays_dense(spark: SparkSession) -> None:
    draw = random.Random(3)
    vectors = [[draw.gauss(0, 1) if draw.random() < 0.3 else 0.0 for _ in range(40)] for _ in range(200)]
    origin = _origin(spark, [LogisticRegression(maxIter=10)], vectors)
    version = prepare(spark, origin, jar=JAR)

    assert version.cleared == "compiled", version.problem
    asked = spark.createDataFrame([(Vectors.dense(vector),) for vector in vectors], ["features"])
    expected = [float(row["probability"][1]) for row in origin.model.transform(asked).collect()]
    document = version.files["model.pmml"]
    scores = open_model(document, "compiled", JAR).score(origin.rows, len(vectors))
    assert expected == list(scores.columns["probability(1)"])


def test_a_nan_in_a_vector_is_answered_as_spark_answers(spark: SparkSession) -> None:
    origin = _origin(spark, [DecisionTreeClassifier(maxDepth=3)], [[float(i % 5), float(i % 3)] for i in range(60)])
    version = prepare(spark, origin, jar=JAR)
    opened = open_model(version.files["model.pmml"], "compiled", JAR)
    scores = opened.score({"features[0]": [math.nan, 1.0, None], "features[1]": [1.0, 1.0, 1.0]}, 3)

    assert version.cleared == "compiled", version.problem
    asked = spark.createDataFrame([(Vectors.dense([math.nan, 1.0]),), (Vectors.dense([1.0, 1.0]),)], ["features"])
    expected = [row["prediction"] for row in origin.model.transform(asked).collect()]
    assert list(scores.columns["prediction"])[:2] == expected
    assert [(error.row, error.field) for error in scores.row_errors] == [(2, "features[0]")]
    assert "a vector needs all of its elements" in scores.row_errors[0].message


def test_other_consumers_find_a_field_for_each_element(spark: SparkSession) -> None:
    stages = [
        StandardScaler(inputCol="features", outputCol="scaled"),
        VectorAssembler(inputCols=["scaled"], outputCol="both"),
        LogisticRegression(featuresCol="both", maxIter=3),
    ]
    origin = _origin(spark, stages, [[float(i % 5), float(i % 3)] for i in range(60)])
    exported = export_pipeline(origin.model, origin.schema, {"features": 2})

    assert exported.form == "model and plan"
    for engine in ("compiled", "jpmml"):
        inputs = open_model(exported.document, engine, JAR).contract["inputs"]
        assert [field["name"] for field in inputs] == ["features[0]", "features[1]"]
