"""Spark's `DecisionTreeClassifier` and `DecisionTreeRegressor`."""

from pillion.export.plan.stage import Node, Stage
from pillion.export.plan.tree import add_tree, classes_of, tree_model


def write(stage: Stage) -> list[Node]:
    """Writes `DecisionTreeClassificationModel` and `DecisionTreeRegressionModel`."""
    node = tree_model(stage, "decisionTree")
    add_tree(node.element, stage.saved.rows(), classes_of(stage))
    return [node]
