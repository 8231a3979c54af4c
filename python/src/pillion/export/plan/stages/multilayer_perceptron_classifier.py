"""Spark's `MultilayerPerceptronClassifier`."""

from itertools import pairwise

from pillion.export.plan.element import UnsupportedPlan, numbers
from pillion.export.plan.linalg import dense
from pillion.export.plan.predictor import add_thresholds, classifier
from pillion.export.plan.stage import Node, Stage

_BLOCKED = 1_000_000
"""From so many multiplications on, Spark multiplies matrices block by block."""


def write(stage: Stage) -> list[Node]:
    """Writes `MultilayerPerceptronClassificationModel`."""
    saved = stage.saved
    layers = [int(width) for width in saved.params["layers"]]
    if any(wide * narrow >= _BLOCKED for wide, narrow in pairwise(layers)):
        raise UnsupportedPlan(
            f"{saved.uid} has the layers {layers}, one of which Spark multiplies block by block; keep the weights"
            f" between two layers below {_BLOCKED:,}"
        )
    node = classifier(stage, "perceptron")
    numbers(node.element, "layers", layers)
    numbers(node.element, "weights", dense(saved.row["weights"]))
    add_thresholds(stage, node)
    return [node]
