"""A user's own pipeline: exported from its folder, scored from a CSV file, with Spark's numbers."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.linalg import Vectors
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

import pillion
from pillion.demo.tables import to_frame
from pillion.errors import ConfigurationError
from pillion.export.saved_pipeline import load_pipeline, read_schema
from tools.checkout import JAR


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
    last = json.loads(scored.stdout.splitlines()[-1])
    engine = last["engine"]
    assert engine == told["engine"]
    assert (told["arithmetic"], told["inexact"]) == (last["arithmetic"], last["inexact"]) == ("spark", None)
    if engine == "compiled":
        assert expected == actual
    assert expected == pytest.approx(actual, rel=1e-13)


_WITHOUT_PLAN = """
from pillion.cli import main
from pillion.export import converter
from pillion.export.plan import UnsupportedPlan
def refused(*given):
    raise UnsupportedPlan("Spark computes with a native BLAS")
converter.walk = refused
main()
"""


@pytest.mark.spark
@pytest.mark.process
def test_what_is_not_in_sparks_arithmetic_says_why_in_the_last_line(
    spark: SparkSession, fitted: PipelineModel, schema: StructType, people: pd.DataFrame, tmp_path: Path
) -> None:
    fitted.write().save((tmp_path / "pipeline").as_uri())
    (tmp_path / "schema.json").write_text(schema.json())
    people.to_csv(tmp_path / "rows.csv", index=False)
    program = [sys.executable, "-c", _WITHOUT_PLAN]
    files = ["--pipeline", "pipeline", "--schema", "schema.json", "--data", "rows.csv"]
    environment = {**os.environ, "PILLION_SIDECAR_JAR": str(JAR)}

    def last(*arguments: str) -> dict[str, Any]:
        ran = subprocess.run(
            [*program, *arguments], capture_output=True, text=True, timeout=300, cwd=tmp_path, env=environment
        )
        assert ran.returncode == 0, ran.stderr
        return dict(json.loads(ran.stdout.splitlines()[-1]))

    exported = last("export", *files, "--output", "model")
    scored = last("score", "--model", "model", "--input", "rows.csv", "--output", "scores.csv")

    assert (exported["engine"], exported["arithmetic"]) == ("compiled", "jpmml")
    assert exported["inexact"] == "the document holds no plan of Spark's: Spark computes with a native BLAS"
    assert (scored["engine"], scored["arithmetic"]) == ("compiled", "jpmml")
    assert scored["inexact"].startswith("the document holds no plan of Spark's, so an engine keeps")


@pytest.mark.spark
def test_a_vector_comes_in_by_its_elements_and_the_pipeline_stays_as_it_is(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PILLION_SIDECAR_JAR", str(JAR))
    frame = spark.createDataFrame(
        [(Vectors.dense([float(i), float(i % 3)]), float(i > 4)) for i in range(10)], ["features", "label"]
    )
    Pipeline(stages=[LogisticRegression(maxIter=3)]).fit(frame).write().save((tmp_path / "p").as_uri())
    (tmp_path / "schema.json").write_text(frame.schema.json())
    (tmp_path / "rows.csv").write_text("features[0],features[1]\n" + "".join(f"{i},{i % 3}\n" for i in range(10)))

    version = pillion.export(tmp_path / "p", tmp_path / "rows.csv", schema=tmp_path / "schema.json")

    assert [each["name"] for each in version.manifest["contract"]["inputs"]] == ["features[0]", "features[1]"]
    assert [type(stage).__name__ for stage in load_pipeline(tmp_path / "p").stages] == ["LogisticRegressionModel"]


@pytest.mark.spark
def test_a_bare_model_is_a_pipeline_of_its_own_and_what_is_not_fitted_is_named(
    spark: SparkSession, tmp_path: Path
) -> None:
    frame = spark.createDataFrame([(Vectors.dense([float(i)]), float(i > 4)) for i in range(10)], ["features", "label"])
    logistic = LogisticRegression(maxIter=1)
    logistic.fit(frame).write().save((tmp_path / "bare").as_uri())
    Pipeline(stages=[logistic]).write().save((tmp_path / "unfitted").as_uri())

    assert len(load_pipeline(tmp_path / "bare").stages) == 1
    with pytest.raises(ConfigurationError, match=r"unfitted is a Pipeline that isn't fitted: save what its fit\(\)"):
        load_pipeline(tmp_path / "unfitted")


def test_folders_without_a_pipeline_and_files_without_a_schema_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no saved PipelineModel"):
        load_pipeline(tmp_path / "absent")
    schema = tmp_path / "schema.json"
    schema.write_text("[]")
    with pytest.raises(ConfigurationError, match=r"schema\.json is not a schema"):
        read_schema(schema)
