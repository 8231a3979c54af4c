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
    start_context({"spark.driver.extraJavaOptions": "-Xss1k"})
except ConfigurationError as error:
    print(error)
"""


def run(program: str) -> tuple[str, str]:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=False)
    return done.stdout, done.stderr


def test_a_session_prints_nothing_of_its_own_and_can_be_started_again() -> None:
    assert run(STARTED) == ("3\n4\n", "")


def test_a_jvm_that_does_not_start_says_why() -> None:
    out, err = run(REFUSED)

    assert out.startswith("Spark's JVM did not start: ")
    assert "The Java thread stack size specified is too small" in out
    assert err == ""
