"""Spark's `Interaction`."""

import math
from typing import Any

from pillion.export.plan.element import UnsupportedPlan, add, element, join, text
from pillion.export.plan.stage import Node, Stage, element_attributes


def write(stage: Stage) -> list[Node]:
    """Writes `Interaction`; which numbers are categories is in the columns' ML attributes."""
    saved = stage.saved
    sources, target = [str(name) for name in saved.params["inputCols"]], saved.output
    node = element("interaction", out=target)
    sizes = []
    for source in sources:
        attributes = stage.attributes(source)
        elements = element_attributes(attributes) if stage.kind(source) == "vector" else [attributes]
        if elements is None:
            raise UnsupportedPlan(
                f"{saved.uid} takes {source!r}, whose elements have no attributes; make it by a VectorAssembler"
            )
        widths = [_width(item) for item in elements]
        add(node, "column", in_=source).text = join(widths)
        sizes.append(sum(widths))
    stage.vectors[target] = math.prod(sizes)
    return [Node(node, tuple(sources), (target,))]


def _width(attribute: dict[str, Any]) -> int:
    if attribute.get("type") != "nominal":
        return 1
    if "vals" in attribute:
        return max(1, len(attribute["vals"]))
    if "num_vals" in attribute:
        return max(1, int(attribute["num_vals"]))
    raise UnsupportedPlan(
        f"the category {text(attribute.get('name', ''))!r} has no number of values; make it by a StringIndexer"
    )
