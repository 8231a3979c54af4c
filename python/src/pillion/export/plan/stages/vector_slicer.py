"""Spark's `VectorSlicer`."""

from pillion.export.plan.element import UnsupportedPlan, numbers
from pillion.export.plan.stage import Node, Stage, element_attributes


def write(stage: Stage) -> list[Node]:
    """Writes `VectorSlicer`, by indices and then by names."""
    saved = stage.saved
    source = saved.input
    indices = [int(index) for index in saved.params.get("indices") or ()]
    names = [str(name) for name in saved.params.get("names") or ()]
    if names:
        known = {item.get("name"): int(item["idx"]) for item in element_attributes(stage.attributes(source)) or ()}
        absent = [name for name in names if name not in known]
        if absent:
            raise UnsupportedPlan(
                f"{saved.uid} takes the element {absent[0]!r}, which {source!r} does not name; give its index"
            )
        indices += [known[name] for name in names]
    return [slicer(stage, source, indices)]


def slicer(stage: Stage, source: str, indices: list[int]) -> Node:
    """Returns a node that takes some elements of a vector."""
    node = stage.vector_node("vectorSlicer", len(indices), source)
    numbers(node.element, "indices", indices)
    return node
