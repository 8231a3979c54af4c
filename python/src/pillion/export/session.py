"""The Spark session that Pillion trains, exports and records reference outputs with.

The JVMs of driver and executors are pinned so that dense dot products do not depend on the CPU or on the JIT: two
vector lanes (`-XX:MaxVectorSize=16`) and no native BLAS. A model trained elsewhere scores as it did there; what its
session used is read back by `describe_session` and recorded in the manifest.
"""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from py4j.java_gateway import JavaClass
from py4j.protocol import Py4JError
from pyspark import SparkContext
from pyspark.sql import SparkSession

from pillion.config import SparkSettings
from pillion.errors import ConfigurationError
from pillion.export.console import pyspark_loggers
from pillion.export.gateway import refused_start, start_context

JAVA_OPTIONS = (
    "-XX:MaxVectorSize=16 -Ddev.ludovic.netlib.blas.allowNative=false -Djava.awt.headless=true -Dlog4j2.level=ERROR"
)
_PINNED_BYTES = 16
_HOW = "SparkSession.builder.config(map=pillion.spark_config()).getOrCreate()"


def spark_config() -> dict[str, bool | float | int | str | None]:
    """Returns what a Spark session needs to export: the converter's jars, and options that pin how the JVM computes.

    They take effect where the session is started, not in one that runs already. Stages in Python, as XGBoost's, compute
    in processes of their own: where `PYSPARK_PYTHON` names no Python for those, it is set to this process's, since
    Spark asks the environment alone.

    Raises:
        ConfigurationError: pyspark2pmml is not installed, or carries no converter for the installed Spark.

    Example:
        >>> sorted(pillion.spark_config())
        ['spark.driver.extraJavaOptions', 'spark.executor.extraJavaOptions', 'spark.jars']
    """
    try:
        import pyspark2pmml  # its import costs nothing, but it is an optional extra
    except ImportError:
        raise ConfigurationError("exporting needs 'pyspark2pmml': install pillion[train]") from None
    try:
        jars = pyspark2pmml.spark_jars()
    except ValueError as unsupported:
        raise ConfigurationError(f"pyspark2pmml has no converter for this Spark: {unsupported}") from None
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    return {
        "spark.jars": jars,
        "spark.driver.extraJavaOptions": JAVA_OPTIONS,
        "spark.executor.extraJavaOptions": JAVA_OPTIONS,
    }


def create_session(
    settings: SparkSettings | None = None,
    *,
    cores: str | None = None,
    scratch: Path | None = None,
    log_level: str = "FATAL",
) -> SparkSession:
    """Returns the process's Spark session, starting it (10 to 20 s) if there is none.

    Args:
        settings: its master, memory and cores; of the environment where left out.
        cores: local worker threads, or `*`; as the settings say where left out.
        scratch: folder for Spark's warehouse and temporary files; Spark's own default where absent.
        log_level: Spark's log level once it has started; what it refuses is raised as well, and not logged.

    Raises:
        ConfigurationError: pyspark2pmml carries no converter for the installed Spark, or Spark does not start.
    """
    settings = settings or SparkSettings()
    master = settings.master or f"local[{cores or settings.cores}]"
    config = spark_config()
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = (
        SparkSession.builder.appName("pillion")
        .master(master)
        .config(map=config)
        .config("spark.driver.memory", settings.memory)
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.default.parallelism", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.execution.arrow.pyspark.enabled", "true")
    )
    if settings.master is not None:
        builder = builder.config("spark.executor.memory", settings.memory).config("spark.cores.max", settings.cores)
    if scratch is not None:
        scratch.mkdir(parents=True, exist_ok=True)
        builder = builder.config("spark.local.dir", str(scratch)).config(
            "spark.sql.warehouse.dir", str(scratch / "warehouse")
        )
    try:
        start_context(builder._options)
        session = builder.getOrCreate()
    except Py4JError as error:
        raise refused_start(error, master) from error
    session.sparkContext.setLogLevel(log_level)
    for logger in pyspark_loggers():  # what Spark refuses is raised as well, and said in one sentence there
        logger.setLevel(logging.CRITICAL)
    return session


@contextmanager
def spark_session(settings: SparkSettings | None = None, *, log_level: str = "FATAL") -> Iterator[SparkSession]:
    """The session of `create_session`, stopped at the end unless it was there before: its owner stops that."""
    found = SparkContext._active_spark_context is not None
    session = create_session(settings, log_level=log_level)
    try:
        yield session
    finally:
        if not found:
            session.stop()


def active_session() -> SparkSession:
    """Returns the session that is active here.

    Raises:
        ConfigurationError: there is none, or it is one of Spark Connect, whose JVM is elsewhere.
    """
    session = SparkSession.getActiveSession()
    if session is None:
        raise ConfigurationError(f"no Spark session is active: start one with {_HOW}")
    return require_classic(session)


def require_classic(session: SparkSession) -> SparkSession:
    """Returns a session whose JVM can be asked.

    Raises:
        ConfigurationError: it is one of Spark Connect.
    """
    if "connect" in type(session).__module__:
        raise ConfigurationError(
            f"a session of Spark Connect does not show the JVM that computes: use a classic one, started with {_HOW}"
        )
    return session


def session_notes(session: SparkSession) -> tuple[str, ...]:
    """Returns what a session lacks for exporting, with what to add; a sentence each."""
    notes = []
    jvm: Any = session.sparkContext._jvm
    if not isinstance(jvm.org.jpmml.sparkml.PMMLBuilder, JavaClass):
        notes.append(
            "the Spark session lacks the converter's jars, so documents hold Spark's plan alone, which no other"
            f" consumer of PMML reads; start it with {_HOW}"
        )
    blas = jvm.dev.ludovic.netlib.blas.JavaBLAS.getInstance().getClass().getSimpleName()
    if blas == "VectorBLAS" and _vector_bytes(session) != _PINNED_BYTES:
        notes.append(
            "the Spark session's JVM does not pin the width of its vectors (-XX:MaxVectorSize=16), so its last bits"
            " depend on the processor and on the JVM's compiler; the plan records the width that it computes with. To"
            f" pin it, start the session with {_HOW}"
        )
    return tuple(notes)


def _java_options(session: SparkSession) -> list[str]:
    jvm: Any = session.sparkContext._jvm
    return list(jvm.java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments())


def _vector_bytes(session: SparkSession) -> int | None:
    """The width of vectors that the JVM was told, in bytes; None where it was not."""
    options = _java_options(session)
    return next((int(o.split("=")[1]) for o in options if o.startswith("-XX:MaxVectorSize=")), None)


def describe_session(session: SparkSession) -> dict[str, object]:
    """What decides the bits of this session's results: versions, JVM, vector width, BLAS implementation."""
    import pyspark2pmml

    jvm = session.sparkContext._jvm
    assert jvm is not None
    system = jvm.java.lang.System
    options = _java_options(session)
    java_blas = jvm.dev.ludovic.netlib.blas.JavaBLAS.getInstance()
    return {
        "version": session.version,
        "converter": f"pyspark2pmml {pyspark2pmml.__version__}",
        "jvm": f"{system.getProperty('java.vm.vendor')} {system.getProperty('java.runtime.version')}",
        "os_arch": system.getProperty("os.arch"),
        "blas": java_blas.getClass().getSimpleName(),
        "max_vector_bytes": _vector_bytes(session),
        "native_blas": not any("allowNative=false" in option for option in options),
        **{name: sys.modules[name].__version__ for name in ("lightgbm", "xgboost") if name in sys.modules},
    }
