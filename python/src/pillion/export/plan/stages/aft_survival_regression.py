"""Spark's `AFTSurvivalRegression`."""

from dataclasses import replace

from pillion.export.plan.element import numbers, text
from pillion.export.plan.linalg import add_vector
from pillion.export.plan.predictor import regressor
from pillion.export.plan.stage import Made, Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `AFTSurvivalRegressionModel`."""
    params, data = stage.saved.params, stage.saved.row
    node = regressor(stage, "aftSurvivalRegression", intercept=float(data["intercept"]))
    add_vector(node.element, data["coefficients"])
    quantiles = str(params.get("quantilesCol") or "")
    if not quantiles:
        return [node]
    node.element.set("quantiles", quantiles)
    node.element.set("scale", text(float(data["scale"])))
    numbers(node.element, "probabilities", [float(value) for value in params["quantileProbabilities"]])
    stage.vectors[quantiles] = len(params["quantileProbabilities"])
    writes, makes = (*node.writes, quantiles), (*node.makes, Made(quantiles, "other"))
    return [replace(node, writes=writes, makes=makes)]
