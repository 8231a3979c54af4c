"""The outputs of a plan: columns that Spark's pipeline adds, element by element where they are vectors."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql.types import StructType

from pillion.export.plan.element import UnsupportedPlan
from pillion.export.plan.stage import Made, Node, type_name

MOST_ELEMENTS = 4096
"""Elements of a vector that are outputs, where it isn't a predictor's; of a longer one none is."""
_TYPES = {
    "double": "double", "float": "float", "long": "integer", "integer": "integer", "short": "integer",
    "byte": "integer", "boolean": "boolean", "string": "string",
}  # fmt: skip


@dataclass(frozen=True)
class Output:
    """An output.

    Attributes:
        field: its name.
        column: Spark's column; None where the output is missing in every row.
        element: which element of Spark's vector it is, or None.
        classes: what Spark's labels 0, 1, … stand for, or None where the value is the column's own.
        above: where the column has the probability of the second of two classes: above which it is taken.
        complement: whether the output is what the column lacks to 1.
        type: `double`, `float`, `integer`, `boolean` or `string`; None where the document's model declares it.
        kind: `prediction`, `probability` or `other`; None where the document's model declares it.
        label: the class that a probability belongs to, where the model doesn't declare it.
    """

    field: str
    column: str | None
    element: int | None = None
    classes: tuple[str, ...] | None = None
    above: float | None = None
    complement: bool | None = None
    type: str | None = None
    kind: str | None = None
    label: str | None = None

    @property
    def plain(self) -> bool:
        """Whether its value is Spark's own."""
        return self.classes is None and self.above is None and self.complement is None


def spark_outputs(
    nodes: Sequence[Node], schema: StructType, sizes: Mapping[str, int], known: Iterable[Output] = ()
) -> list[Output]:
    """Returns the outputs that a pipeline has by itself.

    They are the predictors' columns, and the numbers and texts that later stages make of those; where nothing is
    predicted, every column that a stage makes.

    Args:
        nodes: the plan's elements.
        schema: Spark's columns after the last stage.
        sizes: of the columns of vectors.
        known: outputs that there are already; what is Spark's own value there isn't returned again.

    Raises:
        UnsupportedPlan: there is nothing to return.
    """
    known = list(known)
    taken = {output.field for output in known}
    covered = {(output.column, output.element) for output in known if output.plain}
    found, passed = [], []
    for made in _made(nodes, schema):
        outputs = _outputs(made, type_name(schema[made.column].dataType), sizes)
        if not outputs:
            passed.append(f"{made.column!r} ({schema[made.column].dataType.simpleString()})")
        found += [o for o in outputs if o.field not in taken and (o.column, o.element) not in covered]
    if not found and not known:
        reason = f": none can be returned of {', '.join(passed)}" if passed else ""
        raise UnsupportedPlan(f"no stage makes a column for an output{reason}")
    return found


def _made(nodes: Sequence[Node], schema: StructType) -> list[Made]:
    """The columns that are outputs; of several of one name the last."""
    columns: dict[str, Made | None] = {}
    predicted: set[str] = set()
    for node in nodes:
        derived = not predicted.isdisjoint(node.reads)
        predicted.difference_update(node.writes)
        if node.makes or derived:
            predicted.update(node.writes)
        makes = {made.column: made for made in node.makes}
        for name in (*makes, *(name for name in node.writes if name not in makes)):
            columns.pop(name, None)
            columns[name] = makes.get(name)
            if name not in makes and derived and name in schema.fieldNames():
                kind = type_name(schema[name].dataType)
                if kind != "vector":
                    columns[name] = Made(name, "prediction" if kind == "string" else "other")
    there = {name: made for name, made in columns.items() if name in schema.fieldNames()}
    if any(node.makes for node in nodes):
        return [made for made in there.values() if made is not None]
    return [Made(name, "other") for name in there]


def _outputs(made: Made, kind: str, sizes: Mapping[str, int]) -> list[Output]:
    if kind in _TYPES:
        return [Output(made.column, made.column, type=_TYPES[kind], kind=made.kind)]
    # A plan has hashes, in Spark an array of vectors of one element, as a vector.
    size = sizes.get(made.column, 0) if kind in ("vector", "vectors") else 0
    if not made.classes and size > MOST_ELEMENTS:
        return []
    if made.classes:
        return [
            Output(f"{made.column}({name})", made.column, place, type="double", kind=made.kind, label=name)
            for place, name in enumerate(made.classes)
        ]
    return [
        Output(f"{made.column}[{place}]", made.column, place, type="double", kind=made.kind) for place in range(size)
    ]
