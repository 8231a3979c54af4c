"""Spark's `FMClassifier` and `FMRegressor`."""

from pillion.export.plan.element import numbers
from pillion.export.plan.linalg import add_vector, dense_rows
from pillion.export.plan.predictor import add_thresholds, classifier, regressor
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `FMClassificationModel` and `FMRegressionModel`: an intercept, coefficients, and factors one by one."""
    data = stage.saved.row
    intercept = float(data["intercept"])
    if stage.saved.kind == "FMClassificationModel":
        node = classifier(stage, "fmClassifier", intercept=intercept)
        add_thresholds(stage, node)
    else:
        node = regressor(stage, "fmRegressor", intercept=intercept)
    add_vector(node.element, data["linear"])
    for factor in zip(*dense_rows(data["factors"]), strict=True):
        numbers(node.element, "factor", factor)
    return [node]
