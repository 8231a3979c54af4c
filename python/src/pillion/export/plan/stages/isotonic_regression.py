"""Spark's `IsotonicRegression`."""

from pillion.export.plan.element import numbers
from pillion.export.plan.linalg import dense
from pillion.export.plan.predictor import regressor
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `IsotonicRegressionModel`, of a number or of an element of a vector."""
    node = regressor(stage, "isotonicRegression", element=int(stage.saved.params["featureIndex"]))
    numbers(node.element, "boundaries", dense(stage.saved.row["boundaries"]))
    numbers(node.element, "predictions", dense(stage.saved.row["predictions"]))
    return [node]
