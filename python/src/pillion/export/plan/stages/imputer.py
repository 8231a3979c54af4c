"""Spark's `Imputer`."""

from pillion.export.plan.element import add, element
from pillion.export.plan.stage import Node, Stage

_WHOLE = frozenset({"long", "integer", "short", "byte"})


def write(stage: Stage) -> list[Node]:
    """Writes `ImputerModel`."""
    saved = stage.saved
    nodes = []
    for source, target in saved.columns:
        surrogate = float(saved.row[source])
        if stage.kind(source) in _WHOLE and not surrogate.is_integer():
            stage.loses(
                f"it fills {source!r}, of whole numbers, by {surrogate!r}, which PMML takes for no value of it; cast"
                " the column to double"
            )
        node = element("imputer", missing=float(saved.params["missingValue"]))
        add(node, "column", in_=source, out=target, surrogate=surrogate)
        nodes.append(Node(node, (source,), (target,)))
    return nodes
