"""Spark's `Imputer`."""

from pillion.export.plan.element import add, element
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `ImputerModel`."""
    saved = stage.saved
    nodes = []
    for source, target in saved.columns:
        node = element("imputer", missing=float(saved.params["missingValue"]))
        add(node, "column", in_=source, out=target, surrogate=float(saved.row[source]))
        nodes.append(Node(node, (source,), (target,)))
    return nodes
