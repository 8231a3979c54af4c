"""The two routes that need Spark: Spark's own `transform`, and an engine inside Spark's JVM, reached by py4j."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.ml import PipelineModel, Transformer
from pyspark.ml.common import _java2py
from pyspark.ml.linalg import Vector
from pyspark.ml.regression import GeneralizedLinearRegressionModel
from pyspark.ml.wrapper import JavaTransformer
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from pillion.errors import InvalidInput, InvalidModel
from pillion.parity.spark_frame import ROW, make_frame, transform_empty, unreadable
from pillion.scoring import RowError, Scores
from pillion.scoring.jvm import InProcessModel
from pillion.tabular import ELEMENT
from pillion.tabular.spark_source import quoted
from pillion.types import Value

_VECTOR_OUTPUT = re.compile(r"^(?P<column>.+?)\((?P<value>.*)\)$", re.DOTALL)
_WALKED = 300
"""Up to so many rows are computed one after the other at once."""
FAILURES = (Py4JJavaError, PySparkException)
"""What Spark raises where it refuses a column or a row."""


@dataclass(frozen=True, slots=True)
class ClassTexts:
    """The texts of a column's classes, for an output that Spark has no column for.

    Attributes:
        column: with the classes as 0, 1, ….
        labels: what they stand for.
    """

    column: str
    labels: tuple[str, ...]


class SparkRoute:
    """Spark itself: the reference that every other route is held against.

    Args:
        session: the session.
        model: the fitted pipeline.
        schema: its raw input columns.
        outputs: names of the document's output fields. `prediction` is Spark's column of that name, and
            `probability(x)` is the element of Spark's vector `probability` at that field's index among its kind, and
            `features[3]` the one at index 3. Names that Spark has no column for are left out; `columns` says what is
            left.
        texts: of the names that Spark has no column for, those that are the texts of a column's classes.
    """

    name = "spark"

    def __init__(
        self,
        session: SparkSession,
        model: PipelineModel,
        schema: StructType,
        outputs: Sequence[str],
        texts: Mapping[str, ClassTexts] = MappingProxyType({}),
    ) -> None:
        self._texts = texts
        self._session = session
        self._model = model
        self._schema = schema
        empty = session.createDataFrame([], schema)
        produced = transform_empty(model, empty).schema
        self._select: dict[str, tuple[str, int | None]] = {}
        vectors: dict[str, int] = {}
        means = _binomial_means(model)
        kinds = {field.name: field.dataType.typeName() for field in produced}
        for name in outputs:
            if name in means and "probability(1)" in outputs:
                self._select["probability(1)"] = (name, None)
                continue
            if name in texts:
                self._select[name] = (texts[name].column, None)
                continue
            match, element = _VECTOR_OUTPUT.match(name), ELEMENT.match(name)
            if kinds.get(name, "vectorudt") != "vectorudt":
                self._select[name] = (name, None)
            elif element and kinds.get(element["vector"]) in ("vectorudt", "array"):
                self._select[name] = (element["vector"], int(element["place"]))
            elif match and match["column"] in kinds:
                index = vectors.get(match["column"], 0)
                vectors[match["column"]] = index + 1
                self._select[name] = (match["column"], index)
        self.columns = tuple(self._select)
        self._front = _java_front(model)

    def score(
        self, columns: Mapping[str, Sequence[Value]], rows: int, tell: Callable[[int], None] = lambda done: None
    ) -> Scores:
        """Scores rows given as columns; rows for which Spark throws come back as errors.

        Spark fails a whole job for one bad row; then it is asked for each half, and where there are few rows, they are
        computed one after the other.

        Args:
            columns: the rows.
            rows: how many.
            tell: is told how many of them are scored, now and then.
        """
        self._tell, self._done = tell, 0
        absent = unreadable(self._schema, columns, rows)
        if absent:
            return self._score_rest(columns, rows, absent, tell)
        frame = make_frame(self._session, self._schema, columns)
        numbered = ROW in transform_empty(self._model, frame.limit(0)).columns
        good, errors = (self._segment if numbered else self._in_order)(frame, range(rows))
        failed = {error.row for error in errors}
        errors += [
            RowError(row, "", "", "Spark drops this row: a stage skips invalid rows")
            for row in range(rows)
            if row not in good and row not in failed
        ]
        by_name: dict[str, list[Value]] = {
            name: [self._said(name, good[row][position]) if row in good else None for row in range(rows)]
            for position, name in enumerate(self.columns)
        }
        return Scores(by_name, tuple(errors))

    def _said(self, name: str, cell: Value) -> Value:
        """What an output says: Spark's cell, or the text of the class that it is."""
        return self._texts[name].labels[int(cell)] if name in self._texts and isinstance(cell, float) else cell

    def _segment(self, frame: DataFrame, rows: range) -> tuple[dict[int, tuple[Value, ...]], list[RowError]]:
        """The rows of a frame, whose numbers are `rows`."""
        if self._front is not None:
            errors = self._errors_of_front(frame, rows, self._front)
            sound = frame.where(~frame[ROW].isin([error.row for error in errors])) if errors else frame
            good, others = self._halve(sound, rows)
            return good, errors + others
        if len(rows) <= _WALKED:
            return self._walk(frame, rows, self._scored, lambda record: self._cells(record, 1))
        try:
            return self._read(frame), []
        except FAILURES:
            half = rows.start + len(rows) // 2
            good, errors = self._segment(frame.where(frame[ROW] < half), range(rows.start, half))
            more, others = self._segment(frame.where(frame[ROW] >= half), range(half, rows.stop))
            return good | more, errors + others

    def _in_order(self, frame: DataFrame, rows: range) -> tuple[dict[int, tuple[Value, ...]], list[RowError]]:
        """The rows of a frame whose numbers a stage leaves out, as a SELECT of some columns does: told by their order.

        Where rows are dropped, it is asked for each half.
        """
        found = self._walk_in_order(frame)
        if len(found) in (0, len(rows)):
            pairs = list(zip(rows, found, strict=False))
            good = {row: cells for row, cells in pairs if isinstance(cells, tuple)}
            return good, [RowError(row, "", "", message) for row, message in pairs if isinstance(message, str)]
        half = rows.start + len(rows) // 2
        good, errors = self._in_order(frame.where(frame[ROW] < half), range(rows.start, half))
        more, others = self._in_order(frame.where(frame[ROW] >= half), range(half, rows.stop))
        return good | more, errors + others

    def _errors_of_front(self, frame: DataFrame, rows: range, front: PipelineModel) -> list[RowError]:
        """The rows that the stages before the first one in Python throw on."""

        def prepared(part: DataFrame) -> DataFrame:
            made = front.transform(part)
            return made.select(ROW, *(quoted(name) for name in made.columns if name != ROW))

        return self._walk(frame, rows, prepared, lambda record: ())[1]

    def _halve(self, frame: DataFrame, rows: range) -> tuple[dict[int, tuple[Value, ...]], list[RowError]]:
        """The rows of a frame where a stage runs in Python, which no driver can walk: by halves, down to one."""
        try:
            return self._read(frame), []
        except FAILURES as failure:
            if len(rows) == 1:
                return {}, [RowError(rows.start, "", "", _first_line(failure))]
        middle = rows.start + len(rows) // 2
        good, errors = self._halve(frame.where(frame[ROW] < middle), range(rows.start, middle))
        more, others = self._halve(frame.where(frame[ROW] >= middle), range(middle, rows.stop))
        return good | more, errors + others

    def _score_rest(
        self,
        columns: Mapping[str, Sequence[Value]],
        rows: int,
        absent: Mapping[int, str],
        tell: Callable[[int], None],
    ) -> Scores:
        kept = [row for row in range(rows) if row not in absent]
        scores = self.score({name: [column[row] for row in kept] for name, column in columns.items()}, len(kept), tell)
        out: dict[str, list[Value]] = {name: [None] * rows for name in self.columns}
        for name, column in out.items():
            for place, row in enumerate(kept):
                column[row] = scores.columns[name][place]
        errors = [RowError(row, "", "", reason) for row, reason in absent.items()]
        errors += [RowError(kept[error.row], "", "", error.message) for error in scores.row_errors]
        return Scores(out, tuple(sorted(errors, key=lambda error: error.row)))

    def _scored(self, frame: DataFrame) -> DataFrame:
        wanted = dict.fromkeys(column for column, _ in self._select.values())
        scored = self._model.transform(frame)
        return scored.select(*(name for name in (ROW,) if name in scored.columns), *map(quoted, wanted))

    def _walk(
        self,
        frame: DataFrame,
        rows: range,
        scored: Callable[[DataFrame], DataFrame],
        cells: Callable[[Any], tuple[Value, ...]],
    ) -> tuple[dict[int, tuple[Value, ...]], list[RowError]]:
        """Computes row by row in the driver, where an exception ends a row and not a job.

        Args:
            frame: the rows.
            rows: their numbers.
            scored: adds columns to a frame; the first one left is the rows' number.
            cells: what is wanted of a record of it.
        """
        good: dict[int, tuple[Value, ...]] = {}
        errors: list[RowError] = []
        before, messages = rows.start - 1, list[str]()
        try:
            prepared = _prepared(scored(frame))
        except FAILURES:  # a join is computed before the first row
            return self._separate(frame, rows)
        for found in self._steps(prepared):
            if isinstance(found, str):
                messages.append(found)
                continue
            row = int(found.getLong(0))
            good[row] = cells(found)
            self._count(row - before)
            errors += _blame(frame, range(before + 1, row), messages, scored)
            before, messages = row, []
        return good, errors + _blame(frame, range(before + 1, rows.stop), messages, scored)

    def _walk_in_order(self, frame: DataFrame) -> list[tuple[Value, ...] | str]:
        """What comes of rows without their numbers: the columns, or why Spark throws."""
        walked: list[tuple[Value, ...] | str] = []
        for found in self._steps(_prepared(self._scored(frame))):
            walked.append(found if isinstance(found, str) else self._cells(found, 0))
            self._count(1)
        return walked

    def _separate(self, frame: DataFrame, rows: range) -> tuple[dict[int, tuple[Value, ...]], list[RowError]]:
        """Computes each row in a job of its own."""
        good: dict[int, tuple[Value, ...]] = {}
        errors: list[RowError] = []
        for row in rows:
            try:
                good |= self._read(frame.where(frame[ROW] == row))
            except FAILURES as failure:
                errors.append(RowError(row, "", "", _first_line(failure)))
        return good, errors

    def _steps(self, prepared: Any) -> Iterator[Any]:
        """Yields Spark's records one after the other; where it throws, the message."""
        gateway: Any = self._session.sparkContext._gateway
        with _task_context(gateway.jvm) as context:
            for partition in prepared.partitions():  # one, not cached: a cached block is for registered tasks only
                records = prepared.iterator(partition, context)
                while True:
                    try:
                        if not records.hasNext():
                            break
                        record = records.next()
                    except FAILURES as failure:
                        yield _first_line(failure)
                        continue
                    yield record

    def _cells(self, record: Any, first: int) -> tuple[Value, ...]:
        """The outputs of a record of Spark's, whose columns begin at a place."""
        wanted = list(dict.fromkeys(column for column, _ in self._select.values()))
        cells = {column: record.get(first + place) for place, column in enumerate(wanted)}
        split = {column for column, index in self._select.values() if index is not None}
        elements = {column: self._elements(cells[column]) for column in split}
        return tuple(
            cells[column] if index is None else elements[column](index) for column, index in self._select.values()
        )

    def _elements(self, cell: Any) -> Callable[[int], float]:
        """The elements of a vector, which comes in one call, or those of an array of vectors of one, as hashes are."""
        found = _java2py(self._session.sparkContext, cell)
        if isinstance(found, Vector):
            values = found.toArray()
            return lambda index: float(values[index])
        return lambda index: float(cell.apply(index).apply(0))

    def _count(self, rows: int) -> None:
        self._done += rows
        self._tell(self._done)

    def _read(self, frame: DataFrame) -> dict[int, tuple[Value, ...]]:
        out: dict[int, tuple[Value, ...]] = {}
        indexed = {column for column, index in self._select.values() if index is not None}
        for record in self._scored(frame).collect():
            cells = record.asDict()
            vectors = {n: v.toArray() for n, v in cells.items() if hasattr(v, "toArray")}
            vectors |= {n: [one[0] for one in v] for n, v in cells.items() if n in indexed and isinstance(v, list)}
            out[cells[ROW]] = tuple(
                cells[column] if index is None else float(vectors[column][index])
                for column, index in self._select.values()
            )
        self._count(len(out))
        return out


def _prepared(scored: DataFrame) -> Any:
    """Spark's records, not computed yet, in one partition."""
    return scored._jdf.javaRDD().rdd()


def _blame(
    frame: DataFrame, absent: range, messages: Sequence[str], scored: Callable[[DataFrame], DataFrame]
) -> list[RowError]:
    """Tells which of the rows between two good ones threw; the others were dropped."""
    if len(messages) in (0, len(absent)):
        return [RowError(row, "", "", message) for row, message in zip(absent, messages, strict=False)]
    alone = {row: _failure(scored(frame.where(frame[ROW] == row)).collect) for row in absent}
    return [RowError(row, "", "", message) for row, message in alone.items() if message is not None]


def _java_front(model: Transformer) -> PipelineModel | None:
    """The stages before the first one that runs in Python; None where none does. A tuned model is its best."""
    model = getattr(model, "bestModel", model)
    front: list[Transformer] = []
    for part in getattr(model, "stages", (model,)):
        stage = getattr(part, "bestModel", part)
        # Not by its Java object: OneVsRestModel has one, and before Spark 4.2 transforms in Python.
        if not isinstance(stage, JavaTransformer | PipelineModel):
            return PipelineModel(front)
        if isinstance(stage, PipelineModel) and (inner := _java_front(stage)) is not None:
            return PipelineModel([*front, *inner.stages])
        front.append(stage)
    return None


def _binomial_means(model: PipelineModel) -> frozenset[str]:
    """Prediction columns of binomial generalised linear models: Spark's is the mean, the document's is the label."""
    return frozenset(
        stage.getPredictionCol()
        for stage in getattr(model, "stages", ())
        if isinstance(stage, GeneralizedLinearRegressionModel) and stage.getFamily().lower() == "binomial"
    )


def _failure(job: Callable[[], object]) -> str | None:
    try:
        job()
    except FAILURES as failure:
        return _first_line(failure)
    return None


def _first_line(failure: Exception) -> str:
    text = str(failure.java_exception) if isinstance(failure, Py4JJavaError) else str(failure)
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[0][:300] if lines else type(failure).__name__


@contextmanager
def _task_context(jvm: Any) -> Iterator[Any]:
    """Gives the driver's thread what a task has, so that it may compute a partition itself."""
    contexts = getattr(getattr(jvm.org.apache.spark, "TaskContext$"), "MODULE$")
    context = contexts.empty()
    blocks = jvm.org.apache.spark.SparkEnv.get().blockManager()
    blocks.registerTask(context.taskAttemptId())  # reading a broadcast value takes locks in the task's name
    contexts.setTaskContext(context)
    try:
        yield context
    finally:
        contexts.unset()
        blocks.releaseAllLocksForTask(context.taskAttemptId())


_loaders: WeakKeyDictionary[Any, dict[str, Any]] = WeakKeyDictionary()
"""By gateway and jar. py4j keeps methods by the name of their class: another loader's class would get the same ones."""


def _loader(gateway: Any, jar: Path) -> Any:
    loaders = _loaders.setdefault(gateway, {})
    if str(jar) not in loaders:
        jvm = gateway.jvm
        urls = gateway.new_array(jvm.java.net.URL, 1)
        urls[0] = jvm.java.io.File(str(jar)).toURI().toURL()
        loaders[str(jar)] = jvm.java.net.URLClassLoader(urls, jvm.java.lang.ClassLoader.getPlatformClassLoader())
    return loaders[str(jar)]


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
    loader = _loader(gateway, jar)
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
