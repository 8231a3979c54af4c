"""Spark's `GeneralizedLinearRegression`."""

from dataclasses import replace

from pillion.export.plan.linalg import add_vector
from pillion.export.plan.predictor import regressor
from pillion.export.plan.stage import Made, Node, Stage

_LINKS = {"gaussian": "identity", "binomial": "logit", "poisson": "log", "gamma": "inverse"}
_POWER_FAMILIES = {0.0: "gaussian", 1.0: "poisson", 2.0: "gamma"}
_POWER_LINKS = {0.0: "log", 1.0: "identity", -1.0: "inverse", 0.5: "sqrt"}


def write(stage: Stage) -> list[Node]:
    """Writes `GeneralizedLinearRegressionModel`."""
    params, data = stage.saved.params, stage.saved.row
    family = str(params["family"]).lower()
    power = None
    if family == "tweedie":
        variance = float(params["variancePower"])
        power = float(params["linkPower"]) if "linkPower" in params else 1.0 - variance
        family = _POWER_FAMILIES.get(variance, family)
        link = _POWER_LINKS.get(power, "power")
    else:
        link = str(params.get("link") or _LINKS[family]).lower()
    offset = str(params.get("offsetCol") or "")
    link_prediction = str(params.get("linkPredictionCol") or "")
    node = regressor(
        stage,
        "generalizedLinearRegression",
        family=family,
        link=link,
        link_power=power if link == "power" else None,
        intercept=float(data["intercept"]),
        offset=offset or None,
        link_prediction=link_prediction or None,
    )
    add_vector(node.element, data["coefficients"])
    if offset:
        stage.loses("its offset column is ignored")
    reads = (*node.reads, offset) if offset else node.reads
    if not link_prediction:
        return [replace(node, reads=reads)]
    writes, makes = (*node.writes, link_prediction), (*node.makes, Made(link_prediction, "other"))
    return [replace(node, reads=reads, writes=writes, makes=makes)]
