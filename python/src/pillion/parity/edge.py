"""Edge rows: rows at the edges of what a model can be asked, made from the model itself.

For each field alone: missing; each value that the model knows and one that it does not; each boundary of the document
and the numbers next to it; zero, −0.0, the smallest and very large numbers, NaN and infinities. The other fields keep
a real row's values. Then all fields missing, and rows in which many fields stand at an edge at once. A sweep goes
through the known values and the boundaries of all fields at once, and through texts of all kinds where a field's are
free, so that each occurs, however many there are.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from pillion.parity.boundaries import Boundary
from pillion.parity.free_text import free_texts, vocabulary
from pillion.parity.plan_boundaries import all_boundaries
from pillion.types import Value

Rows = dict[str, list[Value]]
UNSEEN = "\u2603 never seen"
_DOUBLES: tuple[float, ...] = (0.0, -0.0, 1e300, -1e300, 5e-324, math.nan, math.inf, -math.inf)
_FLOATS: tuple[float, ...] = (0.0, -0.0, 2.0**127, -(2.0**127), 2.0**-149, math.nan, math.inf, -math.inf)
_INTEGERS = (0, 1, -1, 2**31 - 1, -(2**31))
_SPECIAL: Mapping[str, tuple[Value, ...]] = {
    "double": _DOUBLES,
    "float": _FLOATS,
    "integer": _INTEGERS,
    "boolean": (True, False),
}
_SPELLED: Mapping[str, tuple[str, ...]] = {
    "date": ("1970-01-01", "1969-12-31", "2000-02-29", "0001-01-01", "9999-12-31", "2001-02-29"),
    "timestamp": (
        "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "2000-02-29 23:59:59.5+14:00", "0001-01-01T12:00:00Z",
        "9999-12-31T12:00:00-00:30", "2001-01-01T00:00:00",
    ),
    "timestamp_ntz": (
        "1970-01-01T00:00:00", "1969-12-31T23:59:59.999999Z", "2000-02-29 23:59:59.5", "0001-01-01T12:00:00",
        "9999-12-31T12:00:00", "2001-01-01T00:00:00+01:00",
    ),
    "array<string>": ("[]", "[null]", '["",null]', '["a","a","A b","\\u2603"]', "[1]"),
}  # fmt: skip
"""Texts of a form, the last of them of no form."""
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
_WIDE, _NARROW = 3, 1
"""Numbers to either side of a boundary that are tried: of one carried back from a derived field, and of others."""
_MIXED_SHARE = 0.25


def edge_rows(
    inputs: Sequence[Mapping[str, Any]],
    sample: Mapping[str, Sequence[Value]],
    seed: int,
    document: bytes | None = None,
    *,
    most: int = 1000,
    mixed: int = 100,
) -> Rows:
    """Makes edge rows, those of one field next to each other, so that a bad row is found in few jobs.

    Args:
        inputs: the contract's inputs (`name`, `type`, perhaps `values`).
        sample: real rows as columns; each edge row starts as one of them, and keeps its columns that are no inputs.
        seed: picks which.
        document: the PMML document, for its boundaries; None for none of them.
        most: edges of one field; where it has more boundaries or known values, they are thinned out evenly.
        mixed: rows in which about a quarter of the fields stand at an edge.

    Raises:
        InvalidModel: The document can't be read.
    """
    random = np.random.default_rng(seed)
    names = [field["name"] for field in inputs]
    kept = [*names, *(name for name in sample if name not in names)]
    boundaries = {} if document is None else all_boundaries(document)
    edges = {field["name"]: edges_of(field, boundaries.get(field["name"], ()), most) for field in inputs}
    count = len(sample[names[0]]) if names else 0
    out: Rows = {name: [] for name in kept}

    def add(changes: Mapping[str, Value]) -> None:
        base = int(random.integers(0, count))
        for name in kept:
            out[name].append(changes[name] if name in changes else sample[name][base])

    for name in names:
        for value in edges[name]:
            add({name: value})
    if names:
        add(dict.fromkeys(names))
    for _ in range(mixed if names else 0):
        chosen = [name for name in names if random.random() < _MIXED_SHARE]
        add({name: edges[name][int(random.integers(0, len(edges[name])))] for name in chosen})
    return out


def sweep_rows(
    inputs: Sequence[Mapping[str, Any]], sample: Mapping[str, Sequence[Value]], seed: int, document: bytes
) -> Rows:
    """Makes rows in which every known value and every boundary of each input occurs, of all inputs at once.

    An input of free text, of which no values are known, has texts of all kinds, with every word that the plan knows.

    There are as many rows as the input with the most has of them; see `edge_rows` for the arguments.

    Raises:
        InvalidModel: The document can't be read.
    """
    random = np.random.default_rng(seed)
    names = [field["name"] for field in inputs]
    boundaries, words = all_boundaries(document), vocabulary(document)
    swept: dict[str, list[Value]] = {}
    for field in inputs:
        name = field["name"]
        swept[name] = _made(field, boundaries.get(name, ()))
        if is_free_text(field):
            swept[name] = _distinct([*swept[name], *free_texts(sample[name], words)])
    count = max(map(len, swept.values()), default=0)
    bases = random.integers(0, len(sample[names[0]]) if names else 1, count).tolist()
    out: Rows = {}
    for name in (*names, *(name for name in sample if name not in names)):
        values = swept.get(name) or []
        out[name] = [values[row % len(values)] if values else sample[name][base] for row, base in enumerate(bases)]
    return out


def single_rows(rows: Rows, swept: Mapping[str, Sequence[Value]], seed: int, answered: Sequence[int]) -> Rows:
    """Makes a row for each value of each input alone, the others being those of a row that has an answer.

    Args:
        rows: rows as columns.
        swept: the values.
        seed: picks which rows.
        answered: the numbers of those that have an answer.
    """
    random = np.random.default_rng(seed)
    out: Rows = {name: [] for name in rows}
    for field, values in swept.items():
        for value in values:
            base = answered[int(random.integers(0, len(answered)))]
            for name, column in out.items():
                column.append(value if name == field else rows[name][base])
    return out


def is_free_text(field: Mapping[str, Any]) -> bool:
    """Whether an input takes texts of which none is known."""
    return field["type"] == "string" and not field.get("values")


def edges_of(field: Mapping[str, Any], boundaries: Iterable[Boundary], most: int = 1000) -> list[Value]:
    """Returns the edges of one input, missing first, each once."""
    edges: list[Value] = [None, *_SPECIAL.get(field["type"], (UNSEEN, "")), *_spelled(str(field.get("format", "")))]
    return _distinct([*edges, *_thin(_made(field, boundaries), most)])


def _spelled(form: str) -> Sequence[str]:
    digits = _DECIMAL.fullmatch(form)
    if digits is None:
        return _SPELLED.get(form, ())
    precision, scale = map(int, digits.groups())
    end = 10**precision
    return [
        format(Decimal((number < 0, tuple(map(int, str(abs(number)))), -scale)), "f")
        for number in (0, 1, -1, end - 1, 1 - end, end)
    ]


def _made(field: Mapping[str, Any], boundaries: Iterable[Boundary]) -> list[Value]:
    """The edges of one input that its contract and the document make, each once: known values and boundaries."""
    kind = field["type"]
    known = list(field.get("values") or [])
    made: list[Value] = []
    if kind in ("double", "float"):
        made += [float(value) for value in known]
        for margin in _margins(field):
            made += _around(margin, _NARROW, kind)
        for boundary in boundaries:
            if (number := _number(boundary)) is not None:
                made += _around(number, _WIDE if boundary.carried else _NARROW, kind)
    elif kind == "integer":
        made += [int(value) for value in known]
        numbers = [*_margins(field), *(n for b in boundaries if (n := _number(b)) is not None)]
        for number in numbers:
            if math.isfinite(number) and abs(number) < 2**31 - 2:
                made += [*range(math.floor(number) - 1, math.ceil(number) + 2)]
    elif kind != "boolean":
        made += [str(value) for value in known] + [str(boundary.value) for boundary in boundaries]
    return _distinct(made)


def _around(center: float, steps: int, kind: str) -> list[float]:
    """The number, and those next to it, rising; of the field's own type."""
    number: Any = np.float64(center) if kind == "double" else np.float32(center)
    if not np.isfinite(number):
        return []
    below, above = [number], [number]
    infinity = type(number)(np.inf)
    with np.errstate(all="ignore"):
        for _ in range(steps):
            below.append(np.nextafter(below[-1], -infinity))
            above.append(np.nextafter(above[-1], infinity))
    return [float(value) for value in (*below[:0:-1], *above) if np.isfinite(value)]


def _margins(field: Mapping[str, Any]) -> list[float]:
    ends = [interval.get(side) for interval in field.get("intervals") or () for side in ("left", "right")]
    return [float(end) for end in ends if end is not None and math.isfinite(float(end))]


def _number(boundary: Boundary) -> float | None:
    try:
        return float(boundary.value)
    except ValueError:
        return None


def _thin(values: list[Value], most: int) -> list[Value]:
    if len(values) <= most:
        return values
    return [values[i] for i in np.linspace(0, len(values) - 1, most).astype(int).tolist()]


def _distinct(values: Iterable[Value]) -> list[Value]:
    return list({(type(value), repr(value)): value for value in values}.values())
