"""The models of `pillion.lightgbm`: a classifier's and a regressor's."""

from pillion.export.plan.element import UnsupportedPlan, element
from pillion.export.plan.lightgbm_booster import Booster
from pillion.export.plan.stage import Made, Node, Stage

_NO_MODEL = "the converter knows no model of LightGBM"


def write(stage: Stage) -> list[Node]:
    """Writes `LightGBMClassificationModel` and `LightGBMRegressionModel`."""
    params = stage.saved.params
    stage.loses(_NO_MODEL)
    features, compared = str(params["featuresCol"]), f"{stage.saved.uid}_compared"
    try:
        if "model" not in params:
            raise UnsupportedPlan("it was saved by another package; make it anew of its model text by pillion.lightgbm")
        booster = Booster.parse(str(params["model"]))
        if stage.kind(features) != "vector":
            raise UnsupportedPlan(f"its column {features!r} is of type {stage.kind(features)}; make it a vector")
        if stage.size(features) != booster.features:
            raise UnsupportedPlan(
                f"it was trained on {booster.features} features, and there are {stage.size(features)} elements of the"
                f" vectors in {features!r}"
            )
    except UnsupportedPlan as reason:
        raise UnsupportedPlan(f"{stage.saved.uid} is a {stage.saved.kind}: {reason}") from None
    values = element("splitValues", in_=features, out=compared)
    node = _model(stage, booster, compared)
    size = booster.write(values, node.element)
    node.element.set("size", str(size))
    stage.vectors[compared] = size
    return [Node(values, (features,), (compared,)), node]


def _model(stage: Stage, booster: Booster, compared: str) -> Node:
    """The node of the booster, still without a tree."""
    columns = ("rawPredictionCol", "probabilityCol", "predictionCol")
    raw, share, label = (str(stage.saved.params.get(column) or "") for column in columns)
    classes = "Classification" in stage.saved.kind
    node = element(
        "lightgbm",
        version=booster.version,
        features=compared,
        groups=booster.groups,
        average=booster.average,
        link=booster.link,
        slope=booster.slope if classes else None,
        raw=raw if classes and raw else None,
        probability=share if classes and share else None,
        prediction=label or None,
    )
    if not classes:
        return Node(node, (compared,), (label,), makes=(Made(label, "prediction"),))
    count = max(booster.groups, 2)
    for column in filter(None, (raw, share)):
        stage.vectors[column] = count
    makes = (Made(label, "prediction"), Made(share, "probability", stage.classes(count)), Made(raw, "other"))
    written = tuple(column for column in (raw, share, label) if column)
    return Node(node, (compared,), written, makes=tuple(made for made in makes if made.column))
