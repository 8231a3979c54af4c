"""Spark's `Normalizer`."""

from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `Normalizer`."""
    return [stage.vector_node("normalizer", p=float(stage.saved.params["p"]))]
