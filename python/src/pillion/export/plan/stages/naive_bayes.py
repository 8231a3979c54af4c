"""Spark's `NaiveBayes`."""

from pillion.export.plan.element import UnsupportedPlan, numbers
from pillion.export.plan.linalg import add_matrix, dense
from pillion.export.plan.predictor import add_thresholds, classifier
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `NaiveBayesModel` of multinomial features."""
    saved = stage.saved
    if saved.params["modelType"] != "multinomial":
        raise UnsupportedPlan(f"{saved.uid} is {saved.params['modelType']}, for which plans have no element")
    node = classifier(stage, "naiveBayes")
    add_matrix(node.element, saved.row["theta"])
    numbers(node.element, "priors", dense(saved.row["pi"]))
    add_thresholds(stage, node)
    return [node]
