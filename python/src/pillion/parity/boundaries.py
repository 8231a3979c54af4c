"""The boundaries of a PMML document: for each input, the values where the document decides one way or the other.

They are the thresholds of trees (`SimplePredicate`), the margins of `Interval`s, the knots of a `NormContinuous`, and
constants that an `Apply` compares with. A boundary of a derived field is carried back to the input where the
derivation is a chain of additions and multiplications by constants, as a scaler's is; its neighbourhood is then looked
at a little wider.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from pillion.errors import InvalidModel

_COMPARISONS = frozenset({"equal", "notEqual", "lessThan", "lessOrEqual", "greaterThan", "greaterOrEqual"})
_DEEPEST = 64
"""Levels of a derivation, or of derivations of derivations, that are followed."""
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Boundary:
    """A value at which the document may decide otherwise.

    Attributes:
        value: as the document spells it, or carried back to the input.
        carried: whether it was carried back, and so may be off by rounding.
    """

    value: str | float
    carried: bool = False


@dataclass(slots=True)
class _Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""
    children: list["_Element"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Line:
    """`field` × slope + offset."""

    field: str
    slope: float = 1.0
    offset: float = 0.0

    @property
    def plain(self) -> bool:
        """Whether it is the field itself."""
        return self.slope == 1.0 and self.offset == 0.0


def find_boundaries(document: bytes) -> dict[str, list[Boundary]]:
    """Returns the boundaries of each data field that has any, each once, in the document's order.

    The document is read as a stream; its memory grows with the number of different boundaries only.

    Raises:
        InvalidModel: The document is no XML, or has a DOCTYPE.
    """
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        for start in range(0, len(document), _BLOCK):
            parser.Parse(document[start : start + _BLOCK], False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise InvalidModel(f"the document is not XML: {error}") from None
    found: dict[str, dict[Boundary, None]] = {}
    for name, value in reader.values:
        for source, boundary in reader.carry(name, Boundary(value), 0):
            found.setdefault(source, {})[boundary] = None
    return {name: list(boundaries) for name, boundaries in found.items()}


def _refuse_doctype(*_: Any) -> None:
    raise InvalidModel("the document has a DOCTYPE, which is not read")


class _Reader:
    """What the stream's elements leave behind."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str | float], None] = {}
        self._inputs: set[str] = set()
        self._lines: dict[str, set[Line]] = {}
        self._open: list[_Element] = []
        self._data_field = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(" ")[2]
        if self._open or tag == "DerivedField":
            element = _Element(tag, attributes)
            if self._open and len(self._open) <= _DEEPEST:
                self._open[-1].children.append(element)
            self._open.append(element)
        elif tag == "DataField":
            self._data_field = attributes.get("name", "")
            self._inputs.add(self._data_field)
        elif tag == "Interval" and self._data_field:
            self._add_margins(self._data_field, attributes)
        elif tag == "SimplePredicate" and "value" in attributes:
            self._add(attributes.get("field", ""), attributes["value"])

    def text(self, text: str) -> None:
        if self._open and self._open[-1].tag == "Constant":
            self._open[-1].text += text

    def end(self, tag: str) -> None:
        if self._open:
            closed = self._open.pop()
            if not self._open:
                self._derive(closed)
        elif tag.endswith("DataField"):
            self._data_field = ""

    def carry(self, name: str, boundary: Boundary, depth: int) -> Iterator[tuple[str, Boundary]]:
        """Yields where a boundary of a field lies among the inputs."""
        if name in self._inputs:
            yield name, boundary
            return
        for line in self._lines.get(name, ()) if depth < _DEEPEST else ():
            there = boundary if line.plain else carried(line, boundary)
            if there is not None:
                yield from self.carry(line.field, there, depth + 1)

    def _add(self, name: str, value: str | float) -> None:
        self.values[name, value] = None

    def _add_margins(self, name: str, attributes: dict[str, str]) -> None:
        for margin in ("leftMargin", "rightMargin"):
            if margin in attributes:
                self._add(name, attributes[margin])

    def _derive(self, derived: _Element) -> None:
        name = derived.attributes.get("name", "")
        for child in derived.children:
            line = _line(child)
            if line is not None:
                self._lines.setdefault(name, set()).add(line)
        for element in _walk(derived):
            if element.tag == "Discretize":
                for part in _walk(element):
                    if part.tag == "Interval":
                        self._add_margins(element.attributes.get("field", ""), part.attributes)
            elif element.tag == "NormContinuous":
                for norm in element.children:
                    if "orig" in norm.attributes:
                        self._add(element.attributes.get("field", ""), norm.attributes["orig"])
            elif element.tag == "Apply" and element.attributes.get("function") in _COMPARISONS:
                self._compare(element.children)

    def _compare(self, sides: list[_Element]) -> None:
        lines = [line for line in map(_line, sides) if line is not None]
        constants = [side.text.strip() for side in sides if side.tag == "Constant"]
        if len(lines) != 1 or len(constants) != 1:
            return
        if lines[0].plain:
            self._add(lines[0].field, constants[0])
        elif (there := carried(lines[0], Boundary(constants[0]))) is not None:
            self._add(lines[0].field, there.value)


def _walk(element: _Element) -> Iterator[_Element]:
    for child in element.children:
        yield child
        yield from _walk(child)


def _line(element: _Element) -> Line | None:
    """The element as a line over one field; None where it is none."""
    if element.tag == "FieldRef":
        return Line(element.attributes.get("field", ""))
    operation = _OPERATIONS.get(element.attributes.get("function", "")) if element.tag == "Apply" else None
    if operation is None or len(element.children) != 2:
        return None
    first, second = element.children
    line, constant, swapped = _line(first), _number(second), False
    if line is None:
        line, constant, swapped = _line(second), _number(first), True
    return None if line is None or constant is None else operation(line, constant, swapped)


def _number(element: _Element) -> float | None:
    try:
        return float(element.text) if element.tag == "Constant" else None
    except ValueError:
        return None


def _divide(line: Line, by: float, swapped: bool) -> Line | None:
    return None if swapped or by == 0 else Line(line.field, line.slope / by, line.offset / by)


def _subtract(line: Line, other: float, swapped: bool) -> Line | None:
    if swapped:
        return Line(line.field, -line.slope, other - line.offset)
    return Line(line.field, line.slope, line.offset - other)


_OPERATIONS: dict[str, Callable[[Line, float, bool], Line | None]] = {
    "+": lambda line, other, swapped: Line(line.field, line.slope, line.offset + other),
    "-": _subtract,
    "*": lambda line, by, swapped: Line(line.field, line.slope * by, line.offset * by),
    "/": _divide,
}


def carried(line: Line, boundary: Boundary) -> Boundary | None:
    """Returns where a boundary of the line's value lies for its field; None where it lies nowhere."""
    try:
        return Boundary((float(boundary.value) - line.offset) / line.slope, True)
    except (ValueError, ZeroDivisionError):
        return None
