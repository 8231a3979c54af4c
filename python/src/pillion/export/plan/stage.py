"""What a stage contributes to a plan: elements with the columns that each reads and writes."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from pillion.export.plan.element import Element, MadeByRefused, UnsupportedPlan, element
from pillion.export.plan.saved import Saved


@dataclass(frozen=True)
class Made:
    """A column that a predictor makes, as an output.

    Attributes:
        column: its name.
        kind: `prediction`, `probability` or `other`.
        classes: what the elements of a vector of probabilities belong to, in their order.
    """

    column: str
    kind: str
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Node:
    """An element of a plan.

    Attributes:
        element: the element.
        reads: columns that it takes.
        writes: columns that it makes; those of its attributes that name them may be dropped one by one.
        filters: whether it drops rows, and so counts whatever the outputs are.
        makes: of a predictor's columns, those that are outputs of any pipeline that has it, in their order.
    """

    element: Element
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    filters: bool = False
    makes: tuple[Made, ...] = ()


@dataclass(frozen=True)
class Stage:
    """A fitted stage and its surroundings.

    Attributes:
        saved: its parameters and data.
        java: Spark's own object.
        before: columns that it is given.
        session: the Spark session.
        number: its place in the pipeline.
        vectors: sizes of the vector columns known so far, kept up by the stages.
        losses: what the converter's model would lose without a word, noted by `loses`.
        refused: columns that stages make which were refused.
    """

    saved: Saved
    java: Any
    before: StructType
    session: SparkSession
    number: int
    vectors: dict[str, int] = field(default_factory=dict)
    losses: list[str] = field(default_factory=list)
    refused: frozenset[str] = frozenset()

    def loses(self, what: str) -> None:
        """Says what the converter leaves out of the document's model, which is then left out as a whole.

        Args:
            what: a clause, such as "its offset column is ignored".
        """
        self.losses.append(f"{self.saved.uid}: {what}")

    def has(self, name: str) -> bool:
        """Whether a column is there before the stage."""
        return name in self.before.fieldNames()

    def kind(self, name: str) -> str:
        """The type of a column before the stage, by Spark's short name; `vector` for vectors.

        Raises:
            UnsupportedPlan: there is no such column.
        """
        if name not in self.before.fieldNames():
            raise UnsupportedPlan(f"{self.saved.uid} takes the column {name!r}, which is not there")
        return type_name(self.before[name].dataType)

    def attributes(self, name: str) -> dict[str, Any]:
        """Spark's ML attributes of a column: what its metadata says of categories and vector elements."""
        return dict(self.before[name].metadata.get("ml_attr", {}))

    def classes(self, count: int) -> tuple[str, ...]:
        """What a classifier's classes stand for: the values that its label was indexed from, else 0, 1, …."""
        label = str(self.saved.params.get("labelCol", ""))
        values = self.attributes(label).get("vals", ()) if self.has(label) else ()
        return tuple(map(str, values if len(values) == count else range(count)))

    def size(self, name: str) -> int:
        """The size of a column of vectors.

        Raises:
            UnsupportedPlan: it isn't known.
        """
        if name in self.vectors:
            return self.vectors[name]
        if name in self.refused:
            raise MadeByRefused(name)
        found = vector_size(self.attributes(name))
        if found is None:
            raise UnsupportedPlan(
                f"the size of the vectors in {name!r} isn't known; put a VectorSizeHint before {self.saved.uid}"
            )
        return found

    def vector_node(
        self, name: str, /, size: int | None = None, source: str | None = None, **attributes: object
    ) -> Node:
        """Returns the node of a stage that makes a vector of one column.

        Args:
            name: of its element.
            size: of the vector that it makes; that of the vector that it takes where None.
            source: the column that it takes; the parameter `inputCol` where None.
            attributes: further ones of the element.
        """
        column, target = source or self.saved.input, self.saved.output
        self.vectors[target] = self.size(column) if size is None else size
        return Node(element(name, in_=column, out=target, **attributes), (column,), (target,))


class StageWriter(Protocol):
    """Writes one kind of stage."""

    def __call__(self, stage: Stage) -> list[Node]:
        """Returns the stage's elements.

        Raises:
            UnsupportedPlan: it does what a plan can't say.
        """


def type_name(kind: Any) -> str:
    """Spark's short name of a type, as plans have it; `strings` and `vectors` for arrays of those."""
    name: str = kind.typeName()
    if name == "array" and kind.elementType.typeName() == "string":
        return "strings"
    if name == "array" and kind.elementType.typeName() == "vectorudt":
        return "vectors"
    return {"vectorudt": "vector", "tinyint": "byte", "smallint": "short", "bigint": "long"}.get(name, name)


def vector_size(attributes: dict[str, Any]) -> int | None:
    """The size of a vector column by its ML attributes."""
    if "num_attrs" in attributes:
        return int(attributes["num_attrs"])
    return None


def element_attributes(attributes: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The attributes of each element of a vector column, in order; None if there are none."""
    groups = attributes.get("attrs")
    if groups is None:
        return None
    flat = [{**item, "type": kind} for kind, items in groups.items() for item in items]
    return sorted(flat, key=lambda item: int(item["idx"]))
