"""Decision trees and their ensembles."""

from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element

from pillion.export.plan.element import add, element, numbers
from pillion.export.plan.linear import classifier, thresholds
from pillion.export.plan.stage import Node, Stage

_LEAF = -1


def decision_tree(stage: Stage) -> list[Node]:
    """`DecisionTreeClassificationModel`, `DecisionTreeRegressionModel`."""
    node = _model(stage, "decisionTree")
    _tree(node.element, stage.saved.rows(), _classes(stage))
    return [node]


def random_forest(stage: Stage) -> list[Node]:
    """`RandomForestClassificationModel`, `RandomForestRegressionModel`."""
    node = _model(stage, "randomForest")
    _forest(stage, node.element, _classes(stage))
    return [node]


def boosted_trees(stage: Stage) -> list[Node]:
    """`GBTClassificationModel`, `GBTRegressionModel`, whose trees predict numbers in either case."""
    node = _model(stage, "gradientBoostedTrees")
    # Spark writes these rows as tuples: number of the tree, its metadata, its weight.
    weights = {row["_1"]: float(row["_3"]) for row in stage.saved.rows("treesMetadata")}
    numbers(node.element, "weights", [weights[tree] for tree in sorted(weights)])
    _forest(stage, node.element, None)
    return [node]


def _classes(stage: Stage) -> int | None:
    return int(stage.java.numClasses()) if "Classification" in stage.saved.kind else None


def _model(stage: Stage, name: str) -> Node:
    classes = _classes(stage)
    if classes is None:
        features, label = str(stage.saved.params["featuresCol"]), str(stage.saved.params["predictionCol"])
        node = Node(element(name, features=features, prediction=label), (features,), (label,))
    else:
        node = classifier(stage, name)
        node.element.set("classes", str(classes))
        thresholds(stage, node.element)
    node.element.set("size", str(int(stage.java.numFeatures())))
    return node


def _forest(stage: Stage, node: Element, classes: int | None) -> None:
    trees: dict[int, list[dict[str, Any]]] = {}
    for row in stage.saved.rows():
        trees.setdefault(row["treeID"], []).append(row["nodeData"])
    for tree in sorted(trees):
        _tree(node, trees[tree], classes)


def _tree(parent: Element, rows: Sequence[dict[str, Any]], classes: int | None) -> None:
    nodes = sorted(rows, key=lambda row: int(row["id"]))
    places = {row["id"]: place for place, row in enumerate(nodes)}
    tree = add(parent, "tree")
    features, limits, lefts, rights, values, inner = [], [], [], [], [], []
    for place, row in enumerate(nodes):
        leaf = row["leftChild"] < 0
        split = row["split"]
        categorical = not leaf and split["numCategories"] >= 0
        features.append(_LEAF if leaf else split["featureIndex"])
        limits.append(0.0 if leaf or categorical else float(split["leftCategoriesOrThreshold"][0]))
        lefts.append(_LEAF if leaf else places[row["leftChild"]])
        rights.append(_LEAF if leaf else places[row["rightChild"]])
        if leaf:
            values += (
                [float(row["prediction"])] if classes is None else [float(x) for x in row["impurityStats"][:classes]]
            )
            continue
        # No score is made of it, but explanations are. Counts of classes are the sums of the children's.
        inner.append(float(row["prediction"]))
        if categorical:
            left = [int(category) for category in split["leftCategoriesOrThreshold"]]
            numbers(tree, "categories", left).attrib.update(node=str(place), arity=str(split["numCategories"]))
    numbers(tree, "feature", features)
    numbers(tree, "threshold", limits)
    numbers(tree, "left", lefts)
    numbers(tree, "right", rights)
    numbers(tree, "value", values)
    if classes is None and inner:
        numbers(tree, "inner", inner)
