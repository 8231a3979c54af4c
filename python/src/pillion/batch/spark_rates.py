"""How many pairs Spark's executors score a second, by the engine and by the pipeline itself, and whether both agree."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from pillion.errors import NotReproduced
from pillion.export.saved_pipeline import unpack_pipeline
from pillion.export.session import JAVA_OPTIONS
from pillion.features.spark_users import executor_cores
from pillion.parity.compare import compare
from pillion.parity.recorded_rows import RecordedRows, read_rows
from pillion.parity.spark_frame import make_frame, vector_sizes
from pillion.parity.spark_routes import SparkRoute
from pillion.scoring import Scores
from pillion.scoring.jvm import open_model
from pillion.scoring.repository import MANIFEST, MODEL, PIPELINE, VERIFICATION
from pillion.tabular.spark_source import quoted
from pillion.types import Value

if TYPE_CHECKING:
    from pyspark import Broadcast
    from pyspark.sql import SparkSession

Progress = Callable[[str, int, int], None]
_WHOLE_JOB = 301
"""Rows from which the reference has Spark compute them as a job, and not one by one in the driver."""
_FIRST = 8


@dataclass(frozen=True, slots=True)
class SparkRates:
    """What was measured.

    Attributes:
        cores: Tasks that ran at once.
        engine_s: Pairs a second of all of them by the engine, each in a JVM of its own.
        pipeline_s: Pairs a second by Spark's own pipeline; None where none is kept with the version.
        rows: Rows of the verification set that were given, whose outputs are Spark's bits both ways.
    """

    cores: int
    engine_s: float
    pipeline_s: float | None
    rows: int


@dataclass(frozen=True, slots=True)
class _Measuring:
    """What executors are given."""

    document: bytes
    engine: str
    jar: Path
    recorded: RecordedRows
    seconds: float


def measure_in_spark(
    session: "SparkSession", version: Path, jar: Path, seconds: float, progress: Progress
) -> SparkRates:
    """Scores a version's verification set again and again in Spark's executors, both ways.

    Args:
        session: Spark's.
        version: The version's folder, and in it the pipeline, if it is kept.
        jar: The sidecar's jar; executors see it by the same path.
        seconds: For how long each way is measured.
        progress: Is told what is being measured, and how much of both is done.

    Raises:
        NotReproduced: Executors give other bits than those that were recorded; says which way and what to do.
        ConfigurationError: There is no jar, or no Java, or the pipeline can't be loaded.
        InvalidModel: The version is not as it should be.
    """
    raw = orjson.loads((version / MANIFEST).read_bytes())
    document = (version / MODEL).read_bytes()
    opened = open_model(document, raw["engine"], jar)
    file = version / VERIFICATION
    recorded = _answered(read_rows(file.read_bytes(), opened.contract, raw["outputs"], str(file)))
    opened.close()
    cores = executor_cores(session)
    progress("ways to score pairs in Spark measured", 0, 2)
    shared = session.sparkContext.broadcast(_Measuring(document, raw["engine"], jar, recorded, seconds))
    made = session.sparkContext.parallelize(range(cores), cores).mapPartitions(_Engine(shared)).collect()
    shared.unpersist()
    if worst := max(differing for _, differing in made):
        raise NotReproduced(f"the engine on Spark's executors gives other outputs in {worst} of {recorded.rows} rows")
    progress("ways to score pairs in Spark measured", 1, 2)
    engine_s = sum(rate for rate, _ in made)
    if not (version / PIPELINE).is_file():
        return SparkRates(cores, engine_s, None, recorded.rows)
    pipeline, raw_columns = unpack_pipeline(version)
    sizes = vector_sizes(raw_columns, recorded.inputs)
    schema = StructType([field for field in raw_columns if field.name in recorded.inputs or field.name in sizes])
    route = SparkRoute(session, pipeline, schema, [output["name"] for output in raw["outputs"]])
    inputs, rows = recorded.inputs, recorded.rows
    if (differing := _differing(recorded, route.score(inputs, rows))) > 0:
        raise NotReproduced(
            f"Spark's pipeline on these executors gives other bits than those that were published, in {differing} of"
            f" {rows} rows: their JVMs compute otherwise, so start them with"
            f" spark.executor.extraJavaOptions={JAVA_OPTIONS}"
        )
    frame = make_frame(session, schema, inputs).cache()
    rate = _rate(lambda times: _transform(session, pipeline, frame, times, cores), rows, seconds)
    frame.unpersist()
    progress("ways to score pairs in Spark measured", 2, 2)
    return SparkRates(cores, engine_s, rate, rows)


class _Engine:
    """Scores rows by the engine in a process of Spark's."""

    def __init__(self, shared: "Broadcast[_Measuring]") -> None:
        self._shared = shared

    def __call__(self, parts: Iterable[int]) -> Iterator[tuple[float, int]]:
        """Yields pairs a second, and how many rows differ from what was recorded."""
        asked = self._shared.value
        model = open_model(asked.document, asked.engine, asked.jar)
        try:
            for _ in parts:
                recorded = asked.recorded

                def score(times: int, recorded: RecordedRows = recorded) -> None:
                    for _ in range(times):
                        model.score(recorded.inputs, recorded.rows)

                differing = _differing(recorded, model.score(recorded.inputs, recorded.rows))
                yield _rate(score, recorded.rows, asked.seconds), differing
        finally:
            model.close()


def _rate(score: Callable[[int], object], rows: int, seconds: float) -> float:
    """Rows a second of something that scores them so many times; it is warmed up first."""
    times = _FIRST
    while True:
        started = time.perf_counter()
        score(times)
        passed = time.perf_counter() - started
        if passed >= seconds:
            return times * rows / passed
        times = int(times * min(10.0, 1.2 * seconds / max(passed, 1e-3))) + 1


def _transform(session: "SparkSession", pipeline: Any, frame: DataFrame, times: int, cores: int) -> None:
    """Has Spark compute what the pipeline adds to so many copies of a frame, and throw it away."""
    copies = session.range(0, times, 1, min(times, cores * 4)).withColumnRenamed("id", "__copy")
    scored = pipeline.transform(copies.crossJoin(frame))
    made = [name for name in scored.columns if name not in frame.columns and name != "__copy"]
    scored.select(*map(quoted, made)).write.format("noop").mode("overwrite").save()


def _answered(recorded: RecordedRows) -> RecordedRows:
    """The rows that Spark does not refuse, some of them again where they are few."""
    refused = {error.row for error in recorded.expected.row_errors}
    kept = [row for row in range(recorded.rows) if row not in refused]
    kept *= -(-_WHOLE_JOB // len(kept)) if kept else 1

    def taken(columns: Mapping[str, Sequence[Value]]) -> dict[str, list[Value]]:
        return {name: [column[row] for row in kept] for name, column in columns.items()}

    return RecordedRows(taken(recorded.inputs), Scores(taken(recorded.expected.columns), ()), len(kept))


def _differing(recorded: RecordedRows, scores: Scores) -> int:
    """In how many rows any output has other bits than Spark recorded."""
    wanted = {name: column for name, column in recorded.expected.columns.items() if name in scores.columns}
    failed = frozenset(error.row for error in scores.row_errors)
    difference = compare(
        wanted, {name: scores.columns[name] for name in wanted}, decisions=[], score=[], refused=failed,
        failed=frozenset(),
    ).difference  # fmt: skip
    return difference.rows_differing + difference.refused
