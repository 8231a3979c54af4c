"""Spark's `IDF`."""

from pillion.export.plan.element import numbers
from pillion.export.plan.linalg import dense
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `IDFModel`, which multiplies each element by a weight, as `ElementwiseProduct` does."""
    weights = dense(stage.saved.row["idf"])
    node = stage.vector_node("elementwiseProduct", len(weights))
    numbers(node.element, "factors", weights)
    return [node]
