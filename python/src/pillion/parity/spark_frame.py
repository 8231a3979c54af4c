"""Rows given as columns, as a data frame of Spark's: vectors come in by their elements, as dense ones."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
from pyspark.ml.functions import array_to_vector
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql.functions import array, col
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import DataType, DoubleType, LongType, StringType, StructField, StructType

from pillion.tabular.forms import ZONELESS, has_form, read
from pillion.tabular.spark_source import quoted
from pillion.types import Value

ROW = "__row"
"""The column with the rows' numbers."""
_VECTOR = "vectorudt"
_ASKING = frozenset({"VectorDisassembler"})
"""Stages that ask for a row when they are told to transform."""
_TIMES = {"timestamp": pa.timestamp("us", tz="UTC"), ZONELESS: pa.string()}
"""Arrow's types of Spark's times; of those of no zone Spark reads texts, since it takes Arrow's to be of its zone."""


def element_names(vector: str, size: int) -> list[str]:
    """Returns the names by which the elements of a column of vectors come in: `features[0]`, `features[1]`, …."""
    return [f"{vector}[{index}]" for index in range(size)]


def vector_sizes(schema: StructType, names: Iterable[str]) -> dict[str, int]:
    """Returns the sizes of a schema's columns of vectors whose elements are among the columns of rows.

    Args:
        schema: Spark's columns.
        names: of the columns that the rows have.
    """
    given = list(names)
    sizes = {}
    for field in schema:
        if field.dataType.typeName() == _VECTOR:
            pattern = re.compile(re.escape(field.name) + r"\[\d+\]")
            sizes[field.name] = sum(pattern.fullmatch(name) is not None for name in given)
    return {name: size for name, size in sizes.items() if size}


def flat_schema(schema: StructType, sizes: Mapping[str, int]) -> StructType:
    """Returns a schema with the elements of each vector of a known size in its place; other vectors are left out."""
    fields: list[StructField] = []
    for field in schema:
        if field.dataType.typeName() != _VECTOR:
            fields.append(field)
        else:
            names = element_names(field.name, sizes.get(field.name, 0))
            fields += [StructField(name, DoubleType()) for name in names]
    return StructType(fields)


def unreadable(schema: StructType, columns: Mapping[str, Sequence[Value]], rows: int) -> dict[int, str]:
    """Returns the rows that are none of Spark's, with the reason: a vector lacks elements, a text isn't of its form."""
    found: dict[int, str] = {}
    for vector, size in vector_sizes(schema, columns).items():
        names = element_names(vector, size)
        found |= {
            row: "a vector needs all of its elements"
            for row in range(rows)
            if any(columns[name][row] is None for name in names)
        }
    for field in schema:
        if has_form(field.dataType.simpleString()) and field.name in columns:
            for row, value in enumerate(columns[field.name]):
                try:
                    _value(value, field.dataType)
                except ValueError:
                    found[row] = f"{value!r} is no {field.dataType.simpleString()}"
    return found


def _value(value: Value, spark_type: DataType) -> Any:
    """A value as Arrow takes it for a column of Spark's type; ValueError where it is a text of another form."""
    kind = spark_type.simpleString()
    if value is None or not has_form(kind):
        return value
    found = read(str(value), kind)
    return found.isoformat() if kind == ZONELESS else found


def make_frame(session: SparkSession, schema: StructType, columns: Mapping[str, Sequence[Value]]) -> DataFrame:
    """Returns the rows in one partition, with their numbers in `ROW`; null and NaN stay apart.

    Args:
        session: Spark's.
        schema: Spark's columns.
        columns: values by name, of vectors by their elements; no row is `unreadable`.
    """
    sizes = vector_sizes(schema, columns)
    fields = flat_schema(schema, sizes)
    others = to_arrow_schema(StructType([field for field in fields if field.dataType.typeName() not in _TIMES]))
    types = {field.name: others.field(field.name).type for field in fields if field.name in others.names}
    arrays = [
        pa.array(
            [_value(v, field.dataType) for v in columns[field.name]],
            types.get(field.name, _TIMES.get(field.dataType.typeName())),
        )
        for field in fields
    ]
    numbers = pa.array(range(len(arrays[0])), pa.int64())
    table = pa.Table.from_arrays([*arrays, numbers], [*fields.names, ROW])
    texts = {field.name: StringType() for field in fields if field.dataType.typeName() == ZONELESS}
    given = StructType([StructField(field.name, texts.get(field.name, field.dataType)) for field in fields])
    frame = _framed(session, table, given).coalesce(1)
    if not sizes and not texts:
        return frame
    made = [_made(field, sizes) for field in schema if field.name in sizes or field.dataType.typeName() != _VECTOR]
    return frame.select(*made, ROW)


def _made(field: StructField, sizes: Mapping[str, int]) -> Column:
    """A column of what came in under its name, or of a vector by the names of its elements."""
    if field.name in sizes:
        vector = array_to_vector(array(*(quoted(name) for name in element_names(field.name, sizes[field.name]))))
        return vector.alias(field.name, metadata=field.metadata)
    if field.dataType.typeName() == ZONELESS:
        return col(quoted(field.name)).cast(field.dataType).alias(field.name, metadata=field.metadata)
    return col(quoted(field.name))


def _framed(session: SparkSession, table: pa.Table, fields: StructType) -> DataFrame:
    """An Arrow table as a frame; Spark 3.5 takes none, but rows of Python's values."""
    if hasattr(DataFrame, "toArrow"):
        return session.createDataFrame(table)
    rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    return session.createDataFrame(rows, StructType([*fields, StructField(ROW, LongType())]))


def transform_empty(model: Any, empty: DataFrame) -> DataFrame:
    """Returns what a model makes of a frame without rows.

    A stage that asks for a row first, as pyspark2pmml's `VectorDisassembler` does, says its columns without one.
    """
    frame = empty
    for stage in getattr(model, "stages", (model,)):
        if hasattr(stage, "stages"):
            frame = transform_empty(stage, frame)
        elif type(stage).__name__ in _ASKING:
            made = stage._java_obj.transformSchema(frame._jdf.schema())
            frame = frame.sparkSession.createDataFrame([], StructType.fromJson(json.loads(made.json())))
        else:
            frame = stage.transform(frame)
    return frame
