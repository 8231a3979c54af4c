"""Holds the compiled engine against Spark: the same bits in every output, errors on the same rows."""

import struct
from collections.abc import Mapping, Sequence

from pyspark.ml import Pipeline, PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from pillion.export.converter import export_pipeline
from pillion.parity.spark_routes import SparkRoute
from pillion.scoring.jvm import InProcessModel, open_model
from pillion.types import Value
from tools.checkout import JAR

Rows = Mapping[str, Sequence[Value]]


def frame(spark: SparkSession, schema: StructType, rows: Rows) -> DataFrame:
    """A data frame of rows given as columns."""
    return spark.createDataFrame(list(zip(*(rows[name] for name in schema.fieldNames()), strict=True)), schema)


def compiled(model: PipelineModel, schema: StructType) -> InProcessModel:
    """Exports a pipeline and opens the document with the compiled engine, which must compute as Spark.

    Where the document has a model, the interpreter has the same inputs, and outputs that the plan's begin with.
    """
    exported = export_pipeline(model, schema)
    assert exported.without_plan is None
    scorer = open_model(exported.document, "compiled", JAR)
    assert scorer.arithmetic == "spark"
    if exported.without_model is None:
        interpreter = open_model(exported.document, "jpmml", JAR).contract
        assert interpreter["inputs"] == scorer.contract["inputs"]
        assert interpreter["outputs"] == scorer.contract["outputs"][: len(interpreter["outputs"])]
    return scorer


def assert_exact(spark: SparkSession, model: PipelineModel, schema: StructType, rows: Rows) -> int:
    """Compares row by row; returns how many rows failed on both sides."""
    scorer = compiled(model, schema)
    count = len(next(iter(rows.values())))
    inputs = {field["name"] for field in scorer.contract["inputs"]}
    actual = scorer.score({name: rows[name] for name in inputs}, count)
    outputs = [field["name"] for field in scorer.contract["outputs"] if field["kind"] != "target"]
    route = SparkRoute(spark, model, schema, outputs)
    expected = route.score({name: rows[name] for name in schema.fieldNames()}, count)
    failed = {error.row: error.message for error in expected.row_errors}
    refused = {error.row: error.message for error in actual.row_errors}
    wrong = [f"row {row}: Spark: {failed.get(row)}, engine: {refused.get(row)}" for row in set(failed) ^ set(refused)]
    assert route.columns, "nothing was compared"
    for name in route.columns:
        for row in range(count):
            if row in failed or row in refused:
                continue
            here, there = actual.columns[name][row], expected.columns[name][row]
            if bits(here) != bits(there):
                wrong.append(f"row {row}, {name}: Spark: {there!r}, engine: {here!r}")
    shown = {name: rows[name][int(wrong[0].split()[1].strip(":,"))] for name in rows} if wrong else {}
    assert not wrong, f"{len(wrong)} differ: {wrong[:5]}; first row: {shown}"
    return len(failed)


def bits(value: Value) -> object:
    """What must be equal: a double's bits with one NaN, anything else as it is; a whole double equals that number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return b"NaN" if value != value else struct.pack("<d", float(value))


def fit(spark: SparkSession, pipeline: Pipeline, schema: StructType, rows: Rows) -> PipelineModel:
    """Fits a pipeline to rows."""
    return pipeline.fit(frame(spark, schema, rows))
