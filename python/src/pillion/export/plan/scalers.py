"""Scalers of vectors, and the binarizer."""

from xml.etree.ElementTree import Element

from pillion.export.plan.element import UnsupportedPlan, element, numbers, text
from pillion.export.plan.linear import matrix
from pillion.export.plan.saved import dense
from pillion.export.plan.stage import Node, Stage


def _node(stage: Stage, name: str, size: int | None = None) -> tuple[Element, Node]:
    source, target = str(stage.saved.params["inputCol"]), str(stage.saved.params["outputCol"])
    item = element(name, in_=source, out=target)
    stage.vectors[target] = stage.size(source) if size is None else size
    return item, Node(item, (source,), (target,))


def standard_scaler(stage: Stage) -> list[Node]:
    """`StandardScalerModel`."""
    item, node = _node(stage, "standardScaler")
    params, data = stage.saved.params, stage.saved.row
    if params["withMean"]:
        numbers(item, "shift", dense(data["mean"]))
    if params["withStd"]:
        numbers(item, "scale", [1.0 / value if value != 0.0 else 0.0 for value in dense(data["std"])])
    return [node]


def robust_scaler(stage: Stage) -> list[Node]:
    """`RobustScalerModel`, which is a standard scaler by the median and the range between two quantiles."""
    item, node = _node(stage, "standardScaler")
    params, data = stage.saved.params, stage.saved.row
    if params["withCentering"]:
        numbers(item, "shift", dense(data["median"]))
    if params["withScaling"]:
        numbers(item, "scale", [1.0 / value if value != 0.0 else 0.0 for value in dense(data["range"])])
    return [node]


def principal_components(stage: Stage) -> list[Node]:
    """`PCAModel`: its matrix of components, transposed."""
    saved = stage.saved.row["pc"]
    if saved["type"] == 0:
        raise UnsupportedPlan(f"{stage.saved.uid} has a sparse matrix")
    item, node = _node(stage, "principalComponents", int(saved["numCols"]))
    flipped = {"numRows": saved["numCols"], "numCols": saved["numRows"], "isTransposed": not saved["isTransposed"]}
    matrix(item, {**saved, **flipped})
    return [node]


def max_abs_scaler(stage: Stage) -> list[Node]:
    """`MaxAbsScalerModel`."""
    item, node = _node(stage, "standardScaler")
    numbers(item, "scale", [1.0 / value if value != 0.0 else 1.0 for value in dense(stage.saved.row["maxAbs"])])
    return [node]


def min_max_scaler(stage: Stage) -> list[Node]:
    """`MinMaxScalerModel`."""
    item, node = _node(stage, "minMaxScaler")
    item.set("min", text(float(stage.saved.params["min"])))
    item.set("max", text(float(stage.saved.params["max"])))
    numbers(item, "low", dense(stage.saved.row["originalMin"]))
    numbers(item, "high", dense(stage.saved.row["originalMax"]))
    return [node]


def binarizer(stage: Stage) -> list[Node]:
    """`Binarizer`."""
    saved = stage.saved
    sources, targets = saved.columns("inputCol", "inputCols"), saved.columns("outputCol", "outputCols")
    limits = saved.params["thresholds"] if "thresholds" in saved.given else [saved.params["threshold"]] * len(sources)
    nodes = []
    for source, target, limit in zip(sources, targets, limits, strict=True):
        if stage.kind(source) == "vector":
            stage.vectors[target] = stage.size(source)
            if limit < 0:
                raise UnsupportedPlan(f"{saved.uid} binarises vectors at a threshold below zero")
        item = element("binarizer", in_=source, out=target, threshold=float(limit))
        nodes.append(Node(item, (source,), (target,)))
    return nodes


def nothing(stage: Stage) -> list[Node]:
    """Stages that change no value: they rewrite names or drop columns."""
    del stage
    return []
