"""Spark's `ElementwiseProduct`."""

from pillion.export.plan.element import numbers
from pillion.export.plan.linalg import dense
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `ElementwiseProduct`."""
    factors = dense(stage.saved.params["scalingVec"])
    node = stage.vector_node("elementwiseProduct", len(factors))
    numbers(node.element, "factors", factors)
    return [node]
