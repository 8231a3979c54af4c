"""A pipeline whose stages have been written, and the plan of the outputs that are wanted of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pyspark.sql.types import DecimalType, StructType

from pillion.export.plan.element import UnsupportedPlan
from pillion.export.plan.outputs import Output, spark_outputs
from pillion.export.plan.stage import Made, Node, type_name

SPELLED_TYPES = frozenset({"date", "timestamp", "timestamp_ntz", "decimal", "strings"})
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
