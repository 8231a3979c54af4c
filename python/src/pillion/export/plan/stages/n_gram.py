"""Spark's `NGram`."""

from pillion.export.plan.element import element
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `NGram`."""
    source, target = stage.saved.input, stage.saved.output
    return [Node(element("nGram", in_=source, out=target, n=stage.saved.params["n"]), (source,), (target,))]
