"""From a fitted pipeline to its plan."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from pillion.export.plan.arithmetic import arithmetic
from pillion.export.plan.element import UnsupportedPlan
from pillion.export.plan.outputs import Output, outputs
from pillion.export.plan.saved import Saved
from pillion.export.plan.stage import Node, Stage, type_name
from pillion.export.plan.stages import WRITERS
from pillion.export.pmml import PmmlDocument

__all__ = ["Plan", "UnsupportedPlan", "build_plan"]


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


def build_plan(model: PipelineModel, schema: StructType, document: PmmlDocument) -> Plan:
    """Builds the plan of `model`, whose raw columns are `schema`, for its PMML document.

    Raises:
        UnsupportedPlan: a stage does what a plan can't say, or an output of the document isn't a column of Spark's.
    """
    spark = SparkSession.getActiveSession()
    if spark is None:
        raise UnsupportedPlan("there is no Spark session")
    try:
        nodes, after = _nodes(model, schema, spark)
    except (Py4JError, PySparkException) as failure:
        lines = str(failure).strip().splitlines() or [type(failure).__name__]
        raise UnsupportedPlan(f"Spark refuses the pipeline without data: {lines[0]}") from None
    made = outputs(document, after)
    kept = _needed(nodes, {output.column for output in made if output.column is not None})
    written: set[str] = set()
    inputs: dict[str, str] = {}
    for node in kept:
        for name in node.reads:
            if name not in written and name not in inputs:
                inputs[name] = _raw_type(schema, name)
        written.update(node.writes)
    for output in made:
        if output.column is not None and output.column not in written and output.column not in inputs:
            inputs[output.column] = _raw_type(schema, output.column)
    return Plan(inputs, kept, tuple(made), arithmetic(spark))


def _raw_type(schema: StructType, name: str) -> str:
    if name not in schema.fieldNames():
        raise UnsupportedPlan(f"the column {name!r} is made by no stage that plans have an element for")
    return type_name(schema[name].dataType)


def _nodes(model: PipelineModel, schema: StructType, spark: SparkSession) -> tuple[list[Node], StructType]:
    nodes: list[Node] = []
    vectors: dict[str, int] = {}
    frame = spark.createDataFrame([], schema)
    with tempfile.TemporaryDirectory(prefix="pillion-plan-") as folder:
        model.write().overwrite().save(f"file:{folder}/model")
        for number, (path, stage) in enumerate(_stages(model, Path(folder) / "model", spark)):
            saved = Saved.read(path)
            if saved.kind not in WRITERS:
                raise UnsupportedPlan(f"{saved.uid} is a {saved.kind}, for which plans have no element")
            after = stage.transform(frame)
            java = stage._java_obj if hasattr(stage, "_java_obj") else stage
            surroundings = Stage(saved, java, frame.schema, spark, number, vectors)
            try:
                nodes += WRITERS[saved.kind](surroundings)
            except (KeyError, IndexError, TypeError, ValueError) as unexpected:
                raise UnsupportedPlan(
                    f"{saved.uid} isn't saved in the form that is known: {unexpected!r}"
                ) from unexpected
            frame = after
    return nodes, frame.schema


class _JavaStage:
    """A stage that has no counterpart in Python."""

    def __init__(self, java: Any, session: SparkSession) -> None:
        self._java_obj = java
        self._session = session
        self.uid = str(java.uid())

    def transform(self, frame: DataFrame) -> DataFrame:
        return DataFrame(self._java_obj.transform(frame._jdf), self._session)


def _stages(model: Any, folder: Path, session: SparkSession) -> Iterator[tuple[Path, Any]]:
    """The stages with the folders that they were saved to; those inside pipelines and formulas one by one."""
    for path, stage in zip(_folders(folder), model.stages, strict=True):
        if isinstance(stage, PipelineModel):
            yield from _stages(stage, path, session)
        elif type(stage).__name__ == "RFormulaModel":
            inner = stage._java_obj.pipelineModel().stages()
            for saved, java in zip(_folders(path / "pipelineModel"), inner, strict=True):
                yield saved, _JavaStage(java, session)
        else:
            yield path, stage


def _folders(pipeline: Path) -> list[Path]:
    """The folders of a pipeline's stages in order, by the numbers that their names begin with."""
    return sorted((pipeline / "stages").iterdir(), key=lambda path: int(path.name.split("_", 1)[0]))


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
