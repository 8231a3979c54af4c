"""The models of `xgboost4j-spark`: a classifier's, a regressor's and a ranker's."""

from pillion.export.plan.element import UnsupportedPlan, element
from pillion.export.plan.stage import Made, Node, Stage
from pillion.export.plan.xgboost_booster import Booster
from pillion.export.plan.xgboost_folder import read_booster

_NO_MODEL = "the converter is not asked for models of xgboost4j-spark, whose classes this Spark does not have"


def write(stage: Stage) -> list[Node]:
    """Writes `XGBoostClassificationModel`, `XGBoostRegressionModel` and `XGBoostRankerModel`."""
    saved = stage.saved
    stage.loses(_NO_MODEL)
    try:
        booster = Booster.parse(read_booster(saved.folder))
        node = _node(stage, booster)
        booster.write(node.element, (0, booster.rounds))  # the best round is nothing to the JVM's wrapper
    except UnsupportedPlan as reason:
        raise UnsupportedPlan(f"{saved.uid} is a {saved.kind}: {reason}") from None
    return [node]


def _node(stage: Stage, booster: Booster) -> Node:
    params = stage.saved.params
    features = str(params["featuresCol"])
    if params.get("featuresCols"):
        raise UnsupportedPlan("it takes featuresCols one by one; make them a vector by a VectorAssembler")
    if params.get("thresholds"):
        raise UnsupportedPlan("it has thresholds, which plans know of other classifiers; leave them out")
    if booster.kind != "gbtree" or booster.objective == "multi:softmax":
        raise UnsupportedPlan(
            f"its booster is a {booster.kind} for {booster.objective}, which plans know of xgboost.spark alone; train a"
            " gbtree, and for several classes multi:softprob"
        )
    if stage.size(features) != booster.features:
        raise UnsupportedPlan(
            f"it was trained on {booster.features} features, and there are {stage.size(features)} elements of the"
            f" vectors in {features!r}"
        )
    missing = params.get("missing")
    common = {
        "version": booster.version,
        "features": features,
        "size": booster.features,
        "missing": float("nan") if missing is None else float(missing),
        "rebase": booster.rebase,
        "jvm": True,
    }
    label = str(params.get("predictionCol") or "")
    if stage.saved.kind != "XGBoostClassificationModel":
        node = element("xgboost", **common, link=booster.link, prediction=label)
        return Node(node, (features,), (label,), makes=(Made(label, "prediction"),))
    raw, share = (str(params.get(key) or "") for key in ("rawPredictionCol", "probabilityCol"))
    count = max(booster.groups, 2)
    made = None if booster.groups > 1 else booster.link
    node = element(
        "xgboost", **common, link="classes", share=made, raw=raw or None, probability=share or None,
        prediction=label or None,
    )  # fmt: skip
    for column in (raw, share):
        if column:
            stage.vectors[column] = count
    makes = (Made(label, "prediction"), Made(share, "probability", stage.classes(count)), Made(raw, "other"))
    written = tuple(column for column in (raw, share, label) if column)
    return Node(node, (features,), written, makes=tuple(made for made in makes if made.column))
