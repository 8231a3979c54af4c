"""Spark's `IndexToString`."""

from pillion.export.plan.element import UnsupportedPlan, element, texts
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `IndexToString`; labels that were not given are in the column's ML attributes."""
    saved = stage.saved
    source, target = saved.input, saved.output
    labels = saved.params.get("labels") or stage.attributes(source).get("vals")
    if not labels:
        raise UnsupportedPlan(f"{saved.uid} takes {source!r}, whose labels aren't known; set its labels")
    node = element("indexToString", in_=source, out=target)
    texts(node, [str(label) for label in labels])
    return [Node(node, (source,), (target,))]
