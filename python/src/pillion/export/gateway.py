"""Spark's JVM as a child whose words go to the log, and not between the lines of a command's progress."""

import logging
import os
import re
import threading
from collections import deque
from collections.abc import Iterable, Mapping

from py4j.protocol import Py4JError
from pyspark import SparkConf, SparkContext
from pyspark.errors import PySparkRuntimeError
from pyspark.java_gateway import launch_gateway

from pillion.errors import ConfigurationError

_log = logging.getLogger("pillion.spark")
_LAST_LINES = 5
_THROWN = re.compile(r'^(?:Exception in thread "[^"]*" |Caused by: )?(?:[\w$]+\.)+[\w$]+(?:Exception|Error): (.+)$')
"""A line of Java's that names an exception."""
_FRAME = re.compile(r"^(?:at [\w.$/<>]+\(|\.\.\. \d+ more$)")
"""A line of Java's that says where an exception came from."""


def start_context(options: Mapping[str, str]) -> None:
    """Starts Spark's JVM and context, unless this process has a JVM already; a builder finds the context then.

    What the JVM prints goes to the logger `pillion.spark`, as debug messages: Spark warns of its own packaging, and the
    JVM of Spark's options, each time. What Spark refuses is raised as an exception as well.

    Args:
        options: Spark's, by name.

    Raises:
        ConfigurationError: The JVM did not start; says what it printed last.
        Py4JError: Spark refuses the options; see `refused_start`.
    """
    if SparkContext._gateway is not None or "PYSPARK_GATEWAY_PORT" in os.environ:
        return
    conf = SparkConf().setAll(list(options.items()))
    last: deque[str] = deque(maxlen=_LAST_LINES)
    read, write = os.pipe()
    reader = threading.Thread(target=_pump, args=(read, last), daemon=True, name="spark-output")
    reader.start()
    try:
        gateway = launch_gateway(conf, popen_kwargs={"stdout": write, "stderr": write})  # type: ignore[no-untyped-call]
    except PySparkRuntimeError as error:
        os.close(write)
        reader.join()
        raise ConfigurationError(f"Spark's JVM did not start: {_reason(last) or error}") from error
    os.close(write)
    SparkContext(conf=conf, gateway=gateway)


def refused_start(error: Py4JError, master: str) -> ConfigurationError:
    """Returns the error of a context that Spark's JVM did not make.

    Args:
        error: What Spark said, with a trace.
        master: Which one was asked for.
    """
    reason = _reason(line.removeprefix(": ") for line in str(error).splitlines())
    if "stopped SparkContext" in reason:
        reason = "it stopped while it started, as where no cluster answers"
    return ConfigurationError(
        f"Spark did not start with the master '{master}': {reason}; --master and --cores, or PILLION_SPARK_MASTER and"
        " PILLION_SPARK_CORES, say which it is"
    )


def _reason(last: Iterable[str]) -> str:
    """What the last exception says, or else all lines."""
    thrown = [found[1] for line in last if (found := _THROWN.match(line))]
    return thrown[-1] if thrown else " ".join(last)


def _pump(read: int, last: deque[str]) -> None:
    with os.fdopen(read, encoding="utf-8", errors="replace") as file:
        for line in file:
            if line := line.strip():
                if not _FRAME.match(line):
                    last.append(line)
                _log.debug("%s", line)
