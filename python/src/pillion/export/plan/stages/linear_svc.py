"""Spark's `LinearSVC`."""

from pillion.export.plan.linalg import add_vector
from pillion.export.plan.predictor import classifier
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `LinearSVCModel`."""
    params, data = stage.saved.params, stage.saved.row
    limits = {"threshold": float(params["threshold"]), "intercept": float(data["intercept"])}
    node = classifier(stage, "linearSvc", probability=False, **limits)
    add_vector(node.element, data["coefficients"])
    return [node]
