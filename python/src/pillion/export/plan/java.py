"""The Java that Spark runs on, as far as it decides what texts mean."""

from typing import Any

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession


def language(session: SparkSession) -> str:
    """The language of the JVM's locale: by its rules `toLowerCase()` works where Spark names none."""
    jvm: Any = session.sparkContext._jvm
    return str(jvm.java.util.Locale.getDefault().getLanguage())


def takes_icu(session: SparkSession) -> bool:
    """Whether SQL takes upper, lower and title case from ICU, as it does from Spark 4.0 on unless it is told not to."""
    try:
        found = session.conf.get("spark.sql.icu.caseMappings.enabled")
    except (Py4JError, PySparkException):  # an earlier Spark has no such setting
        return False
    return str(found).lower() == "true"


def version(session: SparkSession) -> int:
    """The JVM's feature version, e.g. 17."""
    jvm: Any = session.sparkContext._jvm
    return int(jvm.java.lang.Runtime.version().feature())
