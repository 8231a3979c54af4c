"""A user's own pipeline: exported from its folder, scored from a CSV file, with Spark's numbers."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from pillion.demo.tables import to_frame
from pillion.errors import ConfigurationError, InvalidInput
from pillion.export.saved_pipeline import SavedPipeline
from tools.checkout import JAR

_VECTOR = {
    "type": "udt",
    "class": "org.apache.spark.ml.linalg.VectorUDT",
    "pyClass": "pyspark.ml.linalg.VectorUDT",
    "sqlType": {
        "type": "struct",
        "fields": [
            {"name": "type", "type": "byte", "nullable": False, "metadata": {}},
            {"name": "size", "type": "integer", "nullable": True, "metadata": {}},
            {
                "name": "indices",
                "type": {"type": "array", "elementType": "integer", "containsNull": False},
                "nullable": True,
                "metadata": {},
            },
            {
                "name": "values",
                "type": {"type": "array", "elementType": "double", "containsNull": False},
                "nullable": True,
                "metadata": {},
            },
        ],
    },
}


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "from pillion.cli import main; main()", *arguments]
    environment = {**os.environ, "PILLION_SIDECAR_JAR": str(JAR)}
    return subprocess.run(program, capture_output=True, text=True, timeout=300, check=False, env=environment)


@pytest.mark.spark
@pytest.mark.process
def test_export_then_score_gives_sparks_numbers_for_a_csv_of_ones_own(
    spark: SparkSession, fitted: PipelineModel, schema: StructType, people: pd.DataFrame, tmp_path: Path
) -> None:
    fitted.write().save((tmp_path / "pipeline").as_uri())
    (tmp_path / "schema.json").write_text(schema.json())
    people.to_csv(tmp_path / "rows.csv", index=False)
    here = [str(tmp_path / name) for name in ("pipeline", "schema.json", "rows.csv", "model", "scores.csv")]
    exported = _run("export", "--pipeline", here[0], "--schema", here[1], "--data", here[2], "--output", here[3])
    assert exported.returncode == 0, exported.stderr
    told = json.loads(exported.stdout)
    assert len(list((tmp_path / "model").rglob("*.pmml"))) == 1
    scored = _run("score", "--model", here[3], "--schema", here[1], "--input", here[2], "--output", here[4])
    assert scored.returncode == 0, scored.stderr
    assert json.loads(scored.stdout.splitlines()[-1])["rows"] == len(people)
    with open(here[4], newline="") as file:
        actual = [float(row["probability(1)"]) for row in csv.DictReader(file)]
    rows = fitted.transform(to_frame(spark, people)).select("probability").collect()
    expected = [float(row["probability"][1]) for row in rows]
    engine = json.loads(scored.stdout.splitlines()[-1])["engine"]
    assert engine == told["engine"]
    if engine == "compiled":
        assert expected == actual
    assert expected == pytest.approx(actual, rel=1e-13)


@pytest.mark.spark
def test_a_vector_comes_in_by_its_elements(spark: SparkSession, tmp_path: Path) -> None:
    from pyspark.ml import Pipeline
    from pyspark.ml.classification import LogisticRegression
    from pyspark.ml.linalg import Vectors

    frame = spark.createDataFrame(
        [(Vectors.dense([float(i), float(i % 3)]), float(i > 4)) for i in range(10)], ["features", "label"]
    )
    Pipeline(stages=[LogisticRegression(maxIter=3)]).fit(frame).write().save((tmp_path / "p").as_uri())
    (tmp_path / "schema.json").write_text(frame.schema.json())
    saved = SavedPipeline(tmp_path / "p", tmp_path / "schema.json", ["features[0]", "features[1]"])
    assert saved.schema.fieldNames() == ["features[0]", "features[1]"]
    scored = saved.load().transform(spark.createDataFrame([(7.0, 1.0)], saved.schema)).first()
    again = PipelineModel.load((tmp_path / "p").as_uri()).transform(
        spark.createDataFrame([(Vectors.dense([7.0, 1.0]),)], ["features"])
    )
    assert scored["probability"] == again.first()["probability"]


def test_rows_without_a_vectors_elements_and_folders_without_a_pipeline_are_named(tmp_path: Path) -> None:
    (tmp_path / "metadata").mkdir()
    schema = tmp_path / "schema.json"
    fields = [{"name": "features", "type": _VECTOR, "nullable": True, "metadata": {}}]
    schema.write_text(json.dumps({"type": "struct", "fields": fields}))
    with pytest.raises(InvalidInput, match=r"'features\[0\]'"):
        SavedPipeline(tmp_path, schema, ["age"])
    with pytest.raises(ConfigurationError, match="no saved PipelineModel"):
        SavedPipeline(tmp_path / "absent", schema, ["features[0]"])
    schema.write_text("[]")
    with pytest.raises(ConfigurationError, match=r"schema\.json is not a schema"):
        SavedPipeline(tmp_path, schema, [])
