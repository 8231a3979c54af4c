"""Stages are saved for a plan as Spark saves them, those that have parameters and nothing else without a job."""

from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

import pytest
from pyspark.ml import PipelineModel
from pyspark.ml.feature import Bucketizer, HashingTF, SQLTransformer, StringIndexer, Tokenizer, VectorAssembler
from pyspark.sql import SparkSession

from pillion.export.plan.saved import Saved
from pillion.export.plan.stage_folders import save_stages

pytestmark = pytest.mark.spark


def _jobs(spark: SparkSession) -> int:
    scheduler: Any = spark.sparkContext._jsc.sc()
    return int(scheduler.dagScheduler().numTotalJobs())


def test_stages_of_parameters_are_written_as_spark_writes_them_without_a_job(
    spark: SparkSession, tmp_path: Path
) -> None:
    words = Tokenizer(inputCol="text", outputCol="words")
    hashes = HashingTF(inputCol="words", outputCol="hashes", numFeatures=32)
    stages: list[Any] = [
        SQLTransformer(statement="SELECT *, 'Zürich\u2028' AS ` odd\tname` FROM __THIS__"),
        words,
        hashes,
        Bucketizer(splits=[-inf, 0.1, inf], inputCol="age", outputCol="ages", handleInvalid="keep"),
        VectorAssembler(inputCols=["hashes", "ages"], outputCol="features"),
    ]
    hashes.setBinary(True)  # on Python's side alone, until the stage is written
    for number, stage in enumerate(stages):
        stage.write().save((tmp_path / "sparks" / str(number)).as_uri())
    before = _jobs(spark)

    written = [path for path, _ in save_stages(PipelineModel(stages), tmp_path / "ours", spark)]

    assert _jobs(spark) == before
    for number, path in enumerate(written):
        assert path is not None
        sparks = Saved.read(tmp_path / "sparks" / str(number))
        assert Saved.read(path) == replace(sparks, folder=path)
    assert Saved.read(tmp_path / "ours" / "2").params["binary"] is True


def test_a_fitted_stage_is_written_with_its_data_and_leaves_the_session_as_it_was(
    spark: SparkSession, tmp_path: Path
) -> None:
    rows = spark.createDataFrame([("b",), ("a",), ("b",)], "text string")
    fitted = StringIndexer(inputCol="text", outputCol="index").fit(rows)

    ((path, stage),) = save_stages(PipelineModel([fitted]), tmp_path, spark)

    assert path is not None
    assert stage is fitted
    assert Saved.read(path).row == {"labelsArray": [["b", "a"]]}
    assert not list(tmp_path.rglob("*.crc"))
    assert spark.conf.get("fs.file.impl", "as it was") == "as it was"
