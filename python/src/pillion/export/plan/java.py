"""The Java that Spark runs on, as far as it decides what texts mean."""

from typing import Any

from pyspark.sql import SparkSession


def language(session: SparkSession) -> str:
    """The language of the JVM's locale: by its rules `toLowerCase()` works where Spark names none."""
    jvm: Any = session.sparkContext._jvm
    return str(jvm.java.util.Locale.getDefault().getLanguage())


def version(session: SparkSession) -> int:
    """The JVM's feature version, e.g. 17."""
    jvm: Any = session.sparkContext._jvm
    return int(jvm.java.lang.Runtime.version().feature())
