"""The Spark session that Pillion trains, exports and records reference outputs with.

The driver's JVM is pinned so that its dense dot products do not depend on the CPU or on the JIT: two vector lanes
(`-XX:MaxVectorSize=16`) and no native BLAS. A model trained elsewhere scores as it did there; what its session used is
read back by `describe_session` and recorded in the manifest.
"""

import logging
import os
import sys
from pathlib import Path

from pyspark.sql import SparkSession

from pillion.errors import ConfigurationError

DRIVER_JAVA_OPTIONS = (
    "-XX:MaxVectorSize=16 -Ddev.ludovic.netlib.blas.allowNative=false -Djava.awt.headless=true -Dlog4j2.level=ERROR"
)


def create_session(*, cores: str = "2", scratch: Path | None = None, log_level: str = "FATAL") -> SparkSession:
    """Returns the process's Spark session, starting it (10 to 20 s) if there is none.

    Args:
        cores: local worker threads, or `*`.
        scratch: folder for Spark's warehouse and temporary files; Spark's own default where absent.
        log_level: Spark's log level once it has started; what it refuses is raised as well, and not logged.

    Raises:
        ConfigurationError: pyspark2pmml carries no converter for the installed Spark.
    """
    import pyspark2pmml  # its import costs nothing, but it is an optional extra

    try:
        jars = pyspark2pmml.spark_jars()
    except ValueError as unsupported:
        raise ConfigurationError(f"pyspark2pmml has no converter for this Spark: {unsupported}") from None
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # stages in Python compute in processes of their own
    builder = (
        SparkSession.builder.appName("pillion")
        .master(f"local[{cores}]")
        .config("spark.jars", jars)
        .config("spark.driver.extraJavaOptions", DRIVER_JAVA_OPTIONS)
        .config("spark.driver.memory", "3g")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.default.parallelism", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.execution.arrow.pyspark.enabled", "true")
    )
    if scratch is not None:
        scratch.mkdir(parents=True, exist_ok=True)
        builder = builder.config("spark.local.dir", str(scratch)).config(
            "spark.sql.warehouse.dir", str(scratch / "warehouse")
        )
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel(log_level)
    # what Spark refuses is raised as well, and said in one sentence there
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    return session


def describe_session(session: SparkSession) -> dict[str, object]:
    """What decides the bits of this session's results: versions, JVM, vector width, BLAS implementation."""
    import pyspark2pmml

    jvm = session.sparkContext._jvm
    assert jvm is not None
    system = jvm.java.lang.System
    options = list(jvm.java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments())
    width = next((int(o.split("=")[1]) for o in options if o.startswith("-XX:MaxVectorSize=")), None)
    java_blas = jvm.dev.ludovic.netlib.blas.JavaBLAS.getInstance()
    return {
        "version": session.version,
        "converter": f"pyspark2pmml {pyspark2pmml.__version__}",
        "jvm": f"{system.getProperty('java.vm.vendor')} {system.getProperty('java.runtime.version')}",
        "os_arch": system.getProperty("os.arch"),
        "blas": java_blas.getClass().getSimpleName(),
        "max_vector_bytes": width,
        "native_blas": not any("allowNative=false" in option for option in options),
        **{name: sys.modules[name].__version__ for name in ("lightgbm", "xgboost") if name in sys.modules},
    }
