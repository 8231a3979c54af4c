"""Spark's `GBTClassifier` and `GBTRegressor`."""

from pillion.export.plan.element import numbers
from pillion.export.plan.stage import Node, Stage
from pillion.export.plan.tree import add_forest, tree_model


def write(stage: Stage) -> list[Node]:
    """Writes `GBTClassificationModel` and `GBTRegressionModel`, whose trees predict numbers in either case."""
    node = tree_model(stage, "gradientBoostedTrees")
    # Spark writes these rows as tuples: number of the tree, its metadata, its weight.
    weights = {row["_1"]: float(row["_3"]) for row in stage.saved.rows("treesMetadata")}
    numbers(node.element, "weights", [weights[tree] for tree in sorted(weights)])
    add_forest(stage, node.element, None)
    return [node]
