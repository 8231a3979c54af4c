"""Spark's `LinearRegression`."""

from pillion.export.plan.linalg import add_vector
from pillion.export.plan.predictor import regressor
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `LinearRegressionModel`."""
    node = regressor(stage, "linearRegression", intercept=float(stage.saved.row["intercept"]))
    add_vector(node.element, stage.saved.row["coefficients"])
    return [node]
