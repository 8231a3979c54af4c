"""Spark's reference: a fitted pipeline as a parity case, with Spark's own outputs for real rows and edge rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession
from pyspark.sql.types import DataType, StructField, StructType

from pillion.errors import InvalidInput
from pillion.parity.case import Case, ShimRequest, labels_of, scores_of
from pillion.parity.edge import Rows, edge_rows, single_rows, sweep_rows
from pillion.parity.routes import InProcessRoute, RouteKind, name_engine
from pillion.parity.run import Count
from pillion.parity.spark_frame import flat_schema, transform_empty, vector_sizes
from pillion.parity.spark_routes import FAILURES, ClassTexts, SparkRoute, open_in_spark
from pillion.parity.spark_training import training_values
from pillion.scoring import Scores
from pillion.scoring.jvm import open_model
from pillion.tabular.forms import has_form
from pillion.types import FieldType, Value

_KINDS: Mapping[str, FieldType] = {
    "double": "double",
    "float": "float",
    "integer": "integer",
    "long": "integer",
    "short": "integer",
    "byte": "integer",
    "boolean": "boolean",
    "string": "string",
}
_LIMITS = {"short": 2**15 - 1, "byte": 2**7 - 1}


def make_case(
    session: SparkSession,
    name: str,
    model: PipelineModel,
    schema: StructType,
    document: bytes,
    rows: Mapping[str, Sequence[Value]],
    *,
    jar: Path,
    origin: str,
    seed: int = 7,
    score: Sequence[str] | None = None,
    requests: Sequence[ShimRequest] = (),
    edges: bool = True,
    most_edges: int | None = None,
    count: Count = lambda what, done, total: None,
) -> Case:
    """Scores rows in Spark and returns them as a case.

    Args:
        session: Spark's.
        name: of the model.
        model: the fitted pipeline.
        schema: its raw columns.
        document: what it was exported to.
        rows: real rows, as columns; None is missing.
        jar: the sidecar's.
        origin: what the rows are, in words.
        seed: of the edge rows.
        score: outputs to rank by; as `scores_of` says where None.
        requests: how real rows are asked of the shim.
        edges: whether edge rows are added.
        most_edges: of those, thinned out evenly where there are more; None for all. Rows that sweep through every known
            value and boundary follow in any case.
        count: Is told how many of the rows Spark has scored.

    Raises:
        InvalidInput: a column that the document needs is absent, or of a type that no route takes.
        InvalidModel: the document is bad.
    """
    opened = open_model(document, "auto", jar)
    contract = opened.contract
    opened.close()
    inputs = [field["name"] for field in contract["inputs"]]
    absent = [field for field in inputs if field not in rows]
    if absent:
        raise InvalidInput(f"the rows have no column '{absent[0]}', which the model needs", absent[0])
    flat = flat_schema(schema, vector_sizes(schema, rows))
    columns: Rows = {name: list(rows[name]) for name in inputs}
    besides = training_values(model, (field for field in flat if field.name not in columns))
    real = len(columns[inputs[0]])
    # the target's own field is what the document predicts, and in Spark's frame it is the label that came in
    outputs = [output for output in contract["outputs"] if output["kind"] != "target"]
    names = [output["name"] for output in outputs]
    route = open_spark(session, model, schema, inputs, names, class_texts(session, model, schema, names))
    sweep = real
    if edges:
        sample = {name: list(column) for name, column in columns.items()}
        for made in _edges(contract["inputs"], flat, sample, seed, document, most_edges):
            sweep = len(columns[inputs[0]])
            _append(columns, made)
    total = len(columns[inputs[0]])
    told = f"{name}: rows in Spark"
    expected = route.score(
        _padded(columns, besides, total), total, lambda done: count(told, min(done, total - 1), total)
    )
    if edges:
        more = _unanswered(columns, inputs, sweep, expected, seed)
        extra = len(more[inputs[0]])
        if extra:
            scored = route.score(
                _padded(more, besides, extra),
                extra,
                lambda done: count(told, total + min(done, extra - 1), total + extra),
            )
            expected = _joined(expected, total, scored)
            _append(columns, more)
            total += extra
    count(told, total, total)
    ranked = tuple(n for n in (scores_of(outputs) if score is None else score) if n in expected.columns)
    labels = tuple(label for label in labels_of(outputs) if label in expected.columns)
    return Case(name, document, contract, columns, total, real, expected, labels, ranked, origin, tuple(requests))


def open_spark(
    session: SparkSession,
    model: PipelineModel,
    schema: StructType,
    inputs: Sequence[str],
    outputs: Sequence[str],
    texts: Mapping[str, ClassTexts] = MappingProxyType({}),
) -> SparkRoute:
    """Opens Spark as a route, without the columns that only training needs, where Spark can do without them.

    Where it can't, columns of types that no row can be made of are left out, as far as Spark can do without those.
    """
    sizes = vector_sizes(schema, inputs)
    needed = [field for field in schema if field.name in inputs or field.name in sizes]
    plain = [field for field in schema if field.dataType.typeName() in (*_KINDS, "vectorudt") or _has_form(field)]
    for fields in (needed, plain):
        try:
            return SparkRoute(session, model, StructType(fields), outputs, texts)
        except FAILURES:
            continue
    return SparkRoute(session, model, schema, outputs, texts)


def _has_form(field: StructField) -> bool:
    return has_form(field.dataType.simpleString())


def class_texts(
    session: SparkSession, model: PipelineModel, schema: StructType, outputs: Sequence[str]
) -> dict[str, ClassTexts]:
    """Returns the texts of a predicted class, for which Spark has no column, but a column's numbers and its labels.

    Args:
        session: Spark's.
        model: the fitted pipeline.
        schema: its raw columns, that of the label among them.
        outputs: of the document, of which those like `pmml(prediction)` are such texts.
    """
    produced = transform_empty(model, session.createDataFrame([], schema)).schema
    found: dict[str, ClassTexts] = {}
    for stage in _flat(model):
        if not (stage.hasParam("predictionCol") and stage.hasParam("labelCol")):
            continue
        prediction, label = (str(stage.getOrDefault(param)) for param in ("predictionCol", "labelCol"))
        known = produced[label].metadata.get("ml_attr", {}).get("vals") if label in produced.fieldNames() else None
        if known and f"pmml({prediction})" in outputs:
            found[f"pmml({prediction})"] = ClassTexts(prediction, tuple(map(str, known)))
    return found


def _flat(model: PipelineModel) -> Iterator[Any]:
    for stage in model.stages:
        if isinstance(stage, PipelineModel):
            yield from _flat(stage)
        else:
            yield stage


def py4j_route(session: SparkSession, engine: str, jar: Path) -> RouteKind:
    """Returns the route to an engine inside Spark's own JVM."""
    return RouteKind(
        f"py4j {engine}",
        lambda case: InProcessRoute(open_in_spark(session, case.document, engine, jar)),
        about=f"{name_engine(engine)}, within Spark's own JVM",
    )


def _edges(
    inputs: Sequence[Mapping[str, Any]], schema: StructType, columns: Rows, seed: int, document: bytes, most: int | None
) -> Iterator[Rows]:
    """The edge rows, thinned out evenly to the number wanted, and those of the sweep, all of them."""
    types = {field.name: field.dataType for field in schema}
    fields = [{**field, "type": _kind(field["name"], types[field["name"]])} for field in inputs]
    for made, limit in (
        (edge_rows(fields, columns, seed, document), most),
        (sweep_rows(fields, columns, seed, document), None),
    ):
        rows = range(len(made[fields[0]["name"]]))
        fitting = [row for row in rows if all(_fits(made[name][row], types[name]) for name in made)]
        if limit is not None and len(fitting) > limit:
            fitting = [fitting[index] for index in np.linspace(0, len(fitting) - 1, limit).astype(int).tolist()]
        yield {name: [column[row] for row in fitting] for name, column in made.items()}


def _unanswered(columns: Rows, inputs: Sequence[str], sweep: int, expected: Scores, seed: int) -> Rows:
    """Rows that try alone each value of the sweep which occurs only where Spark throws, maybe for another input's sake.

    Args:
        columns: the rows.
        inputs: the columns among them that the document needs.
        sweep: the first row of the sweep.
        expected: Spark's answers.
        seed: picks the rows that the others are made from.
    """
    count = len(columns[inputs[0]])
    failed = {error.row for error in expected.row_errors}
    answered = [row for row in range(count) if row not in failed]
    swept: dict[str, list[Value]] = {}
    for name in inputs if answered else ():
        seen = {repr(columns[name][row]) for row in answered}
        values = {repr(columns[name][row]): columns[name][row] for row in range(sweep, count) if row in failed}
        swept[name] = [value for key, value in values.items() if key not in seen]
    return single_rows(columns, swept, seed, answered)


def _append(columns: Rows, more: Rows) -> None:
    for name, column in more.items():
        columns[name] += column


def _joined(first: Scores, rows: int, second: Scores) -> Scores:
    columns = {name: [*column, *second.columns[name]] for name, column in first.columns.items()}
    return Scores(columns, (*first.row_errors, *(replace(e, row=rows + e.row) for e in second.row_errors)))


def _kind(name: str, spark_type: DataType) -> FieldType:
    kind = "string" if has_form(spark_type.simpleString()) else _KINDS.get(spark_type.typeName())
    if kind is None:
        raise InvalidInput(f"the column '{name}' is a {spark_type.simpleString()}, which no route takes", name)
    return kind


def _fits(value: Value, spark_type: DataType) -> bool:
    limit = _LIMITS.get(spark_type.typeName())
    return limit is None or value is None or abs(int(value)) <= limit


def _padded(columns: Rows, besides: Mapping[str, Value], count: int) -> Rows:
    """The columns, and those that Spark may need besides, of one value each."""
    return {**{name: [value] * count for name, value in besides.items()}, **columns}
