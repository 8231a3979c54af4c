"""Spark's `TargetEncoder`."""

from typing import Any

from pillion.export.plan.element import add, element, numbers, text
from pillion.export.plan.stage import Node, Stage

_UNSEEN = 2.0**31 - 1
_NULL = -1.0
"""The categories under which Spark keeps the statistics of all rows, and of those without a category."""


def write(stage: Stage) -> list[Node]:
    """Writes `TargetEncoderModel`: by category the target's average, drawn towards that of all rows."""
    saved = stage.saved
    keep = saved.params["handleInvalid"] == "keep"
    nodes = []
    for (source, target), row in zip(
        saved.columns, sorted(saved.rows(), key=lambda row: int(row["index"])), strict=True
    ):
        encodings = _encodings(row, saved.params)
        unseen = encodings.pop(_UNSEEN)
        missing = encodings.pop(_NULL, unseen if keep else None)
        node = element("targetEncoder")
        column = add(node, "column", in_=source, out=target)
        column.attrib.update({"unseen": text(unseen)} if keep else {})
        column.attrib.update({"null": text(missing)} if missing is not None else {})
        numbers(column, "categories", encodings)
        numbers(column, "values", encodings.values())
        nodes.append(Node(node, (source,), (target,)))
    return nodes


def _encodings(row: dict[str, Any], params: dict[str, Any]) -> dict[float, float]:
    statistics = dict(zip(row["categories"], zip(row["counts"], row["stats"], strict=True), strict=True))
    total, whole = statistics[_UNSEEN]
    binary = params["targetType"] == "binary"
    out = {}
    for category, (count, stat) in statistics.items():
        weight = count / (count + float(params["smoothing"]))
        if binary:
            out[category] = weight * (stat / count) + (1.0 - weight) * (whole / total)
        else:
            out[category] = weight * stat + (1.0 - weight) * whole
    return out
