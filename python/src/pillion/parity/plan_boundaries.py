"""The boundaries of a Spark plan: for each input, the values where one of its stages decides one way or the other.

They are the thresholds of trees, the splits of buckets, those of binarizers and the steps of isotonic regressions. A
boundary of an element of a vector is carried back to the input that the element is made of by scaling.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import numpy as np
from lxml import etree

from pillion.parity.boundaries import Boundary, Line, carried, find_boundaries
from pillion.parity.plan_elements import child_numbers, children_of, numbers_of, read_plan, tag_of
from pillion.scoring.plan_text import unescape

_Elements = list[Line | None]
"""Of a column's elements, what each is made of; a column that is no vector has one."""


def find_plan_boundaries(document: bytes) -> dict[str, list[Boundary]]:
    """Returns the boundaries of each input that has any, each once, in the plan's order; none without a plan.

    Raises:
        InvalidModel: The document can't be read.
    """
    plan = read_plan(document)
    if plan is None:
        return {}
    reader = _Reader()
    for element in plan:
        reader.stage(element)
    return {name: list(boundaries) for name, boundaries in reader.found.items()}


def all_boundaries(document: bytes) -> dict[str, list[Boundary]]:
    """Returns the boundaries of a document's model and of its plan, by input, each once.

    Raises:
        InvalidModel: The document can't be read.
    """
    found = {name: dict.fromkeys(boundaries) for name, boundaries in find_boundaries(document).items()}
    for name, boundaries in find_plan_boundaries(document).items():
        found.setdefault(name, {}).update(dict.fromkeys(boundaries))
    return {name: list(boundaries) for name, boundaries in found.items()}


class _Reader:
    """The columns that were made so far, and the boundaries that were met."""

    def __init__(self) -> None:
        self.found: dict[str, dict[Boundary, None]] = {}
        self._columns: dict[str, _Elements] = {}

    def stage(self, element: etree._Element) -> None:
        name = tag_of(element)
        if name == "input":
            self._input(element)
            return
        self._meet(name, element)
        made = dict(self._made(name, element))
        for part in (element, *children_of(element, "column")):
            self._columns.pop(_text(part, "out"), None)
        self._columns.update(made)

    def _input(self, element: etree._Element) -> None:
        name, size = _text(element, "name"), element.get("size")
        fields = [name] if size is None else [f"{name}[{index}]" for index in range(int(size))]
        self._columns[name] = [Line(field) for field in fields]

    def _meet(self, name: str, element: etree._Element) -> None:
        if name == "binarizer":
            for line in self._elements(element, "in"):
                self._add(line, [float(element.get("threshold", "nan"))])
        elif name == "bucketizer":
            for column in children_of(element, "column"):
                for line in self._elements(column, "in"):
                    self._add(line, numbers_of(column))
        elif name == "isotonicRegression":
            features, place = self._elements(element, "features"), int(element.get("element", "0"))
            if features:
                self._add(features[place if len(features) > 1 else 0], child_numbers(element, "boundaries"))
        else:
            features = self._elements(element, "features")
            for tree in children_of(element, "tree"):
                places, limits = child_numbers(tree, "feature"), child_numbers(tree, "threshold")
                for feature, limit in zip(places, limits, strict=False):
                    if 0 <= feature < len(features):
                        values = _float_boundary(limit) if name == "xgboost" else [limit]
                        self._add(features[int(feature)], values)

    def _add(self, line: Line | None, values: Sequence[float]) -> None:
        if line is None:
            return
        for value in values:
            boundary = Boundary(value) if line.plain else carried(line, Boundary(value))
            if boundary is not None:
                self.found.setdefault(line.field, {})[boundary] = None

    def _made(self, name: str, element: etree._Element) -> Iterator[tuple[str, _Elements]]:
        if name == "vectorAssembler":
            parts = [self._elements(column, "in") for column in children_of(element, "column")]
            if all(parts):
                yield _text(element, "out"), list(chain.from_iterable(parts))
        elif name == "imputer":
            for column in children_of(element, "column"):
                yield _text(column, "out"), self._elements(column, "in")
        elif name in _MAKERS:
            yield _text(element, "out"), _MAKERS[name](element, self._elements(element, "in"))

    def _elements(self, element: etree._Element, key: str) -> _Elements:
        return self._columns.get(_text(element, key), [])


def _float_boundary(limit: float) -> list[float]:
    """A threshold of floats, and the double from which on numbers are rounded to it."""
    threshold = np.float32(limit)
    below = np.nextafter(threshold, np.float32(-np.inf))
    return [float(threshold), (float(threshold) + float(below)) / 2]


def _scaled(lines: _Elements, slopes: Sequence[float], offsets: Sequence[float]) -> _Elements:
    """Each element × its slope + its offset; none where the numbers don't fit."""
    if len(lines) != len(slopes) or len(lines) != len(offsets):
        return []
    return [
        None if line is None or slope == 0 else Line(line.field, line.slope * slope, line.offset * slope + offset)
        for line, slope, offset in zip(lines, slopes, offsets, strict=True)
    ]


def _standard(element: etree._Element, lines: _Elements) -> _Elements:
    shift = child_numbers(element, "shift") or [0.0] * len(lines)
    scale = child_numbers(element, "scale") or [1.0] * len(lines)
    return _scaled(lines, scale, [-s * f for s, f in zip(shift, scale, strict=False)])


def _min_max(element: etree._Element, lines: _Elements) -> _Elements:
    low, high = child_numbers(element, "low"), child_numbers(element, "high")
    least, most = float(element.get("min", "0")), float(element.get("max", "1"))
    slopes = [(most - least) / (h - w) if h != w else 0.0 for w, h in zip(low, high, strict=False)]
    return _scaled(lines, slopes, [least - w * slope for w, slope in zip(low, slopes, strict=False)])


def _product(element: etree._Element, lines: _Elements) -> _Elements:
    return _scaled(lines, child_numbers(element, "factors"), [0.0] * len(lines))


def _sliced(element: etree._Element, lines: _Elements) -> _Elements:
    return [lines[int(place)] for place in child_numbers(element, "indices") if place < len(lines)]


def _indexed(element: etree._Element, lines: _Elements) -> _Elements:
    categories = {int(child.get("element", "-1")) for child in children_of(element, "categories")}
    return [None if place in categories else line for place, line in enumerate(lines)]


def _compared(element: etree._Element, lines: _Elements) -> _Elements:
    values = [(int(child.get("feature", "-1")), child.get("missing")) for child in children_of(element, "value")]
    return [lines[place] if kind != "category" and place < len(lines) else None for place, kind in values]


_MAKERS: dict[str, Callable[[etree._Element, _Elements], _Elements]] = {
    "elementwiseProduct": _product,
    "minMaxScaler": _min_max,
    "splitValues": _compared,
    "standardScaler": _standard,
    "vectorIndexer": _indexed,
    "vectorSizeHint": lambda element, lines: lines,
    "vectorSlicer": _sliced,
}


def _text(element: etree._Element, key: str) -> str:
    return unescape(element.get(key, ""))
