"""Recorded rows: inputs with Spark's own outputs, one JSON object a line; verification sets and golden cases have them.

A line is `{"input": {...}, "expected": {...}}`. Doubles are in the shortest form that reads back to the same bits, NaN
and infinities are text, and an absent field is missing. Where Spark refused the row, `expected` is `{"error": ...}`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from pillion.errors import InvalidModel
from pillion.scoring import RowError, Scores
from pillion.tabular.cells import parse_json, to_json
from pillion.types import Value

_SPARK_REFUSED = "Spark refuses this row"


@dataclass(frozen=True, slots=True)
class RecordedRows:
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
        given = {name: to_json(column[row]) for name, column in inputs.items() if column[row] is not None}
        wanted: dict[str, Any] = {name: to_json(column[row]) for name, column in expected.columns.items()}
        if row in refused:
            wanted = {"error": True if refusals is None else refusals[row]}
        lines.append(json.dumps({"input": given, "expected": wanted}, ensure_ascii=False, allow_nan=False))
    return ("\n".join(lines) + "\n").encode()


def read_rows(
    data: bytes, contract: Mapping[str, Any], outputs: Sequence[Mapping[str, Any]], source: str
) -> RecordedRows:
    """Reads recorded rows.

    Args:
        data: JSON Lines.
        contract: Its `inputs` say which there are, and of what type.
        outputs: The model's, with their types.
        source: The file, for messages.

    Raises:
        InvalidModel: A line is not of that form, or a number is none; names it.
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
    refusals = {row: outcome["error"] for row, outcome in enumerate(wanted) if "error" in outcome}
    errors = tuple(
        RowError(row, "", "", why if isinstance(why, str) else _SPARK_REFUSED) for row, why in refusals.items()
    )
    named = {name for outcome in wanted for name in outcome}
    columns = {o["name"]: _column(wanted, o, source) for o in outputs if o["name"] in named}
    inputs = {i["name"]: _column(given, i, source) for i in contract["inputs"]}
    return RecordedRows(inputs, Scores(columns, errors), len(given))


def _column(rows: Sequence[Mapping[str, Value]], field: Mapping[str, Any], source: str) -> list[Value]:
    name, kind = field["name"], field["type"]
    values = [row.get(name) for row in rows]
    try:
        return [parse_json(value, kind) for value in values] if kind in ("double", "float") else values
    except ValueError as error:
        raise InvalidModel(f"{source}: a value of '{name}' is not of type {kind}: {error}") from error
