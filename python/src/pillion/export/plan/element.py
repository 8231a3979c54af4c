"""Elements of a plan: XML, with doubles in their shortest form that reads back to the same bits."""

from collections.abc import Iterable, Sequence
from typing import Self, TypeAlias

from lxml import etree

from pillion.scoring.plan_text import escape

NAMESPACE = "urn:pillion:spark-plan"
FORMAT = "2"
_PREFIXES = {None: NAMESPACE}

Element: TypeAlias = etree._Element
"""An element of lxml's; one that is added to a second parent leaves the first."""


class UnsupportedPlan(Exception):
    """The pipeline has no plan; the message says why, as an ending of "there is no Spark plan: ".

    Attributes:
        problems: the reasons one by one.
        lacking: raw columns that stages take and that aren't there.
    """

    def __init__(self, message: str, problems: Sequence[str] = (), lacking: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems) or (message,)
        self.lacking = tuple(lacking)

    @classmethod
    def of(cls, problems: Sequence[str], lacking: Sequence[str] = ()) -> Self:
        """Returns the refusal for several problems, all of which the message names, each once."""
        each = list(dict.fromkeys(problems))
        if len(each) == 1:
            return cls(each[0], lacking=lacking)
        return cls("; ".join(f"({number}) {problem}" for number, problem in enumerate(each, 1)), each, lacking)


class MadeByRefused(UnsupportedPlan):
    """A stage takes what a refused stage makes, and nothing else is known to be wrong with it."""


def text(value: object) -> str:
    """`value` as an attribute or a token has it; texts are escaped."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value != value:
            return "NaN"
        if value in (float("inf"), float("-inf")):
            return "Infinity" if value > 0 else "-Infinity"
        return repr(value)
    return escape(str(value))


def element(name: str, /, **attributes: object) -> Element:
    """An element; underscores in attributes' names stand for hyphens, a trailing one is dropped, None is left out."""
    made = etree.Element(f"{{{NAMESPACE}}}{name}", nsmap=_PREFIXES)
    for key, value in attributes.items():
        if value is not None:
            made.set(key.rstrip("_").replace("_", "-"), text(value))
    return made


def add(parent: Element, name: str, /, **attributes: object) -> Element:
    """Adds an element to `parent` and returns it."""
    child = element(name, **attributes)
    parent.append(child)
    return child


def numbers(parent: Element, name: str, values: Iterable[float | int]) -> Element:
    """Adds an element with numbers as its text."""
    child = add(parent, name)
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
    return str(etree.tostring(root, encoding="unicode"))
