"""What the first rows of a table show of its columns: bounds, and what may stand in where a value is missing."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median_low

from pillion.errors import InvalidInput
from pillion.project import ValueType
from pillion.tabular.source import Source
from pillion.types import Value

_NUMBERS = ("integer", "float", "double")
_DEFAULTS = (*_NUMBERS, "string", "boolean")


@dataclass(frozen=True, slots=True)
class Observed:
    """A column's first rows.

    Attributes:
        bounds: The least and the greatest number; None where it has none, or is of no number's type.
        usual: What could stand in where a value is missing: the number in the middle, the commonest text or truth
            value. None where none is missing.
    """

    bounds: tuple[int | float, int | float] | None
    usual: Value


def observe(source: Source, types: Mapping[str, ValueType]) -> dict[str, Observed]:
    """Returns what the first batch of a table shows of columns; nothing where a cell is not of its type."""
    try:
        first = next(source.batches({name: each for name, each in types.items() if each in _DEFAULTS}), None)
    except InvalidInput:
        return {}
    return {} if first is None else {name: _of(cells, types[name]) for name, cells in first.columns.items()}


def _of(cells: list[Value], type_: ValueType) -> Observed:
    there = [cell for cell in cells if cell is not None and cell == cell]
    if not there:
        return Observed(None, None)
    lacking = len(there) < len(cells)
    if type_ not in _NUMBERS:
        return Observed(None, Counter(there).most_common(1)[0][0] if lacking else None)
    numbers: list[int | float] = sorted(there)  # type: ignore[arg-type]
    return Observed((numbers[0], numbers[-1]), median_low(numbers) if lacking else None)
