"""Models that are neither linear nor trees."""

from itertools import pairwise

from pillion.export.plan.element import UnsupportedPlan, element, numbers
from pillion.export.plan.linear import classifier, matrix, thresholds, vector
from pillion.export.plan.saved import dense
from pillion.export.plan.stage import Node, Stage

_BLOCKED = 1_000_000
"""From so many multiplications on, Spark multiplies matrices block by block."""


def isotonic_regression(stage: Stage) -> list[Node]:
    """`IsotonicRegressionModel`, of a number or an element of a vector."""
    saved = stage.saved
    features, prediction = str(saved.params["featuresCol"]), str(saved.params["predictionCol"])
    node = element(
        "isotonicRegression", features=features, prediction=prediction, element=int(saved.params["featureIndex"])
    )
    data = saved.row
    numbers(node, "boundaries", _floats(data["boundaries"]))
    numbers(node, "predictions", _floats(data["predictions"]))
    return [Node(node, (features,), (prediction,))]


def _floats(values: object) -> list[float]:
    plain = dense(values) if isinstance(values, dict) else values
    return [float(value) for value in plain]  # type: ignore[attr-defined]


def k_means(stage: Stage) -> list[Node]:
    """`KMeansModel`."""
    saved = stage.saved
    features, prediction = str(saved.params["featuresCol"]), str(saved.params["predictionCol"])
    node = element("kMeans", features=features, prediction=prediction, distance=saved.params["distanceMeasure"])
    for row in sorted(saved.rows(), key=lambda row: int(row["clusterIdx"])):
        vector(node, row["clusterCenter"])
    return [Node(node, (features,), (prediction,))]


def naive_bayes(stage: Stage) -> list[Node]:
    """`NaiveBayesModel` of multinomial features."""
    saved = stage.saved
    if saved.params["modelType"] != "multinomial":
        raise UnsupportedPlan(f"{saved.uid} is {saved.params['modelType']}, for which plans have no element")
    node = classifier(stage, "naiveBayes")
    matrix(node.element, saved.row["theta"])
    numbers(node.element, "priors", dense(saved.row["pi"]))
    thresholds(stage, node.element)
    return [node]


def perceptron(stage: Stage) -> list[Node]:
    """`MultilayerPerceptronClassificationModel`."""
    saved = stage.saved
    layers = [int(width) for width in saved.params["layers"]]
    if any(wide * narrow >= _BLOCKED for wide, narrow in pairwise(layers)):
        raise UnsupportedPlan(f"{saved.uid} has a layer that Spark multiplies block by block")
    node = classifier(stage, "perceptron")
    numbers(node.element, "layers", layers)
    numbers(node.element, "weights", dense(saved.row["weights"]))
    thresholds(stage, node.element)
    return [node]
