"""Linear models."""

from typing import Any
from xml.etree.ElementTree import Element

from pillion.training.plan.markup import add, element, numbers
from pillion.training.plan.node import Node, Stage
from pillion.training.plan.saved import dense


def logistic_regression(stage: Stage) -> list[Node]:
    """`LogisticRegressionModel`, binomial or multinomial."""
    data = stage.saved.row
    node = classifier(stage, "logisticRegression")
    if data["isMultinomial"]:
        matrix(node.element, data["coefficientMatrix"])
        numbers(node.element, "intercepts", dense(data["interceptVector"]))
        thresholds(stage, node.element)
    else:
        # Spark derives it from `thresholds` where those are set.
        node.element.set("threshold", repr(float(stage.java.getThreshold())))
        node.element.set("intercept", repr(dense(data["interceptVector"])[0]))
        only_row(node.element, data["coefficientMatrix"])
    return [node]


def classifier(stage: Stage, name: str, *, probability: bool = True) -> Node:
    """The node of a classifier: the columns that it takes and makes."""
    params = stage.saved.params
    features = str(params["featuresCol"])
    raw, share, label = (str(params.get(key, "")) for key in ("rawPredictionCol", "probabilityCol", "predictionCol"))
    share = share if probability else ""
    node = element(name, features=features, raw=raw, probability=share or None, prediction=label)
    for column in (raw, share):
        if column:
            stage.vectors[column] = int(stage.java.numClasses())
    return Node(node, (features,), tuple(column for column in (raw, share, label) if column))


def thresholds(stage: Stage, node: Element) -> None:
    """Adds the parameter `thresholds` where it is set."""
    if stage.saved.params.get("thresholds"):
        numbers(node, "thresholds", [float(value) for value in stage.saved.params["thresholds"]])


def matrix(node: Element, saved: dict[str, Any]) -> None:
    """Adds a matrix in the form in which Spark holds it."""
    child = add(node, "matrix", rows=saved["numRows"], columns=saved["numCols"], transposed=bool(saved["isTransposed"]))
    numbers(child, "values", [float(value) for value in saved["values"]])
    if saved["type"] == 0:
        numbers(child, "starts", saved["colPtrs"])
        numbers(child, "positions", saved["rowIndices"])


def coefficients(node: Element, size: int, values: list[float], indices: list[int] | None) -> None:
    """Adds coefficients, dense or sparse as Spark holds them."""
    child = add(node, "coefficients", size=size)
    numbers(child, "values", values)
    if indices is not None:
        numbers(child, "indices", indices)


def vector(node: Element, saved: dict[str, Any]) -> None:
    """Adds coefficients from a saved vector."""
    values = [float(value) for value in saved["values"]]
    if saved["type"] == 1:
        coefficients(node, len(values), values, None)
    else:
        coefficients(node, int(saved["size"]), values, [int(index) for index in saved["indices"]])


def only_row(node: Element, saved: dict[str, Any]) -> None:
    """Adds coefficients from a saved matrix of one row, which is row by row."""
    values = [float(value) for value in saved["values"]]
    coefficients(node, int(saved["numCols"]), values, saved["rowIndices"] if saved["type"] == 0 else None)
