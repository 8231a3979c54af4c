"""From a fitted pipeline to its plan."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import DecimalType, StructType

from pillion.export.plan.arithmetic import arithmetic
from pillion.export.plan.element import MadeByRefused, UnsupportedPlan
from pillion.export.plan.fitted import stage_problem
from pillion.export.plan.outputs import Output, spark_outputs
from pillion.export.plan.saved import Saved
from pillion.export.plan.stage import Made, Node, Stage, type_name
from pillion.export.plan.stages import WRITERS
from pillion.export.plan.stages.without_element import WITHOUT_ELEMENT
from pillion.parity.spark_frame import transform_empty

SPELLED_TYPES = frozenset({"date", "timestamp", "decimal", "strings"})
"""Those of inputs that come as texts of a form, which other consumers of PMML don't know."""
INPUT_TYPES = SPELLED_TYPES | {
    "double", "float", "long", "integer", "short", "byte", "boolean", "string", "vector",
}  # fmt: skip
"""Spark's types of inputs that plans can have."""


@dataclass(frozen=True)
class Input:
    """A raw column that a plan needs.

    Attributes:
        name: its name.
        type: Spark's type, by its short name.
        size: length of its vectors, whose elements are the document's inputs; None for another type.
        precision: how many digits a decimal number has; None for another type.
        scale: how many of those are after the point.
    """

    name: str
    type: str
    size: int | None = None
    precision: int | None = None
    scale: int | None = None


@dataclass(frozen=True)
class Plan:
    """A plan.

    Attributes:
        inputs: the raw columns that it needs.
        nodes: its elements, in order.
        outputs: how outputs are made of its columns.
        session: what decided how Spark computed.
    """

    inputs: tuple[Input, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[Output, ...]
    session: dict[str, object]


@dataclass(frozen=True)
class WalkedStage:
    """A stage of a pipeline that was walked.

    Attributes:
        uid: Spark's name for it.
        kind: its class's simple name.
        transformer: it itself, or Spark's own object in the same guise.
        nodes: how many of the plan's elements those of all stages up to it are.
        after: Spark's columns after it.
    """

    uid: str
    kind: str
    transformer: Any
    nodes: int
    after: StructType


@dataclass(frozen=True)
class Walked:
    """A pipeline whose stages have been written, of which plans for some outputs can be made.

    Attributes:
        nodes: the elements of all stages, in order.
        before: the raw columns.
        after: Spark's columns after the last stage.
        sizes: of the columns of vectors.
        session: what decided how Spark computed.
        losses: what the converter would leave out of the document's model without a word.
        labels: columns that models were trained on, and that scoring reads for nothing else.
        raw_sizes: of the raw columns that are vectors.
        stages: the stages, in order.
    """

    nodes: tuple[Node, ...]
    before: StructType
    after: StructType
    sizes: dict[str, int]
    session: dict[str, object]
    losses: tuple[str, ...]
    labels: frozenset[str]
    raw_sizes: Mapping[str, int]
    stages: tuple[WalkedStage, ...]

    def until(self, place: int) -> "Walked":
        """Returns the pipeline of the stages up to one of them, whose own columns are the outputs."""
        stage = self.stages[place]
        first = self.stages[place - 1].nodes if place else 0
        before = [replace(node, makes=()) for node in self.nodes[:first]]
        last = [
            replace(node, makes=tuple(Made(name, "other") for name in node.writes))
            for node in self.nodes[first : stage.nodes]
        ]
        return replace(self, nodes=(*before, *last), after=stage.after, stages=self.stages[: place + 1])

    def plan(self, known: Iterable[Output] = ()) -> Plan:
        """Returns the plan of the outputs that the document's model has, and of those that the pipeline has besides.

        Raises:
            UnsupportedPlan: an output or an input isn't one that a plan can have.
        """
        known = list(known)
        made = [*known, *spark_outputs(self.nodes, self.after, self.sizes, known)]
        kept = _needed(self.nodes, {output.column for output in made if output.column is not None}, self.labels)
        inputs = self._inputs(kept, {output.column for output in made if output.column is not None})
        problems = [problem for name in inputs if (problem := self._problem(name, frozenset())) is not None]
        if problems:
            raise UnsupportedPlan.of(problems)
        return Plan(tuple(map(self._input, inputs)), kept, tuple(made), self.session)

    def input_problems(self, more: Iterable[str]) -> list[str]:
        """Returns what is wrong with the raw columns that the stages take, a sentence for each.

        Args:
            more: columns that stages take which were refused, and so have no element.
        """
        there = frozenset(self.before.fieldNames())
        made = {name for stage in self.stages for name in stage.after.fieldNames()} - there
        found = (self._problem(name, frozenset(made)) for name in self._inputs(self.nodes, more))
        return [problem for problem in found if problem is not None]

    def _inputs(self, nodes: Iterable[Node], wanted: Iterable[str]) -> list[str]:
        """The columns that nodes take and none before makes, and those wanted that none makes; each once."""
        written: set[str] = set()
        taken: dict[str, None] = {}
        for node in nodes:
            taken.update(dict.fromkeys(name for name in node.reads if name not in written))
            written.update(node.writes)
        taken.update(dict.fromkeys(name for name in wanted if name not in written))
        return list(taken)

    def _problem(self, name: str, passed: frozenset[str]) -> str | None:
        """Why a column can't be an input; None where it can, or is one of those passed over."""
        if name in passed:
            return None
        if name not in self.before.fieldNames():
            return f"the column {name!r} is made by no stage that plans have an element for"
        data_type = self.before[name].dataType
        kind = type_name(data_type)
        if kind not in INPUT_TYPES:
            return (
                f"the input {name!r} is of type {data_type.simpleString()}, which no plan takes; cast it before the"
                f" pipeline to one of {', '.join(sorted(INPUT_TYPES))}"
            )
        if kind == "vector" and name not in self.raw_sizes:
            return (
                f"the size of the vectors in the input {name!r} isn't known; give rows with its elements {name}[0],"
                f" {name}[1], …"
            )
        return None

    def _input(self, name: str) -> Input:
        kind = type_name(self.before[name].dataType)
        if isinstance(decimal := self.before[name].dataType, DecimalType):
            return Input(name, kind, precision=decimal.precision, scale=decimal.scale)
        return Input(name, kind, self.raw_sizes[name] if kind == "vector" else None)


def walk(model: PipelineModel, schema: StructType, sizes: Mapping[str, int]) -> Walked:
    """Writes the stages of `model`.

    Args:
        model: the fitted pipeline.
        schema: its raw columns.
        sizes: of those of them that are vectors.

    Raises:
        UnsupportedPlan: a stage does what a plan can't say.
    """
    spark = SparkSession.getActiveSession()
    if spark is None:
        raise UnsupportedPlan("there is no Spark session")
    try:
        return _walk(model, schema, sizes, spark)
    except (Py4JError, PySparkException) as failure:
        lines = str(failure).strip().splitlines() or [type(failure).__name__]
        raise UnsupportedPlan(f"Spark refuses the pipeline without data: {lines[0]}") from None


def _walk(model: PipelineModel, schema: StructType, sizes: Mapping[str, int], spark: SparkSession) -> Walked:
    nodes: list[Node] = []
    vectors = dict(sizes)
    losses: list[str] = []
    stages: list[WalkedStage] = []
    labels: set[str] = set()
    problems: list[str] = []
    refused: set[str] = set()
    unwritten: list[str] = []
    frame = spark.createDataFrame([], schema)
    with tempfile.TemporaryDirectory(prefix="pillion-plan-") as folder:
        for number, (path, stage) in enumerate(_stages(model, Path(folder), spark)):
            if path is None:
                problems.append(str(stage_problem(stage)))
                after = _transformed(stage, frame, problems)
                refused.update(column.name for column in after.schema if column not in frame.schema.fields)
                frame = after
                continue
            saved = Saved.read(path).resolved(frame.columns)
            labels.add(str(saved.params.get("labelCol", "")))
            try:
                after = transform_empty(stage, frame)
            except (Py4JError, PySparkException) as failure:
                raise UnsupportedPlan.of([*problems, _refusal(saved, frame, failure)]) from None
            java = stage._java_obj if hasattr(stage, "_java_obj") else stage
            surroundings = Stage(saved, java, frame.schema, spark, number, vectors, losses, frozenset(refused))
            try:
                nodes += _written(surroundings)
            except UnsupportedPlan as problem:
                if not isinstance(problem, MadeByRefused):
                    problems += problem.problems
                unwritten += saved.taken()
                refused.update(column.name for column in after.schema if column not in frame.schema.fields)
            stages.append(WalkedStage(saved.uid, saved.kind, stage, len(nodes), after.schema))
            frame = after
    session = arithmetic(spark)
    walked = Walked(
        tuple(nodes), schema, frame.schema, vectors, session, tuple(losses), frozenset(labels), sizes, tuple(stages)
    )
    if problems:
        raise UnsupportedPlan.of([*problems, *walked.input_problems(unwritten)])
    return walked


def _transformed(stage: Any, frame: DataFrame, problems: Sequence[str]) -> DataFrame:
    """What a stage that no plan has makes of a frame.

    Raises:
        UnsupportedPlan: nothing; with all problems that are known so far.
    """
    try:
        return stage.transform(frame)  # type: ignore[no-any-return]
    except Exception:  # noqa: BLE001 - the stage is anybody's
        raise UnsupportedPlan.of(problems) from None


def _refusal(saved: Saved, frame: DataFrame, failure: Exception) -> str:
    """Why Spark itself does not take a stage after those before it."""
    absent = [name for name in saved.taken() if name not in frame.columns]
    if absent:
        return (
            f"{saved.uid} takes {', '.join(map(repr, absent))}, which is not among the columns before it:"
            f" {', '.join(map(repr, frame.columns))}; add it to the schema"
        )
    lines = str(failure).strip().splitlines() or [type(failure).__name__]
    return f"Spark refuses {saved.uid} without data: {lines[0]}"


def _written(stage: Stage) -> list[Node]:
    """The elements of a stage.

    Raises:
        UnsupportedPlan: it does what a plan can't say.
    """
    saved = stage.saved
    if saved.kind not in WRITERS:
        raise UnsupportedPlan(f"{saved.uid} is a {saved.kind}, {_absence(saved.kind)}")
    try:
        return WRITERS[saved.kind](stage)
    except (KeyError, IndexError, TypeError, ValueError) as unexpected:
        raise UnsupportedPlan(f"{saved.uid} isn't saved in the form that is known: {unexpected!r}") from unexpected


def _absence(kind: str) -> str:
    """Why plans have no element for a kind of stage, and what to do, as the ending of a sentence."""
    if kind in WITHOUT_ELEMENT:
        return f"which {WITHOUT_ELEMENT[kind].reason}; {WITHOUT_ELEMENT[kind].instead}"
    return "for which plans have no element; compute its columns before the pipeline, and give them as inputs"


class _JavaStage:
    """A stage that has no counterpart in Python."""

    def __init__(self, java: Any, session: SparkSession) -> None:
        self._java_obj = java
        self._session = session
        self.uid = str(java.uid())

    def transform(self, frame: DataFrame) -> DataFrame:
        return DataFrame(self._java_obj.transform(frame._jdf), self._session)


def _stages(model: Any, folder: Path, session: SparkSession) -> Iterator[tuple[Path | None, Any]]:
    """The stages, each with the folder that it was saved to; those inside pipelines and formulas one by one.

    One that nothing can be made of is not saved.
    """
    for number, stage in enumerate(model.stages):
        path = folder / str(number)
        if isinstance(stage, PipelineModel):
            yield from _stages(stage, path, session)
            continue
        if stage_problem(stage) is not None:
            yield None, stage
            continue
        stage.write().overwrite().save(path.as_uri())
        if type(stage).__name__ == "RFormulaModel":
            inner = stage._java_obj.pipelineModel().stages()
            for saved, java in zip(_folders(path / "pipelineModel"), inner, strict=True):
                yield saved, _JavaStage(java, session)
        else:
            yield path, stage


def _folders(pipeline: Path) -> list[Path]:
    """The folders of a saved pipeline's stages in order, by the numbers that their names begin with."""
    return sorted((pipeline / "stages").iterdir(), key=lambda path: int(path.name.split("_", 1)[0]))


def _needed(nodes: Iterable[Node], wanted: set[str], labels: frozenset[str]) -> tuple[Node, ...]:
    """The nodes that the wanted columns need, and those that drop rows, except for their label's sake."""
    needed = set(wanted)
    kept = []
    for node in reversed(list(nodes)):
        if needed.intersection(node.writes) or (node.filters and not (node.writes and labels.issuperset(node.writes))):
            kept.append(node)
            # An earlier column of the same name isn't this one.
            needed.difference_update(node.writes)
            needed.update(node.reads)
    return tuple(reversed(kept))
