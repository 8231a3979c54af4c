"""The first stage whose column differs between Spark's pipeline and the plan, found stage by stage for one row."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from pillion.errors import PillionError
from pillion.export.plan import Plan, UnsupportedPlan, embed, walk
from pillion.export.pmml import PmmlDocument
from pillion.export.tuning import best_of
from pillion.parity.case import Case
from pillion.parity.run import Result
from pillion.parity.spark_frame import flat_schema, make_frame, vector_sizes
from pillion.parity.spark_routes import FAILURES
from pillion.parity.spark_training import training_values
from pillion.parity.ulps import ulps
from pillion.scoring.jvm import open_model
from pillion.scoring.scorer import EXACT_ARITHMETIC
from pillion.tabular.cells import to_json
from pillion.tabular.spark_source import quoted
from pillion.types import Value

FILE = "difference.json"


@dataclass(frozen=True, slots=True)
class StageDifference:
    """Where the plan's engine leaves Spark.

    Attributes:
        stage: Spark's name for the stage.
        kind: its class's simple name, the operation.
        column: its column that differs, with the element where it is of vectors.
        spark: Spark's value, or what it throws.
        engine: the engine's value, or its error.
        ulps: steps between the two, where both are numbers; else None.
        row: the input.
        document: a document that holds the plan up to the stage, whose outputs are the stage's columns.
    """

    stage: str
    kind: str
    column: str
    spark: Value
    engine: Value
    ulps: int | None
    row: Mapping[str, Value]
    document: str

    def __str__(self) -> str:
        """The difference in a sentence."""
        far = "" if self.ulps is None else f", {self.ulps:,} ULPs apart"
        return (
            f"the first stage that differs is {self.stage}, a {self.kind}: its column {self.column} is {self.spark!r}"
            f" in Spark and {self.engine!r} in the engine{far}"
        )

    def to_bytes(self) -> bytes:
        """Returns it as JSON; `document` and `row` reproduce it."""
        told = {**asdict(self), "spark": to_json(self.spark), "engine": to_json(self.engine)}
        told["row"] = {name: to_json(value) for name, value in self.row.items()}
        return (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode()


def explain_difference(
    session: SparkSession, model: PipelineModel, schema: StructType, case: Case, results: Sequence[Result], jar: Path
) -> StageDifference | None:
    """Explains the first row that an engine which promises Spark's bits got wrong; None where there is none.

    Args:
        session: Spark's.
        model: the pipeline.
        schema: its raw columns.
        case: what the engines were asked.
        results: what came of it.
        jar: the sidecar's.
    """
    for result in results:
        if result.arithmetic == EXACT_ARITHMETIC and result.comparison is not None:
            comparison = result.comparison
            for rows in (comparison.kept[comparison.differing], comparison.refused, comparison.answered):
                if len(rows):
                    row = {name: column[int(rows[0])] for name, column in case.columns.items()}
                    return first_difference(session, model, schema, row, jar)
    return None


def first_difference(
    session: SparkSession, model: PipelineModel, schema: StructType, row: Mapping[str, Value], jar: Path
) -> StageDifference | None:
    """Runs one row through Spark and the compiled engine, stage by stage.

    Args:
        session: Spark's.
        model: the pipeline.
        schema: its raw columns.
        row: the row, vectors by their elements; columns that only training needs may be left out.
        jar: the sidecar's.

    Returns:
        The first difference; None where there is none, or where the pipeline has no plan.
    """
    sizes = vector_sizes(schema, row)
    try:
        walked = walk(best_of(model), schema, sizes)
    except UnsupportedPlan:
        return None
    frame = _frame(session, model, schema, sizes, row)
    for place, stage in enumerate(walked.stages):
        frame = stage.transformer.transform(frame)
        try:
            plan = walked.until(place).plan()
        except UnsupportedPlan:
            continue  # none of its columns can be an output
        if not {given.name for given in plan.inputs} <= {*row, *sizes}:
            continue  # it takes the label, which no row has
        document = PmmlDocument.without_model()
        embed(document, plan)
        text = document.to_bytes()
        expected, actual = _spark(frame, plan), _engine(text, row, jar)
        for name in dict.fromkeys((*expected, *actual)):
            spark, engine = expected.get(name), actual.get(name)
            if not _same(spark, engine):
                steps = _ulps(spark, engine)
                return StageDifference(stage.uid, stage.kind, name, spark, engine, steps, dict(row), text.decode())
    return None


def _frame(
    session: SparkSession, model: PipelineModel, schema: StructType, sizes: Mapping[str, int], row: Mapping[str, Value]
) -> DataFrame:
    """The row without the columns that only training needs, where Spark can do without them."""
    there = StructType([field for field in schema if field.name in row or field.name in sizes])
    frame = make_frame(session, there, {name: [value] for name, value in row.items()})
    try:
        model.transform(frame)
    except FAILURES:
        besides = training_values(model, (field for field in flat_schema(schema, sizes) if field.name not in row))
        return make_frame(session, schema, {name: [value] for name, value in {**besides, **row}.items()})
    return frame


def _spark(frame: DataFrame, plan: Plan) -> dict[str, Value]:
    columns = dict.fromkeys(output.column for output in plan.outputs if output.column is not None)
    try:
        record = frame.select(*map(quoted, columns)).first()
    except FAILURES:
        return {"the row": "an error"}
    if record is None:
        return {"the row": "an error"}
    return {
        output.field: record[output.column] if output.element is None else float(record[output.column][output.element])
        for output in plan.outputs
        if output.column is not None
    }


def _engine(document: bytes, row: Mapping[str, Value], jar: Path) -> dict[str, Value]:
    try:
        opened = open_model(document, "compiled", jar)
    except PillionError as refusal:
        return {"the row": str(refusal)}
    try:
        scores = opened.score({name: [value] for name, value in row.items()}, 1)
    finally:
        opened.close()
    if scores.row_errors:
        return {"the row": "an error"}
    return {name: _plain(column[0]) for name, column in scores.columns.items()}


def _plain(value: object) -> Value:
    found: Value = value.item() if isinstance(value, np.generic) else value  # type: ignore[assignment]
    return found


def _same(spark: Value, engine: Value) -> bool:
    steps = _ulps(spark, engine)
    return spark == engine if steps is None else steps == 0


def _ulps(spark: Value, engine: Value) -> int | None:
    if isinstance(spark, float) and isinstance(engine, float):
        return int(ulps(np.array([spark]), np.array([engine]))[0])
    return None
