"""Elements of a plan: XML, with doubles in their shortest form that reads back to the same bits."""

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, tostring

NAMESPACE = "urn:pillion:spark-plan"
FORMAT = "1"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class UnsupportedPlan(Exception):
    """The pipeline has no plan; the message says why, as an ending of "there is no Spark plan: "."""


def text(value: object) -> str:
    """`value` as an attribute or a token has it.

    Raises:
        UnsupportedPlan: XML can't carry the text.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value != value:
            return "NaN"
        if value in (float("inf"), float("-inf")):
            return "Infinity" if value > 0 else "-Infinity"
        return repr(value)
    plain = str(value)
    if _NOT_XML.search(plain):
        raise UnsupportedPlan(f"XML can't carry the text {plain!r}")
    return plain


def element(name: str, /, **attributes: object) -> Element:
    """An element; underscores in attributes' names stand for hyphens, a trailing one is dropped, None is left out."""
    return Element(
        name,
        {key.rstrip("_").replace("_", "-"): text(value) for key, value in attributes.items() if value is not None},
    )


def add(parent: Element, name: str, /, **attributes: object) -> Element:
    """Adds an element to `parent` and returns it."""
    child = element(name, **attributes)
    parent.append(child)
    return child


def numbers(parent: Element, name: str, values: Iterable[float | int]) -> Element:
    """Adds an element with numbers as its text."""
    child = SubElement(parent, name)
    child.text = join(values)
    return child


def join(values: Iterable[float | int]) -> str:
    """Numbers, separated by spaces."""
    return " ".join(text(value) for value in values)


def texts(parent: Element, values: Iterable[str]) -> None:
    """Adds a `v` element for each text."""
    for value in values:
        add(parent, "v").text = text(value)


def serialize(root: Element) -> str:
    """The plan as XML, in its namespace."""
    root.set("xmlns", NAMESPACE)
    return tostring(root, encoding="unicode")
