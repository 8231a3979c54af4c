"""Linear models."""

from typing import Any
from xml.etree.ElementTree import Element

from pillion.export.plan.element import UnsupportedPlan, add, element, numbers, text
from pillion.export.plan.saved import dense
from pillion.export.plan.stage import Node, Stage


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
        node.element.set("threshold", text(float(stage.java.getThreshold())))
        node.element.set("intercept", text(dense(data["interceptVector"])[0]))
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


def linear_regression(stage: Stage) -> list[Node]:
    """`LinearRegressionModel`."""
    node = _regressor(stage, "linearRegression")
    _line(stage, node.element)
    return [node]


def linear_svc(stage: Stage) -> list[Node]:
    """`LinearSVCModel`."""
    node = classifier(stage, "linearSvc", probability=False)
    node.element.set("threshold", text(float(stage.saved.params["threshold"])))
    _line(stage, node.element)
    return [node]


_LINKS = {"gaussian": "identity", "binomial": "logit", "poisson": "log", "gamma": "inverse"}
_POWER_FAMILIES = {0.0: "gaussian", 1.0: "poisson", 2.0: "gamma"}
_POWER_LINKS = {0.0: "log", 1.0: "identity", -1.0: "inverse", 0.5: "sqrt"}


def generalized_linear_regression(stage: Stage) -> list[Node]:
    """`GeneralizedLinearRegressionModel`."""
    params = stage.saved.params
    if params.get("offsetCol"):
        raise UnsupportedPlan(f"{stage.saved.uid} has an offset column")
    family = str(params["family"]).lower()
    power = None
    if family == "tweedie":
        variance = float(params["variancePower"])
        power = float(params["linkPower"]) if "linkPower" in params else 1.0 - variance
        family = _POWER_FAMILIES.get(variance, family)
        link = _POWER_LINKS.get(power, "power")
    else:
        link = str(params.get("link") or _LINKS[family]).lower()
    node = _regressor(stage, "generalizedLinearRegression")
    node.element.set("family", family)
    node.element.set("link", link)
    if link == "power":
        node.element.set("link-power", text(power))
    _line(stage, node.element)
    name = str(params.get("linkPredictionCol") or "")
    if not name:
        return [node]
    node.element.set("link-prediction", name)
    return [Node(node.element, node.reads, (*node.writes, name))]


def _regressor(stage: Stage, name: str) -> Node:
    features, label = str(stage.saved.params["featuresCol"]), str(stage.saved.params["predictionCol"])
    return Node(element(name, features=features, prediction=label), (features,), (label,))


def _line(stage: Stage, node: Element) -> None:
    node.set("intercept", text(float(stage.saved.row["intercept"])))
    vector(node, stage.saved.row["coefficients"])
