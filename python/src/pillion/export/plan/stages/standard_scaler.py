"""Spark's `StandardScaler`."""

from pillion.export.plan.element import numbers
from pillion.export.plan.linalg import dense
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `StandardScalerModel`."""
    params, data = stage.saved.params, stage.saved.row
    return [
        scaler(
            stage,
            dense(data["mean"]) if params["withMean"] else None,
            dense(data["std"]) if params["withStd"] else None,
        )
    ]


def scaler(stage: Stage, shift: list[float] | None, widths: list[float] | None, *, no_width: float = 0.0) -> Node:
    """Returns a node that subtracts `shift` and divides by `widths`, or multiplies by `no_width` where a width is 0."""
    node = stage.vector_node("standardScaler")
    if shift is not None:
        numbers(node.element, "shift", shift)
    if widths is not None:
        numbers(node.element, "scale", [1.0 / width if width != 0.0 else no_width for width in widths])
    return node
