"""The two routes that need Spark: Spark's own `transform`, and an engine inside Spark's JVM, reached by py4j."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
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

    def __init__(
        self, session: SparkSession, model: PipelineModel, schema: StructType, outputs: Sequence[str]
    ) -> None:
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

        Spark fails a whole job for one bad row, so a failing block is halved until the row is found.
        """
        frame = self._session.createDataFrame(_table(columns, self._schema)).coalesce(1).cache()
        results: list[tuple[Value, ...] | None] = [None] * rows
        errors: list[RowError] = []
        pending = [(0, rows)]
        while pending:
            start, stop = pending.pop()
            try:
                block = frame.where((frame[_ROW] >= start) & (frame[_ROW] < stop)).drop(_ROW)
                results[start:stop] = self._read(self._model.transform(block), stop - start)
            except _FAILURES as failure:
                if stop - start > 1:
                    middle = (start + stop) // 2
                    pending += [(start, middle), (middle, stop)]
                else:
                    errors.append(RowError(start, "", "", _first_line(failure)))
        frame.unpersist()
        failed = {error.row for error in errors}
        by_name: dict[str, list[Value]] = {}
        for place, name in enumerate(self.columns):
            column: list[Value] = []
            for row, result in enumerate(results):
                column.append(None if row in failed or result is None else result[place])
            by_name[name] = column
        return Reply(by_name, tuple(sorted(errors, key=lambda e: e.row)))

    def _read(self, scored: DataFrame, rows: int) -> list[tuple[Value, ...]]:
        wanted = list(dict.fromkeys(column for column, _ in self._select.values()))
        collected = scored.select(*wanted).collect()
        if len(collected) != rows:
            # handleInvalid="skip" drops rows; one at a time such a row shows as an error of its own
            raise PySparkException(f"Spark returned {len(collected)} rows for {rows}: a stage skips invalid rows")
        out: list[tuple[Value, ...]] = []
        for record in collected:
            cells = record.asDict()
            vectors = {n: v.toArray() for n, v in cells.items() if hasattr(v, "toArray")}
            out.append(
                tuple(
                    cells[column] if index is None else float(vectors[column][index])
                    for column, index in self._select.values()
                )
            )
        return out


def _table(columns: Mapping[str, Sequence[Value]], schema: StructType) -> pa.Table:
    """The rows as an Arrow table, which keeps null and NaN apart, with their numbers in column `_ROW`."""
    wanted = to_arrow_schema(schema)
    arrays = [pa.array(list(columns[field.name]), field.type) for field in wanted]
    rows = len(arrays[0])
    return pa.Table.from_arrays([*arrays, pa.array(range(rows), pa.int64())], [*wanted.names, _ROW])


def _first_line(failure: Exception) -> str:
    text = str(failure.java_exception) if isinstance(failure, Py4JJavaError) else str(failure)
    return (text.splitlines() or [""])[0][:300]


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
    types[0] = getattr(jvm.java.lang.Class, "forName")("[B")
    types[1] = getattr(jvm.java.lang.Class, "forName")("java.lang.String")
    arguments = gateway.new_array(jvm.java.lang.Object, 2)
    arguments[0] = document
    arguments[1] = engine
    try:
        return InProcessModel(bridge.getMethod("open", types).invoke(None, arguments))
    except Py4JJavaError as refusal:
        cause = refusal.java_exception.getCause() or refusal.java_exception
        raise InvalidModel(str(cause.getMessage())) from None
