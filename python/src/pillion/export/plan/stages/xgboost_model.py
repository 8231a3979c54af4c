"""The models of `xgboost.spark`: a classifier's, a regressor's and a ranker's."""

import json
from typing import Any

from pillion.export.plan.element import Element, UnsupportedPlan, add, element
from pillion.export.plan.stage import Made, Node, Stage
from pillion.export.plan.xgboost_booster import Booster

_NUMBERS = frozenset({"double", "float", "long", "integer", "short", "byte"})
_NO_MODEL = "the converter knows no model of xgboost.spark"


def write(stage: Stage) -> list[Node]:
    """Writes `SparkXGBClassifierModel`, `SparkXGBRegressorModel` and `SparkXGBRankerModel`."""
    saved = stage.saved
    stage.loses(_NO_MODEL)
    try:
        booster = Booster.parse(json.loads("".join(_lines(stage))))
        front, features = _features(stage, booster.features)
        if stage.saved.params.get("base_margin_col"):
            front, features = _own_margins(stage, booster, front, features)
        node = (
            _classifier(stage, booster, features)
            if "Classifier" in saved.kind
            else _regressor(stage, booster, features)
        )
        booster.write(node.element, _iterations(saved.params))
    except UnsupportedPlan as reason:
        raise UnsupportedPlan(f"{saved.uid} is a {saved.kind}: {reason}") from None
    return [*front, node]


def _lines(stage: Stage) -> list[str]:
    """The parts of the booster's JSON, in order."""
    parts = sorted((stage.saved.folder / "model").glob("part-*"))
    return [line for part in parts for line in part.read_text().split("\n")]


def _iterations(params: dict[str, Any]) -> tuple[int, int] | None:
    given = params.get("iteration_range")
    return None if given is None else (int(given[0]), int(given[1]))


def _features(stage: Stage, size: int) -> tuple[list[Node], str]:
    """The column of the features, with the node that makes it where the model takes several columns."""
    params = stage.saved.params
    columns = [str(name) for name in params.get("features_cols") or ()]
    sparse = bool(params.get("enable_sparse_data_optim"))
    if columns and not sparse and all(map(stage.has, columns)):
        _require(len(columns), size, "columns of features_cols")
        target = f"{stage.saved.uid}_features"
        assembler = element("vectorAssembler", invalid="keep", out=target)
        for column in columns:
            add(assembler, "column", in_=column)
        stage.vectors[target] = size
        return [Node(assembler, tuple(columns), (target,))], target
    features = str(params["featuresCol"])
    if stage.kind(features) != "vector":
        raise UnsupportedPlan(
            f"its column {features!r} is of type {stage.kind(features)}, which plans take no features of; make it a"
            " vector by a VectorAssembler"
        )
    _require(stage.size(features), size, f"elements of the vectors in {features!r}")
    return [], features


def _own_margins(stage: Stage, booster: Booster, front: list[Node], features: str) -> tuple[list[Node], str]:
    """The column of the features with the margin that each row begins with after them, and the nodes that make it."""
    margin = str(stage.saved.params["base_margin_col"])
    if stage.kind(margin) not in _NUMBERS:
        raise UnsupportedPlan(
            f"its base_margin_col {margin!r} is of type {stage.kind(margin)}, which is no number; cast it to double"
        )
    if booster.kind != "gbtree" or booster.groups > 1:
        raise UnsupportedPlan(
            f"its base_margin_col {margin!r} stands for {booster.groups} margins of a {booster.kind}, and plans have"
            " those of a gbtree with one; train without it"
        )
    target = f"{stage.saved.uid}_margins"
    node = element("baseMargin", features=features, margin=margin, out=target)
    stage.vectors[target] = booster.features + 1
    return [*front, Node(node, (features, margin), (target,))], target


def _require(found: int, size: int, what: str) -> None:
    if found != size:
        raise UnsupportedPlan(f"it was trained on {size} features, and there are {found} {what}")


def _element(stage: Stage, booster: Booster, features: str, **attributes: object) -> Element:
    missing = 0.0 if stage.saved.params.get("enable_sparse_data_optim") else stage.saved.params.get("missing")
    return element(
        "xgboost",
        version=booster.version,
        features=features,
        size=booster.features,
        missing=float("nan") if missing is None else float(missing),
        rebase=None if booster.kind == "gblinear" else booster.rebase,
        own_margin=True if stage.saved.params.get("base_margin_col") else None,
        **attributes,
    )


def _classifier(stage: Stage, booster: Booster, features: str) -> Node:
    params, count = stage.saved.params, max(booster.groups, 2)
    raw, share, label = (str(params.get(key) or "") for key in ("rawPredictionCol", "probabilityCol", "predictionCol"))
    names = {"raw": raw or None, "probability": share or None, "prediction": label or None}
    node = _element(stage, booster, features, link="classes", **names)
    for column in (raw, share):
        if column:
            stage.vectors[column] = count
    makes = (Made(label, "prediction"), Made(share, "probability", stage.classes(count)), Made(raw, "other"))
    written = tuple(column for column in (raw, share, label) if column)
    return Node(node, (features,), written, makes=tuple(made for made in makes if made.column))


def _regressor(stage: Stage, booster: Booster, features: str) -> Node:
    label = str(stage.saved.params["predictionCol"])
    node = _element(stage, booster, features, link=booster.link, prediction=label)
    return Node(node, (features,), (label,), makes=(Made(label, "prediction"),))
