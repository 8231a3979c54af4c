"""Spark's JVM as a child whose words go to the log, and not between the lines of a command's progress."""

import logging
import os
import threading
from collections import deque
from collections.abc import Mapping

from pyspark import SparkConf, SparkContext
from pyspark.errors import PySparkRuntimeError
from pyspark.java_gateway import launch_gateway

from pillion.errors import ConfigurationError

_log = logging.getLogger("pillion.spark")
_LAST_LINES = 5


def start_context(options: Mapping[str, str]) -> None:
    """Starts Spark's JVM and context, unless this process has a JVM already; a builder finds the context then.

    What the JVM prints goes to the logger `pillion.spark`, as debug messages: Spark warns of its own packaging, and the
    JVM of Spark's options, each time. What Spark refuses is raised as an exception as well.

    Args:
        options: Spark's, by name.

    Raises:
        ConfigurationError: The JVM did not start; says what it printed last.
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
        raise ConfigurationError(f"Spark's JVM did not start: {' '.join(last) or error}") from error
    os.close(write)
    SparkContext(conf=conf, gateway=gateway)


def _pump(read: int, last: deque[str]) -> None:
    with os.fdopen(read, encoding="utf-8", errors="replace") as file:
        for line in file:
            if line := line.strip():
                last.append(line)
                _log.debug("%s", line)
