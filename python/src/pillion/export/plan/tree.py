"""Decision trees and forests of them, as elements of a plan."""

from collections.abc import Sequence
from typing import Any

from pillion.export.plan.element import Element, add, numbers
from pillion.export.plan.predictor import add_thresholds, classifier, regressor
from pillion.export.plan.stage import Node, Stage

_LEAF = -1


def classes_of(stage: Stage) -> int | None:
    """Returns how many classes a tree model tells apart; None for a regressor."""
    return int(stage.java.numClasses()) if "Classification" in stage.saved.kind else None


def tree_model(stage: Stage, name: str) -> Node:
    """Returns the node of a model of trees, still without a tree."""
    classes = classes_of(stage)
    node = regressor(stage, name) if classes is None else classifier(stage, name, classes=classes)
    if classes is not None:
        add_thresholds(stage, node)
    node.element.set("size", str(int(stage.java.numFeatures())))
    return node


def add_forest(stage: Stage, parent: Element, classes: int | None) -> None:
    """Adds the trees of a saved forest; leaves predict numbers where there are no classes."""
    trees: dict[int, list[dict[str, Any]]] = {}
    for row in stage.saved.rows():
        trees.setdefault(row["treeID"], []).append(row["nodeData"])
    for tree in sorted(trees):
        add_tree(parent, trees[tree], classes)


def add_tree(parent: Element, rows: Sequence[dict[str, Any]], classes: int | None) -> None:
    """Adds a saved tree: arrays of its nodes in the order of their ids."""
    nodes = sorted(rows, key=lambda row: int(row["id"]))
    indices = {row["id"]: index for index, row in enumerate(nodes)}
    tree = add(parent, "tree")
    features, limits, lefts, rights, values, inner = [], [], [], [], [], []
    for index, row in enumerate(nodes):
        leaf = row["leftChild"] < 0
        split = row["split"]
        categorical = not leaf and split["numCategories"] >= 0
        features.append(_LEAF if leaf else split["featureIndex"])
        limits.append(0.0 if leaf or categorical else float(split["leftCategoriesOrThreshold"][0]))
        lefts.append(_LEAF if leaf else indices[row["leftChild"]])
        rights.append(_LEAF if leaf else indices[row["rightChild"]])
        if leaf:
            values += (
                [float(row["prediction"])] if classes is None else [float(x) for x in row["impurityStats"][:classes]]
            )
            continue
        # No score is made of it, but explanations are. Counts of classes are the sums of the children's.
        inner.append(float(row["prediction"]))
        if categorical:
            left = [int(category) for category in split["leftCategoriesOrThreshold"]]
            numbers(tree, "categories", left).attrib.update({"node": str(index), "arity": str(split["numCategories"])})
    numbers(tree, "feature", features)
    numbers(tree, "threshold", limits)
    numbers(tree, "left", lefts)
    numbers(tree, "right", rights)
    numbers(tree, "value", values)
    if classes is None and inner:
        numbers(tree, "inner", inner)
