"""Spark's `GBTClassifier` and `GBTRegressor`."""

from pillion.export.plan.element import numbers
from pillion.export.plan.stage import Node, Stage
from pillion.export.plan.tree import add_forest, tree_model


def write(stage: Stage) -> list[Node]:
    """Writes `GBTClassificationModel` and `GBTRegressionModel`, whose trees predict numbers in either case."""
    node = tree_model(stage, "gradientBoostedTrees")
    # A row is the number of a tree, its metadata and its weight; since Spark 4 the columns have no names.
    weights = {tree: float(weight) for tree, _, weight in map(dict.values, stage.saved.rows("treesMetadata"))}
    numbers(node.element, "weights", [weights[tree] for tree in sorted(weights)])
    add_forest(stage, node.element, None)
    return [node]
