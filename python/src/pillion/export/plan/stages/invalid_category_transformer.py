"""pyspark2pmml's `InvalidCategoryTransformer`."""

import math

from pillion.export.plan.element import Element, UnsupportedPlan, add, element
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `InvalidCategoryTransformer`: the index of a category that is known, else NaN, as an SQL expression."""
    nodes = []
    for source, target in stage.saved.columns:
        values = stage.attributes(source).get("vals")
        if not values:
            raise UnsupportedPlan(
                f"{stage.saved.uid} takes {source!r}, which has no categories; put a StringIndexer before it"
            )
        node = element("sqlTransformer", ansi=True)
        choice = add(add(node, "column", name=target), "caseWhen")
        add(choice, "when").extend([_around("isNull", _ref(source)), _ref(source)])
        known = _around(
            "and",
            _around("greaterOrEqual", _ref(source), _number(0.0)),
            _around("less", _ref(source), _number(len(values) - 1.0)),
        )
        add(choice, "when").extend([known, _ref(source)])
        add(choice, "else").append(_number(math.nan))
        nodes.append(Node(node, (source,), (target,)))
    return nodes


def _around(name: str, *operands: Element) -> Element:
    out = element(name)
    out.extend(operands)
    return out


def _ref(name: str) -> Element:
    return element("ref", name=name)


def _number(value: float) -> Element:
    return element("literal", type="double", value=value)
