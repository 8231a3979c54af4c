"""From a fitted pipeline to its plan."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from pillion.training.plan.markup import NoPlan
from pillion.training.plan.node import Node, Stage, type_name
from pillion.training.plan.outputs import Output, outputs
from pillion.training.plan.saved import Saved
from pillion.training.plan.session import arithmetic
from pillion.training.plan.stages import WRITERS

__all__ = ["NoPlan", "Plan", "build_plan"]


@dataclass(frozen=True)
class Plan:
    """A plan.

    Attributes:
        inputs: the raw columns that it needs, with Spark's types.
        nodes: its elements, in order.
        outputs: how the document's outputs are made of its columns.
        session: what decided how Spark computed.
    """

    inputs: dict[str, str]
    nodes: tuple[Node, ...]
    outputs: tuple[Output, ...]
    session: dict[str, object]


def build_plan(model: PipelineModel, schema: StructType, document: bytes) -> Plan:
    """Builds the plan of `model`, whose raw columns are `schema`, for its PMML document.

    Raises:
        NoPlan: a stage does what a plan can't say, or an output of the document isn't a column of Spark's.
    """
    spark = SparkSession.getActiveSession()
    if spark is None:
        raise NoPlan("there is no Spark session")
    try:
        nodes, after = _nodes(model, schema, spark)
    except (Py4JError, PySparkException) as failure:
        lines = str(failure).strip().splitlines() or [type(failure).__name__]
        raise NoPlan(f"Spark refuses the pipeline without data: {lines[0]}") from None
    made = outputs(document, after)
    kept = _needed(nodes, {output.column for output in made if output.column is not None})
    written: set[str] = set()
    inputs: dict[str, str] = {}
    for node in kept:
        for name in node.reads:
            if name not in written and name not in inputs:
                inputs[name] = type_name(schema[name].dataType)
        written.update(node.writes)
    for output in made:
        if output.column is not None and output.column not in written and output.column not in inputs:
            inputs[output.column] = type_name(schema[output.column].dataType)
    return Plan(inputs, kept, tuple(made), arithmetic(spark))


def _nodes(model: PipelineModel, schema: StructType, spark: SparkSession) -> tuple[list[Node], StructType]:
    nodes: list[Node] = []
    vectors: dict[str, int] = {}
    frame = spark.createDataFrame([], schema)
    with tempfile.TemporaryDirectory(prefix="pillion-plan-") as folder:
        model.write().overwrite().save(f"file:{folder}/model")
        for number, (path, stage) in enumerate(_stages(model, Path(folder) / "model")):
            saved = Saved.read(path)
            if saved.kind not in WRITERS:
                raise NoPlan(f"{saved.uid} is a {saved.kind}, for which plans have no element")
            after = stage.transform(frame)
            java = stage._java_obj if hasattr(stage, "_java_obj") else stage
            surroundings = Stage(saved, java, frame.schema, after.schema, spark, number, vectors)
            try:
                nodes += WRITERS[saved.kind](surroundings)
            except (KeyError, IndexError, TypeError, ValueError) as unexpected:
                raise NoPlan(f"{saved.uid} isn't saved in the form that is known: {unexpected!r}") from unexpected
            frame = after
    return nodes, frame.schema


def _stages(model: PipelineModel, folder: Path) -> Iterator[tuple[Path, Any]]:
    """The stages with the folders that they were saved to; those of pipelines in the pipeline one by one."""
    folders = {path.name.split("_", 1)[1]: path for path in (folder / "stages").iterdir()}
    for stage in model.stages:
        if isinstance(stage, PipelineModel):
            yield from _stages(stage, folders[stage.uid])
        else:
            yield folders[stage.uid], stage


def _needed(nodes: list[Node], wanted: set[str]) -> tuple[Node, ...]:
    """The nodes that the wanted columns need, and those that drop rows with what those need."""
    needed = set(wanted)
    kept = []
    for node in reversed(nodes):
        if node.filters or needed.intersection(node.writes):
            kept.append(node)
            # An earlier column of the same name isn't this one.
            needed.difference_update(node.writes)
            needed.update(node.reads)
    return tuple(reversed(kept))
