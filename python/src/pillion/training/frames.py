"""Tables on their way into Spark."""

import pandas as pd
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession


def to_frame(session: SparkSession, table: pd.DataFrame) -> DataFrame:
    """Returns a pandas table, without its index, in Spark; NaN and None become null."""
    return session.createDataFrame(pa.Table.from_pandas(table, preserve_index=False))
