"""Tables on their way into Spark."""

import pandas as pd
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from pillion.types import Value


def to_frame(session: SparkSession, table: pd.DataFrame) -> DataFrame:
    """Returns a pandas table, without its index, in Spark; NaN and None become null."""
    return session.createDataFrame(pa.Table.from_pandas(table, preserve_index=False))


def to_columns(table: pd.DataFrame) -> dict[str, list[Value]]:
    """Returns a pandas table as columns of plain values; NaN becomes None."""
    return {
        str(name): [None if value != value else value for value in table[name].astype(object).tolist()]
        for name in table
    }
