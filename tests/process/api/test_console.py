"""What a user's own session prints: nothing of the rows that Pillion has it refuse, and all of its own afterwards."""

import logging
import os
import subprocess
import sys

import pytest
from pyspark.sql import SparkSession
from xgboost.spark.core import _LOG_TAG
from xgboost.spark.utils import get_logger_level

from pillion.export.console import quiet_console
from tools.checkout import JAR

pytestmark = [pytest.mark.process, pytest.mark.spark]
_PROGRAM = """
import logging, sys
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.ml import Pipeline
from pyspark.ml.classification import DecisionTreeClassifier
from pyspark.ml.feature import SQLTransformer, StringIndexer, VectorAssembler
from pyspark.sql import SparkSession
import pillion
def levels():
    root = session.sparkContext._jvm.org.apache.logging.log4j.LogManager.getRootLogger()
    known = logging.root.manager.loggerDict.values()
    filters = [each for logger in known for each in getattr(logger, "filters", ())]
    return str(root.getLevel()), str(root.getContext().getConfiguration().getFilter()), filters
def refused():
    try:
        session.sql("SELECT raise_error('a row of the user') + id FROM range(1)").collect()
    except (Py4JJavaError, PySparkException):
        return
    raise AssertionError("Spark let the user's row pass")
session = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
rows = [(float(i % 9), "abc"[i % 3], float(i % 2)) for i in range(600)]
frame = session.createDataFrame(rows, "a double, c string, label double")
model = Pipeline(stages=[
    SQLTransformer(statement="SELECT *, CAST(c IN ('a', 'b') AS INT) AS known FROM __THIS__"),
    StringIndexer(inputCol="c", outputCol="ci"),
    VectorAssembler(inputCols=["a", "ci", "known"], outputCol="features"),
    DecisionTreeClassifier(maxDepth=2),
]).fit(frame)
refused()
before = levels()
print("=== pillion ===", file=sys.stderr, flush=True)
checked = pillion.check(model), pillion.check(model, frame.drop("c"))
version = pillion.export(model, frame)
report = pillion.parity(model, frame, rows=50)
print("=== user ===", file=sys.stderr, flush=True)
refused()
errors = version.manifest["verification"]["spark_errors"]
print(checked[0].passed, checked[1].passed, version.arithmetic, report.passed, errors > 0, levels() == before)
"""


def test_refused_rows_are_kept_off_the_console_and_the_users_log_is_as_it_was() -> None:
    environment = {**os.environ, "PILLION_SIDECAR_JAR": str(JAR), "SPARK_LOCAL_IP": "127.0.0.1"}
    ran = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, env=environment, timeout=300)

    assert ran.returncode == 0, ran.stderr[-3000:]
    assert ran.stdout.split() == ["True", "False", "spark", "True", "True", "True"]
    first, _, rest = ran.stderr.partition("=== pillion ===")
    meanwhile, _, afterwards = rest.partition("=== user ===")
    told = [line for line in meanwhile.splitlines() if "ERROR" in line or "WARN " in line or line.startswith("\tat ")]
    assert told == []
    for printed in (first, afterwards):
        assert "a row of the user" in printed


def test_workers_of_xgboost_are_told_to_say_no_more_than_warnings_meanwhile(spark: SparkSession) -> None:
    before = get_logger_level(_LOG_TAG)
    with quiet_console(spark):
        assert get_logger_level(_LOG_TAG) == logging.WARNING

    assert get_logger_level(_LOG_TAG) == before
