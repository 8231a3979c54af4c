"""Where an engine leaves Spark, the first stage whose column differs is named, and a file reproduces it."""

import json
import math
from typing import Any

import pytest
from pyspark.ml import Pipeline
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import StandardScaler, StringIndexer, VectorAssembler
from pyspark.sql import SparkSession

from pillion.export.plan import stages
from pillion.export.plan.stage import Node, Stage
from pillion.export.publish import Origin, prepare
from pillion.scoring.jvm import open_model
from tools.checkout import JAR

pytestmark = pytest.mark.spark


def _one_step_off(stage: Stage) -> list[Node]:
    """The scaler's element, the last factor of which is the next double."""
    nodes = stages.standard_scaler.write(stage)
    scale = next(child for child in nodes[0].element if str(child.tag).endswith("scale"))
    *others, last = (scale.text or "").split()
    scale.text = " ".join([*others, repr(math.nextafter(float(last), math.inf))])
    return nodes


def test_the_first_stage_that_differs_is_named_and_reproduced_by_a_file(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(float(i % 5) + 0.3, float(i % 7) + 0.7, ["no", "yes"][(i * 7) % 11 > 4]) for i in range(60)]
    frame = spark.createDataFrame(rows, "a double, b double, y string").coalesce(1)
    parts: list[Any] = [
        StringIndexer(inputCol="y", outputCol="label"),
        VectorAssembler(inputCols=["a", "b"], outputCol="raw"),
        StandardScaler(inputCol="raw", outputCol="features"),
        LogisticRegression(maxIter=5),
    ]
    model = Pipeline(stages=parts).fit(frame)
    monkeypatch.setitem(stages.WRITERS, "StandardScalerModel", _one_step_off)
    columns = {name: [row[place] for row in rows] for place, name in enumerate(frame.columns)}
    version = prepare(spark, Origin(model, frame.schema, columns), jar=JAR)

    found = version.difference
    assert found is not None
    assert (found.stage, found.kind) == (model.stages[2].uid, "StandardScalerModel")
    assert found.column == "features[1]"
    assert found.ulps is not None
    assert 1 <= found.ulps <= 2
    assert version.cleared != "compiled"
    assert f"the first stage that differs is {found.stage}, a StandardScalerModel" in version.problem
    told = json.loads(version.files["difference.json"])
    again = open_model(told["document"].encode(), "compiled", JAR)
    scores = again.score({name: [value] for name, value in told["row"].items()}, 1)
    assert scores.columns[told["column"]][0] == told["engine"] != told["spark"]
