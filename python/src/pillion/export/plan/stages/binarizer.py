"""Spark's `Binarizer`, which leaves null as it is before Spark 4, and makes it 0 from then on."""

from pillion.export.plan.element import UnsupportedPlan, element
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `Binarizer`."""
    saved = stage.saved
    columns = saved.columns
    limits = saved.params["thresholds"] if "thresholds" in saved.given else [saved.params["threshold"]] * len(columns)
    keeps_null = stage.session.version.startswith("3.") or None
    nodes = []
    for (source, target), limit in zip(columns, limits, strict=True):
        if stage.kind(source) == "vector":
            stage.vectors[target] = stage.size(source)
            if limit < 0:
                raise UnsupportedPlan(
                    f"{saved.uid} binarises the vectors in {source!r} at {limit}, above which those elements are that"
                    " Spark doesn't store; set a threshold from 0 on"
                )
        node = element("binarizer", in_=source, out=target, threshold=float(limit), keep_null=keeps_null)
        nodes.append(Node(node, (source,), (target,)))
    return nodes
