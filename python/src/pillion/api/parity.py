"""`pillion.parity`: every way to have a model's rows scored, held against Spark, row by row and bit by bit."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.sql.types import StructType

from pillion.api.given import name_of, read_model, read_rows
from pillion.api.services import serving
from pillion.config import SidecarSettings
from pillion.export.console import quiet_console
from pillion.export.converter import export_pipeline
from pillion.export.difference import StageDifference, explain_difference
from pillion.export.publish import scratch_version
from pillion.export.session import describe_session
from pillion.parity import Report
from pillion.parity.case import Case
from pillion.parity.recorded_cases import read_contract
from pillion.parity.routes import jpype_route
from pillion.parity.run import Count, Result, run_case
from pillion.parity.spark_frame import vector_sizes
from pillion.parity.spark_reference import make_case, py4j_route
from pillion.scoring.jvm import installed_engines, require_jar

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run over one model found.

    Attributes:
        case: the model with the rows that were asked, and Spark's answers.
        results: of all routes.
        spark: what decided the bits of the reference.
        difference: where an engine that promises Spark's bits left Spark, if it did.
    """

    case: Case
    results: tuple[Result, ...]
    spark: dict[str, Any]
    difference: StageDifference | None


def parity(
    model: Any,
    data: Any,
    *,
    schema: "StructType | Path | str | None" = None,
    services: bool = False,
    rows: int = 10_000,
    seed: int = 7,
    jar: Path | None = None,
    progress: Progress = lambda text: None,
) -> Report:
    """Scores rows in Spark and by each engine, in this process and in Spark's, and compares all outputs bit by bit.

    Rows that show every known value and boundary are added to those given. Nothing is published.

    Args:
        model: A fitted model of Spark's, or the folder of one; see `pillion.export`.
        data: Real rows; see `pillion.export`.
        schema: Spark's StructType of the raw columns, or a file with its JSON; a frame's own where left out.
        services: Whether a sidecar is started as well, and asked over HTTP, gRPC and its Unix socket.
        rows: Real rows that are asked, at most.
        seed: Of the rows drawn and made.
        jar: The sidecar's; that of the wheel where left out.
        progress: Is told what is being done.

    Raises:
        UnsupportedStage: See `pillion.export`.
        InvalidInput: See `pillion.export`.
        ConfigurationError: See `pillion.export`.

    Example:
        >>> pillion.parity(model, frame).passed
        True
    """
    given = {"schema": schema, "services": services, "rows": rows, "seed": seed, "jar": jar, "progress": progress}
    outcome = run_routes(model, data, **given)  # type: ignore[arg-type]
    return Report.of([outcome.case], outcome.results, spark=outcome.spark)


def run_routes(
    model: Any,
    data: Any,
    *,
    schema: "StructType | Path | str | None" = None,
    nulls: Sequence[str] | None = None,
    services: bool = True,
    rows: int = 10_000,
    seed: int = 7,
    jar: Path | None = None,
    progress: Progress = lambda text: None,
    count: Count = lambda what, done, total: None,
) -> Outcome:
    """Runs all routes that need no store; see `parity`. `count` is told how many rows are scored."""
    jar = jar or SidecarSettings().jar
    require_jar(jar)
    session, struct, source = read_rows(data, schema, nulls, seed)
    with quiet_console(session):
        pipeline = read_model(model)
        name = name_of(model, pipeline)
        engines = installed_engines(jar)
        progress("exporting")
        document = export_pipeline(pipeline, struct, vector_sizes(struct, source.names())).document
        inputs = [given["name"] for given in read_contract(document, jar)["inputs"]]
        columns = {given: column[:rows] for given, column in source.read(inputs, struct).columns.items()}
        progress("scoring in Spark")
        case = make_case(
            session, name, pipeline, struct, document, columns,
            jar=jar, origin=source.words, seed=seed, count=count,
        )  # fmt: skip
        kinds = [*(jpype_route(engine, jar) for engine in engines), *(py4j_route(session, e, jar) for e in engines)]
        results = run_case(case, kinds, progress, count)
        if services:
            with tempfile.TemporaryDirectory(prefix="pillion-parity-") as folder:
                scratch_version(case).write(Path(folder) / name / "1", name, 1)
                with serving(Path(folder), jar, None, name, progress) as running:
                    results += run_case(case, running.kinds(jar), progress, count)
        difference = explain_difference(session, pipeline, struct, case, results, jar)
        return Outcome(case, tuple(results), describe_session(session), difference)
