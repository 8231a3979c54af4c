"""Spark's `DCT`."""

from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `DCT`."""
    return [stage.vector_node("dct", inverse=bool(stage.saved.params["inverse"]))]
