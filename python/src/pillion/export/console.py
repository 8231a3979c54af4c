"""What Spark prints of rows and statements that it refuses, which Pillion asks it about by the hundred."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from py4j.protocol import Py4JError
from pyspark.sql import SparkSession

_PYSPARK = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")
"""Loggers of PySpark's that repeat, as JSON, what is raised as well."""
_XGBOOST = "XGBoost-PySpark"
"""The logger whose level XGBoost hands on to its workers, each of which tells that it scores."""


@contextmanager
def quiet_console(session: SparkSession) -> Iterator[None]:
    """Keeps off the console what the driver and PySpark log, but for what is fatal; refusals are raised as well.

    Levels and handlers stay as their owner set them: events are filtered out for as long as this lasts. XGBoost's level
    alone is raised meanwhile, since its workers, which print for themselves, know nothing but that.

    Args:
        session: Anybody's.
    """
    xgboost = logging.getLogger(_XGBOOST)
    level = xgboost.level
    xgboost.setLevel(max(level, logging.WARNING))
    loggers = pyspark_loggers()
    for logger in loggers:
        logger.addFilter(_nothing)
    configuration, denial = _driver_log(session)
    if configuration is not None:
        configuration.addFilter(denial)
    try:
        yield
    finally:
        if configuration is not None:
            configuration.removeFilter(denial)
        for logger in loggers:
            logger.removeFilter(_nothing)
        xgboost.setLevel(level)


def _nothing(record: logging.LogRecord) -> bool:
    return False


def pyspark_loggers() -> list[logging.Logger]:
    """Returns PySpark's loggers of what it raises as well, which must be of its own class; Spark 3.5 has none."""
    logger = getattr(sys.modules.get("pyspark.logger"), "PySparkLogger", None)  # which Spark's errors import, if any
    return [] if logger is None else [logger.getLogger(name) for name in _PYSPARK]


def _driver_log(session: SparkSession) -> tuple[Any, Any]:
    """The configuration of the driver's Log4j, and a filter that stops what is not fatal; none for other loggers."""
    jvm: Any = session.sparkContext._jvm
    try:
        log4j = jvm.org.apache.logging.log4j
        loader = jvm.java.lang.ClassLoader.getSystemClassLoader()
        configuration = log4j.LogManager.getContext(loader, False).getConfiguration()
        results = log4j.core.Filter.Result
        denial = log4j.core.filter.ThresholdFilter.createFilter(
            log4j.Level.FATAL, results.valueOf("NEUTRAL"), results.valueOf("DENY")
        )
    except (Py4JError, TypeError):
        return None, None
    return configuration, denial
