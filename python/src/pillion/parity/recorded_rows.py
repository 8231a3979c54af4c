"""Recorded rows: inputs with Spark's own outputs, one JSON object a line; verification sets and golden cases have them.

A line is `{"input": {...}, "expected": {...}}`. Doubles are in the shortest form that reads back to the same bits, NaN
and infinities are text, and an absent field is missing. Where Spark refused the row, `expected` is `{"error": ...}`.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from pillion.errors import InvalidModel
from pillion.scoring import RowError, Scores
from pillion.types import Value

_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_SPARK_REFUSED = "Spark refuses this row"


@dataclass(frozen=True, slots=True)
class Recorded:
    """Rows with the outputs that Spark computed for them.

    Attributes:
        inputs: Columns by name; None is missing.
        expected: Spark's outputs, those that were recorded; the rows that it refused are among its `row_errors`.
        rows: How many.
    """

    inputs: dict[str, list[Value]]
    expected: Scores
    rows: int


def write_rows(
    inputs: Mapping[str, Sequence[Value]], expected: Scores, *, refusals: Mapping[int, str] | None = None
) -> bytes:
    """Writes recorded rows; the same rows give the same bytes.

    Args:
        inputs: Columns by name; None is missing.
        expected: Spark's outputs; the rows that it refused are among its `row_errors`.
        refusals: What is written of each refused row, by row; `true` where None.
    """
    refused = {error.row for error in expected.row_errors}
    lines = []
    for row in range(len(next(iter(inputs.values())))):
        given = {name: _cell(column[row]) for name, column in inputs.items() if column[row] is not None}
        wanted: dict[str, Any] = {name: _cell(column[row]) for name, column in expected.columns.items()}
        if row in refused:
            wanted = {"error": True if refusals is None else refusals[row]}
        lines.append(json.dumps({"input": given, "expected": wanted}, ensure_ascii=False, allow_nan=False))
    return ("\n".join(lines) + "\n").encode()


def read_rows(data: bytes, contract: Mapping[str, Any], outputs: Sequence[Mapping[str, Any]], source: str) -> Recorded:
    """Reads recorded rows.

    Args:
        data: JSON Lines.
        contract: Its `inputs` say which there are, and of what type.
        outputs: The model's, with their types.
        source: The file, for messages.

    Raises:
        InvalidModel: A line is not of that form; names it.
    """
    given: list[dict[str, Value]] = []
    wanted: list[dict[str, Value]] = []
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            record = orjson.loads(line)
            given.append(dict(record["input"]))
            wanted.append(dict(record["expected"]))
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidModel(f"{source}, line {number}: not a recorded row") from error
    errors = tuple(RowError(row, "", "", _SPARK_REFUSED) for row, outcome in enumerate(wanted) if "error" in outcome)
    named = {name for outcome in wanted for name in outcome}
    columns = {o["name"]: _column(wanted, o["name"], o["type"]) for o in outputs if o["name"] in named}
    inputs = {i["name"]: _column(given, i["name"], i["type"]) for i in contract["inputs"]}
    return Recorded(inputs, Scores(columns, errors), len(given))


def _cell(value: Value) -> Value:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _column(rows: Sequence[Mapping[str, Value]], name: str, kind: str) -> list[Value]:
    values = [row.get(name) for row in rows]
    if kind not in ("double", "float"):
        return values
    return [_WORDS[v] if isinstance(v, str) else None if v is None else float(v) for v in values]
