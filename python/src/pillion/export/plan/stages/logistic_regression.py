"""Spark's `LogisticRegression`, binomial or multinomial."""

from pillion.export.plan.element import numbers, text
from pillion.export.plan.linalg import add_matrix, add_only_row, dense
from pillion.export.plan.predictor import add_thresholds, classifier
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `LogisticRegressionModel`."""
    data = stage.saved.row
    node = classifier(stage, "logisticRegression")
    intercepts = dense(data["interceptVector"])
    if data["isMultinomial"]:
        add_matrix(node.element, data["coefficientMatrix"])
        numbers(node.element, "intercepts", intercepts)
        add_thresholds(stage, node)
    else:
        # Spark derives it from `thresholds` where those are set.
        node.element.set("threshold", text(float(stage.java.getThreshold())))
        node.element.set("intercept", text(intercepts[0]))
        add_only_row(node.element, data["coefficientMatrix"])
    return [node]
