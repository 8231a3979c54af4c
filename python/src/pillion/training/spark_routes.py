"""The two routes that need Spark: Spark's own `transform`, and an engine inside Spark's JVM, reached by py4j."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import spark_partition_id
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

from pillion.errors import InvalidInput, InvalidModel
from pillion.scoring.jvm import InProcessModel
from pillion.scoring.packed import Reply, RowError
from pillion.types import Value

_VECTOR_OUTPUT = re.compile(r"^(?P<column>.+?)\((?P<value>.*)\)$")
_ROW = "__row"
_FAILURES = (Py4JJavaError, PySparkException)


class SparkRoute:
    """Spark itself: the reference that every other route is held against.

    Args:
        session: the session.
        model: the fitted pipeline.
        schema: its raw input columns.
        outputs: names of the document's output fields. `prediction` is Spark's column of that name, and
            `probability(x)` is the element of Spark's vector `probability` at that field's place among its kind.
            Names that Spark has no column for are left out; `columns` says what is left.
    """

    name = "spark"

    def __init__(self, session: SparkSession, model: PipelineModel, schema: StructType, outputs: Sequence[str]) -> None:
        self._session = session
        self._model = model
        self._schema = schema
        empty = session.createDataFrame([], schema)
        produced = model.transform(empty).schema
        self._select: dict[str, tuple[str, int | None]] = {}
        vectors: dict[str, int] = {}
        for name in outputs:
            match = _VECTOR_OUTPUT.match(name)
            if name in produced.fieldNames() and produced[name].dataType.typeName() != "vectorudt":
                self._select[name] = (name, None)
            elif match and match["column"] in produced.fieldNames():
                index = vectors.get(match["column"], 0)
                vectors[match["column"]] = index + 1
                self._select[name] = (match["column"], index)
        self.columns = tuple(self._select)

    def score(self, columns: Mapping[str, Sequence[Value]], rows: int) -> Reply:
        """Scores rows given as columns; rows for which Spark throws come back as errors.

        Spark fails a whole job for one bad row. Then each row becomes a partition of one prepared plan, bad
        ones are found by halving, and the good ones are collected together.
        """
        frame = self._session.createDataFrame(_table(columns, self._schema)).cache()
        errors: list[RowError] = []
        try:
            try:
                good = self._read(frame, range(rows))
            except _FAILURES:
                errors = self._find_bad(frame, rows)
                bad = {error.row for error in errors}
                good = self._read(frame, [row for row in range(rows) if row not in bad])
        finally:
            frame.unpersist()
        told = {error.row for error in errors}
        errors += [
            RowError(row, "", "", "Spark drops this row: a stage skips invalid rows")
            for row in range(rows)
            if row not in good and row not in told
        ]
        by_name: dict[str, list[Value]] = {
            name: [good[row][place] if row in good else None for row in range(rows)]
            for place, name in enumerate(self.columns)
        }
        return Reply(by_name, tuple(errors))

    def _scored(self, frame: DataFrame) -> DataFrame:
        wanted = dict.fromkeys(column for column, _ in self._select.values())
        return self._model.transform(frame).select(_ROW, *wanted)

    def _find_bad(self, frame: DataFrame, rows: int) -> list[RowError]:
        spread = frame.repartitionByRange(rows, _ROW).cache()
        members: dict[int, list[int]] = {}
        for row, partition in spread.select(_ROW, spark_partition_id()).collect():
            members.setdefault(partition, []).append(row)
        prepared = self._scored(spread)._jdf.javaRDD()
        errors = []
        pending = [sorted(members)]
        while pending:
            partitions = pending.pop()
            message = _failure(partial(prepared.collectPartitions, self._int_array(partitions)))
            if message is None:
                continue
            if len(partitions) > 1:
                middle = len(partitions) // 2
                pending += [partitions[:middle], partitions[middle:]]
                continue
            numbers = members[partitions[0]]
            for row in numbers:
                alone: str | None = message
                if len(numbers) > 1:
                    alone = _failure(self._scored(frame.where(frame[_ROW] == row)).collect)
                errors += [RowError(row, "", "", alone)] if alone is not None else []
        spread.unpersist()
        return sorted(errors, key=lambda error: error.row)

    def _int_array(self, values: Sequence[int]) -> Any:
        gateway: Any = self._session.sparkContext._gateway
        array = gateway.new_array(gateway.jvm.int, len(values))
        for place, value in enumerate(values):
            array[place] = value
        return array

    def _read(self, frame: DataFrame, rows: Sequence[int]) -> dict[int, tuple[Value, ...]]:
        block = frame if len(rows) == frame.count() else frame.where(frame[_ROW].isin(list(rows)))
        out: dict[int, tuple[Value, ...]] = {}
        for record in self._scored(block).collect():
            cells = record.asDict()
            vectors = {n: v.toArray() for n, v in cells.items() if hasattr(v, "toArray")}
            out[cells[_ROW]] = tuple(
                cells[column] if index is None else float(vectors[column][index])
                for column, index in self._select.values()
            )
        return out


def _table(columns: Mapping[str, Sequence[Value]], schema: StructType) -> pa.Table:
    """The rows as an Arrow table, which keeps null and NaN apart, with their numbers in column `_ROW`."""
    wanted = to_arrow_schema(schema)
    arrays = [pa.array(list(columns[field.name]), field.type) for field in wanted]
    rows = len(arrays[0])
    return pa.Table.from_arrays([*arrays, pa.array(range(rows), pa.int64())], [*wanted.names, _ROW])


def _failure(job: Callable[[], object]) -> str | None:
    try:
        job()
    except _FAILURES as failure:
        text = str(failure.java_exception) if isinstance(failure, Py4JJavaError) else str(failure)
        causes = [line for line in text.splitlines() if line.strip()]
        return causes[0][:300] if causes else type(failure).__name__
    return None


def open_in_spark(session: SparkSession, document: bytes, engine: str, jar: Path) -> InProcessModel:
    """Opens a PMML document inside Spark's driver JVM, by py4j, in a class loader of its own.

    The class loader keeps the sidecar's libraries and Spark's apart.

    Raises:
        InvalidModel: the engine refuses the document, and why.
    """
    if not jar.is_file():
        raise InvalidInput(f"{jar}: no such file; build the sidecar first (make build)")
    gateway: Any = session.sparkContext._gateway
    jvm = gateway.jvm
    urls = gateway.new_array(jvm.java.net.URL, 1)
    urls[0] = jvm.java.io.File(str(jar)).toURI().toURL()
    loader = jvm.java.net.URLClassLoader(urls, jvm.java.lang.ClassLoader.getPlatformClassLoader())
    bridge = loader.loadClass("org.pillion.scoring.InProcess")
    types = gateway.new_array(jvm.java.lang.Class, 2)
    types[0] = jvm.java.lang.Class.forName("[B")
    types[1] = jvm.java.lang.Class.forName("java.lang.String")
    arguments = gateway.new_array(jvm.java.lang.Object, 2)
    arguments[0] = document
    arguments[1] = engine
    try:
        return InProcessModel(bridge.getMethod("open", types).invoke(None, arguments))
    except Py4JJavaError as refusal:
        cause = refusal.java_exception.getCause() or refusal.java_exception
        raise InvalidModel(str(cause.getMessage())) from None
