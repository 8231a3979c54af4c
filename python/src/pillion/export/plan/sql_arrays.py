"""Spark SQL's functions of arrays of strings."""

from typing import Any

from pillion.export.plan.element import Element, UnsupportedPlan, element
from pillion.export.plan.stage import Stage

_OUTSIDE = 2**31 - 1
"""A place that no array has."""


def write(tree: Any, operand: Element, stage: Stage) -> Element:
    """Returns the element of a function of an array.

    Args:
        tree: Catalyst's node: `Size`, `GetArrayItem` or `ElementAt`.
        operand: the element of its array.
        stage: the SQLTransformer.

    Raises:
        UnsupportedPlan: the place of an item is not a constant, or is 0 where places count from 1.
    """
    if tree.name == "Size":
        out = element("size", legacy=bool(tree.fields["legacySizeOfNull"]))
    else:
        out = element("item", at=_place(tree, stage), strict=bool(tree.fields["failOnError"]))
    out.append(operand)
    return out


def _place(tree: Any, stage: Stage) -> int:
    """The item's place from 0 on, or from -1 on back from the end."""
    ordinal = tree.children[1]
    first = 1 if tree.name == "ElementAt" else 0
    if ordinal.name != "Literal" or ordinal.fields["value"] is None or 0 <= int(ordinal.fields["value"]) < first:
        raise UnsupportedPlan(
            f"{stage.saved.uid} takes an item of an array whose place is not a constant from {first} on; write a number"
        )
    place = int(ordinal.fields["value"])
    if place >= 0:
        return place - first
    return place if first == 1 else _OUTSIDE
