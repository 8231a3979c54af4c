"""Spark's `NaiveBayes`."""

from pillion.export.plan.element import numbers
from pillion.export.plan.linalg import add_matrix, dense, dense_rows
from pillion.export.plan.predictor import add_thresholds, classifier
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `NaiveBayesModel`."""
    saved = stage.saved
    kind = str(saved.params["modelType"])
    # A plan without a type is multinomial.
    node = classifier(stage, "naiveBayes", type=None if kind == "multinomial" else kind)
    add_matrix(node.element, saved.row["theta"])
    numbers(node.element, "priors", dense(saved.row["pi"]))
    if kind == "gaussian":
        numbers(node.element, "variances", [value for row in dense_rows(saved.row["sigma"]) for value in row])
    add_thresholds(stage, node)
    return [node]
