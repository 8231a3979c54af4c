"""The baseline: how a model's inputs were distributed in the rows that it was published with; a file of a version.

A number has ten bins of about as many rows each, a text or a boolean its most frequent values; missing values and NaN
are counted by themselves. So it stays small, however many rows there were.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import orjson

from pillion.errors import InvalidModel
from pillion.features.contract import Input
from pillion.tabular.cells import parse_json, to_json
from pillion.tabular.forms import measure
from pillion.types import Value

FORMAT = 1
BINS = 10
"""Of a number."""
CATEGORIES = 50
"""That are kept of a text, at most."""
LONGEST = 200
"""Characters of a category that is kept; longer ones are counted with the others."""
_MEASURED = ("decimal", "timestamp")


@dataclass(frozen=True, slots=True)
class NumberDistribution:
    """How a number was distributed.

    Attributes:
        missing: Rows without a value.
        nan: Rows where it was NaN, or a text that spells no number.
        edges: The upper ends of all bins but the last, ascending; each belongs to its bin.
        counts: Rows by bin, one more than there are edges.
        least: The least value; None where there was none.
        greatest: The greatest value; None where there was none.
    """

    missing: int
    nan: int
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    least: float | None
    greatest: float | None

    @property
    def parts(self) -> tuple[int, ...]:
        """Rows by part: missing, NaN, then by bin."""
        return (self.missing, self.nan, *self.counts)


@dataclass(frozen=True, slots=True)
class CategoryDistribution:
    """How a text or a boolean was distributed.

    Attributes:
        missing: Rows without a value.
        others: Rows with a category that is not kept.
        counts: Rows by category, the most frequent first; a boolean's are `true` and `false`.
    """

    missing: int
    others: int
    counts: Mapping[str, int]

    @property
    def parts(self) -> tuple[int, ...]:
        """Rows by part: missing, others, then by category."""
        return (self.missing, self.others, *self.counts.values())


Distribution = NumberDistribution | CategoryDistribution


@dataclass(frozen=True, slots=True)
class Baseline:
    """How a model's inputs were distributed.

    Attributes:
        rows: How many there were.
        features: By input.
    """

    rows: int
    features: Mapping[str, Distribution]

    def to_bytes(self) -> bytes:
        """Returns it as JSON; the same baseline gives the same bytes."""
        features = {name: _to_json(each) for name, each in self.features.items()}
        about = {"format": FORMAT, "rows": self.rows, "features": features}
        return orjson.dumps(about, option=orjson.OPT_INDENT_2) + b"\n"


def is_category(taken: Input) -> bool:
    """Returns whether an input is counted by category, and not by bins of numbers."""
    return taken.type == "boolean" or (taken.type == "string" and measurer(taken) is None)


def measurer(taken: Input) -> Callable[[str], float] | None:
    """Returns what makes a number of a text that spells a decimal, a date or a time; None for other texts."""
    kind = (taken.format or "").partition("(")[0]
    if kind == "date":
        return lambda text: float(date.fromisoformat(text).toordinal())
    return (lambda text: measure(text, kind)) if kind in _MEASURED else None


def category(value: Value) -> str:
    """Returns a value as the name of a category."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def measure_baseline(columns: Mapping[str, Sequence[Value]], inputs: Iterable[Input]) -> Baseline:
    """Returns how inputs are distributed in rows.

    Args:
        columns: Values by input, in which None is missing; an input without a column is left out.
        inputs: The model's.
    """
    taken = [each for each in inputs if each.name in columns]
    rows = len(columns[taken[0].name]) if taken else 0
    return Baseline(rows, {each.name: _distribution(columns[each.name], each) for each in taken})


def number(value: Value, spelled: Callable[[str], float] | None) -> float:
    """Returns a value that is there as a number; NaN where it is a text that spells none.

    Args:
        value: Of an input that is no category.
        spelled: The input's `measurer`.
    """
    try:
        return float(value) if spelled is None else spelled(str(value))  # type: ignore[arg-type]
    except ValueError:
        return float("nan")


def _distribution(values: Sequence[Value], taken: Input) -> Distribution:
    missing = sum(value is None for value in values)
    if is_category(taken):
        counts = Counter(category(value) for value in values if value is not None)
        kept = sorted((name for name in counts if len(name) <= LONGEST), key=lambda name: (-counts[name], name))
        most = {name: counts[name] for name in kept[:CATEGORIES]}
        return CategoryDistribution(missing, counts.total() - sum(most.values()), most)
    spelled = measurer(taken)
    found = np.array([number(value, spelled) for value in values if value is not None], dtype=np.float64)
    known = found[~np.isnan(found)]
    if not len(known):
        return NumberDistribution(missing, len(found), (), (0,), None, None)
    ends = np.quantile(known, np.arange(1, BINS) / BINS, method="lower")
    edges = np.unique(ends)
    counted = np.bincount(np.searchsorted(edges, known, side="left"), minlength=len(edges) + 1)
    return NumberDistribution(
        missing,
        len(found) - len(known),
        tuple(edges.tolist()),
        tuple(counted.tolist()),
        float(known.min()),
        float(known.max()),
    )


def _to_json(found: Distribution) -> dict[str, Any]:
    if isinstance(found, CategoryDistribution):
        return {"kind": "category", "missing": found.missing, "others": found.others, "counts": dict(found.counts)}
    return {
        "kind": "number",
        "missing": found.missing,
        "nan": found.nan,
        "edges": [to_json(edge) for edge in found.edges],
        "counts": list(found.counts),
        "least": to_json(found.least),
        "greatest": to_json(found.greatest),
    }


def read_baseline(data: bytes, inputs: Iterable[Input], where: str) -> Baseline:
    """Reads a baseline.

    Args:
        data: JSON.
        inputs: The model's.
        where: The file, for messages.

    Raises:
        InvalidModel: It is no baseline, or not of these inputs; names the file and the feature.
    """
    taken = {each.name: each for each in inputs}
    try:
        raw = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InvalidModel(f"{where} is not JSON: {error}") from error
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        found = raw.get("format") if isinstance(raw, dict) else None
        raise InvalidModel(f"{where} has format {found!r}, but only {FORMAT} is known")
    rows, features = raw.get("rows"), raw.get("features")
    if not isinstance(rows, int) or not _is_count(rows) or not isinstance(features, dict):
        raise InvalidModel(f"{where} needs a whole number 'rows' and an object 'features'")
    read = {}
    for name, each in features.items():
        if name not in taken:
            raise InvalidModel(f"{where}: the feature '{name}' is no input of the model")
        try:
            read[name] = _read(each, is_category(taken[name]))
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidModel(
                f"{where}: the feature '{name}' has no distribution that can be read: {error}"
            ) from error
        if sum(read[name].parts) != rows:
            raise InvalidModel(f"{where}: the feature '{name}' has {sum(read[name].parts)} rows instead of {rows}")
    return Baseline(rows, read)


def _read(raw: Mapping[str, Any], by_category: bool) -> Distribution:
    expected = "category" if by_category else "number"
    if raw["kind"] != expected:
        raise ValueError(f"its kind is {raw['kind']!r} instead of '{expected}'")
    counts = raw["counts"]
    plain = [raw["missing"], *(counts.values() if by_category else counts)]
    plain.append(raw["others" if by_category else "nan"])
    if not all(map(_is_count, plain)):
        raise ValueError("a count is no whole number from 0")
    if by_category:
        return CategoryDistribution(raw["missing"], raw["others"], dict(counts))
    edges = tuple(_number(edge) for edge in raw["edges"])
    if len(counts) != len(edges) + 1 or not all(low < high for low, high in pairwise(edges)):
        raise ValueError("its edges do not ascend, or are not one less than its counts")
    ends = (None if raw[end] is None else _number(raw[end]) for end in ("least", "greatest"))
    return NumberDistribution(raw["missing"], raw["nan"], edges, tuple(counts), *ends)


def _number(raw: Any) -> float:
    number = parse_json(raw, "double")
    if not isinstance(number, float):
        raise TypeError(f"{raw!r} is no number")
    return number


def _is_count(raw: object) -> bool:
    return isinstance(raw, int) and not isinstance(raw, bool) and raw >= 0
