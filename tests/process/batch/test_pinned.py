"""Executors whose JVMs compute other bits are told, by what they compute, and not by what they were asked for."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pyspark.ml import Pipeline
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import SparkSession

import pillion
from tests.support.spark_cluster import spark_cluster
from tools.checkout import JAR, ROOT

pytestmark = [pytest.mark.process, pytest.mark.spark, pytest.mark.timeout(600)]
_SIZE = 33
_MEASURE = """
import pillion
from pathlib import Path
from pyspark.sql import SparkSession
from pillion.batch.spark_rates import measure_in_spark

config = pillion.spark_config() | {{"spark.executor.memory": "512m", "spark.cores.max": "2"}}
config["spark.executor.extraJavaOptions"] = config["spark.executor.extraJavaOptions"].replace("=16", "={width}")
session = SparkSession.builder.master("{master}").config(map=config).getOrCreate()
try:
    print(measure_in_spark(session, Path("{version}"), Path("{jar}"), 0.2, lambda *told: None))
except pillion.errors.NotReproduced as error:
    print("refused:", error)
session.stop()
"""


@pytest.fixture(scope="module")
def version(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose every score is a long sum, so that the order of additions shows."""
    random = np.random.default_rng(3)
    names = [f"x{number}" for number in range(_SIZE)]
    values = random.normal(0, 1, (500, _SIZE))
    noise = random.normal(0, 1, 500)
    rows = [(*row, float(sum(row[:5]) + each > 0)) for row, each in zip(values.tolist(), noise.tolist(), strict=True)]
    frame = spark.createDataFrame(rows, [*names, "label"])
    pipeline = Pipeline(stages=[VectorAssembler(inputCols=names, outputCol="features"), LogisticRegression(maxIter=5)])
    made = pillion.export(pipeline.fit(frame), frame, name="sums")
    return made.publish(tmp_path_factory.mktemp("models"), "sums")


def test_executors_with_other_options_are_told_and_the_engine_is_not_misled(version: Path, tmp_path: Path) -> None:
    with spark_cluster(tmp_path / "cluster") as given:
        environment = {**os.environ, **given}
        master = environment.pop("PILLION_SPARK_MASTER")

        def measure(width: int) -> str:
            script = _MEASURE.format(width=width, master=master, version=version.resolve(), jar=JAR)
            command = [sys.executable, "-c", script]
            done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            return done.stdout

        pinned, other = measure(16), measure(8)

    assert pinned.startswith("SparkRates(cores=2, ")
    assert other.startswith(
        "refused: Spark's pipeline on these executors gives other bits than those that were published"
    )
    assert "start them with spark.executor.extraJavaOptions=-XX:MaxVectorSize=16 " in other
