"""What a parity run consists of: which cases, which routes, and what has to run meanwhile."""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from pillion.cli.parity_services import serving
from pillion.errors import InvalidInput, InvalidModel
from pillion.parity.case import Case
from pillion.parity.recorded_cases import golden_cases, verification_case
from pillion.parity.routes import InProcessRoute, Route, RouteKind
from pillion.parity.run import Result, run_case
from pillion.parity.verdict import EXACT_ARITHMETIC
from pillion.scoring import ModelRepository
from pillion.scoring.jvm import installed_engines, open_model
from pillion.tabular import parse_schema, read_batches
from pillion.types import FieldType, Value

Progress = Callable[[str], None]
INTERPRETER = "jpmml"


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many real rows are asked.

    Attributes:
        rows: of each route.
        exact: of the engines in process that promise Spark's bits.
    """

    rows: int
    exact: int

    @property
    def most(self) -> int:
        """Rows that a case needs."""
        return max(self.rows, self.exact)


@dataclass(slots=True)
class Outcome:
    """What a run found.

    Attributes:
        cases: all.
        results: of all cases and routes.
        spark: what decided the bits of the reference.
    """

    cases: list[Case] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    spark: dict[str, Any] = field(default_factory=dict)


def run_pipeline(pipeline: Path, schema_file: Path, data: Path, rows: int, jar: Path, tell: Progress) -> Outcome:
    """Exports a saved pipeline into a scratch folder and runs all routes that need no store.

    Raises:
        InvalidInput: a file can't be read.
        UnsupportedStage: the pipeline has no PMML form.
    """
    from pyspark.sql.types import StructType

    from pillion.training.export import export
    from pillion.training.oracle import load_pipeline, make_case, py4j_route
    from pillion.training.scratch import write_scratch_version
    from pillion.training.spark import create_session, describe_session

    columns = {name: column[:rows] for name, column in read_rows(data, schema_file).items()}
    schema = StructType.fromJson(json.loads(schema_file.read_text(encoding="utf-8")))
    engines = installed_engines(jar)
    tell("starting Spark")
    session = create_session(log_level="OFF")
    try:
        model = load_pipeline(session, pipeline)
        tell("exporting")
        document = export(model, schema)
        tell("scoring in Spark")
        name = pipeline.resolve().name
        case = make_case(session, name, model, schema, document, columns, jar=jar, origin=str(data))
        outcome = Outcome([case], spark=describe_session(session))
        kinds = [*(jpype_route(engine, jar) for engine in engines), *(py4j_route(session, e, jar) for e in engines)]
        outcome.results += run_case(case, kinds, tell)
        with tempfile.TemporaryDirectory(prefix="pillion-parity-") as folder:
            write_scratch_version(Path(folder), case)
            with serving(Path(folder), jar, None, name, tell) as services:
                outcome.results += run_case(case, services.kinds(jar), tell)
        return outcome
    finally:
        session.stop()


def run_models(
    models: Path, model: str | None, amounts: Amounts, goldens: Path | None, jar: Path, tell: Progress
) -> Outcome:
    """Runs all routes over the models of a repository, and the engines in process over recorded cases.

    Raises:
        ConfigurationError: there is no such model.
        InvalidModel: a version or a recorded case is bad.
    """
    repository = ModelRepository(models)
    names = repository.models() if model is None else [model]
    if not names:
        raise InvalidInput(f"the model repository {models} has no model")
    outcome = Outcome()
    engines = installed_engines(jar)
    kinds = [jpype_route(engine, jar) for engine in engines]
    exact = [exactly(jpype_route(engine, jar)) for engine in engines if engine != INTERPRETER]
    cases = [verification_case(repository.read(name), jar) for name in names]
    with serving(models, jar, None, names[0], tell) as services:
        for case in cases:
            outcome.cases.append(case)
            outcome.results += run_case(case, [*kinds, *services.kinds(jar, amounts.rows)], tell)
    for case in golden_cases(goldens, jar) if goldens is not None else ():
        outcome.cases.append(case)
        outcome.results += run_case(case, exact, tell)
    return outcome


def read_rows(data: Path, schema_file: Path) -> dict[str, list[Value]]:
    """Reads the columns of a schema that a file has; a label, say, may be absent.

    Raises:
        InvalidInput: a file can't be read, or a cell is not of its column's type.
    """
    known = parse_schema(schema_file)
    schema: dict[str, FieldType] = {name: kind for name, kind in known.items() if kind is not None}
    while True:
        columns: dict[str, list[Value]] = {name: [] for name in schema}
        try:
            for batch in read_batches(data, schema):
                for name, column in columns.items():
                    column += batch.columns[name]
        except InvalidInput as error:
            if error.field not in schema or " lacks the column " not in str(error) or len(schema) == 1:
                raise
            del schema[error.field]
            continue
        return {name: _single(column) if schema[name] == "float" else column for name, column in columns.items()}


def _single(column: list[Value]) -> list[Value]:
    return [None if value is None else float(np.float32(value)) for value in column]


def exactly(kind: RouteKind) -> RouteKind:
    """Returns the route for documents only for which it promises Spark's bits."""

    def open_exact(case: Case) -> Route:
        route = kind.open(case)
        if route.arithmetic != EXACT_ARITHMETIC:
            route.close()
            raise InvalidModel("the document does not say how Spark computes, so it is scored as the interpreter does")
        return route

    return replace(kind, open=open_exact)


def jpype_route(engine: str, jar: Path, most: int | None = None) -> RouteKind:
    """Returns the route to an engine inside this process's own JVM."""
    return RouteKind(f"jpype {engine}", lambda case: InProcessRoute(open_model(case.document, engine, jar)), most=most)
