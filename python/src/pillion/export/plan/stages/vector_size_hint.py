"""Spark's `VectorSizeHint`."""

from pillion.export.plan.element import UnsupportedPlan, element
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `VectorSizeHint`, whose column stays where it is."""
    saved = stage.saved
    column, size, invalid = saved.input, int(saved.params["size"]), saved.params["handleInvalid"]
    if stage.size(column) != size:
        raise UnsupportedPlan(
            f"{saved.uid} expects vectors of size {size} in {column!r}, which has others; set the size that they have"
        )
    node = element("vectorSizeHint", invalid=invalid, in_=column, out=column, size=size)
    return [Node(node, (column,), (column,), filters=invalid == "skip")]
