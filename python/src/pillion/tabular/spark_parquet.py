"""Parquet files as Spark reads them, with a sentence where it refuses."""

from pathlib import Path

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from pillion.errors import InvalidInput

_NANOSECONDS = "(NANOS"
"""What Spark says of the type of times that Parquet has in nanoseconds, as pandas writes them."""


def read_parquet(session: SparkSession, path: Path) -> DataFrame:
    """Returns a Parquet file, or a folder of such, as a frame of Spark's.

    Raises:
        InvalidInput: Spark can't read it; says what to do about times in nanoseconds.
    """
    try:
        return session.read.parquet(str(path.absolute()))
    except PySparkException as error:
        reason = str(error).splitlines()[0]
        if _NANOSECONDS in reason:
            reason = (
                "it has times in nanoseconds, which Spark doesn't take: write it with microseconds, in pandas by"
                ' to_parquet(…, coerce_timestamps="us")'
            )
        raise InvalidInput(f"Spark can't read {path}: {reason}") from error
