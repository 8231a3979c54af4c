"""Spark's JVM prints nothing between the lines of a command, and says why where it does not start."""

import subprocess
import sys

import pytest

pytestmark = [pytest.mark.process, pytest.mark.spark]
STARTED = """
from pillion.export.session import create_session
session = create_session(cores="1")
print(session.range(3).count())
session.stop()
session = create_session(cores="1")
print(session.range(4).count())
session.stop()
"""
REFUSED = """
from pillion.errors import ConfigurationError
from pillion.export.gateway import start_context
try:
    start_context({OPTION})
except ConfigurationError as error:
    print(error)
"""


MASTERS = """
from pillion.config import SparkSettings
from pillion.errors import ConfigurationError
from pillion.export.session import create_session
for settings in (SparkSettings(master="local[x]"), SparkSettings(cores="many"), SparkSettings(cores="1")):
    try:
        print(create_session(settings).range(3).count())
    except ConfigurationError as error:
        print(error)
"""


def run(program: str) -> tuple[str, str]:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=False)
    return done.stdout, done.stderr


def test_a_session_prints_nothing_of_its_own_and_can_be_started_again() -> None:
    assert run(STARTED) == ("3\n4\n", "")


def test_a_jvm_that_does_not_start_says_why() -> None:
    out, err = run(REFUSED.replace("{OPTION}", '{"spark.driver.extraJavaOptions": "-Xss1k"}'))

    assert out.startswith("Spark's JVM did not start: ")
    assert "The Java thread stack size specified is too small" in out
    assert err == ""


def test_a_master_that_spark_does_not_know_is_one_sentence_and_another_one_starts() -> None:
    out, err = run(MASTERS)

    told = [
        f"Spark did not start with the master 'local[{cores}]': Could not parse Master URL" for cores in ("x", "many")
    ]
    assert [line.partition(": 'local")[0] for line in out.splitlines()] == [*told, "3"]
    assert err == ""


def test_an_exception_of_sparks_is_told_without_its_trace() -> None:
    out, err = run(REFUSED.replace("{OPTION}", '{"spark.master": "nonsense"}'))

    assert out == "Spark's JVM did not start: Master must either be yarn or start with spark, k8s, or local\n"
    assert err == ""
