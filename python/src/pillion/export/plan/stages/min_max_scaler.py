"""Spark's `MinMaxScaler`."""

from pillion.export.plan.element import numbers
from pillion.export.plan.linalg import dense
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `MinMaxScalerModel`."""
    params, data = stage.saved.params, stage.saved.row
    node = stage.vector_node("minMaxScaler", min=float(params["min"]), max=float(params["max"]))
    numbers(node.element, "low", dense(data["originalMin"]))
    numbers(node.element, "high", dense(data["originalMax"]))
    return [node]
