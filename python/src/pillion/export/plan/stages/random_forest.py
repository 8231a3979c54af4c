"""Spark's `RandomForestClassifier` and `RandomForestRegressor`."""

from pillion.export.plan.stage import Node, Stage
from pillion.export.plan.tree import add_forest, classes_of, tree_model


def write(stage: Stage) -> list[Node]:
    """Writes `RandomForestClassificationModel` and `RandomForestRegressionModel`."""
    node = tree_model(stage, "randomForest")
    add_forest(stage, node.element, classes_of(stage))
    return [node]
