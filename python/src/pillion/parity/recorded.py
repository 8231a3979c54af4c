"""Recorded rows: inputs with Spark's own outputs, one JSON object a line, the form of a verification set."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from pillion.errors import InvalidModel
from pillion.scoring.packed import Reply, RowError
from pillion.types import Value

_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_SPARK_REFUSED = "Spark refuses this row"


@dataclass(frozen=True, slots=True)
class Recorded:
    """Rows with the outputs that Spark computed for them.

    Attributes:
        inputs: Columns by name; None is missing.
        expected: Spark's outputs, those that were recorded; the rows that it refused are among its errors.
        rows: How many.
    """

    inputs: dict[str, list[Value]]
    expected: Reply
    rows: int


def read_rows(data: bytes, contract: Mapping[str, Any], outputs: Sequence[Mapping[str, Any]], source: str) -> Recorded:
    """Reads recorded rows.

    Args:
        data: JSON Lines: `{"input": {...}, "expected": {...}}`; `{"error": …}` is expected where Spark refused the row.
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
    return Recorded(inputs, Reply(columns, errors), len(given))


def _column(rows: Sequence[Mapping[str, Value]], name: str, kind: str) -> list[Value]:
    values = [row.get(name) for row in rows]
    if kind not in ("double", "float"):
        return values
    return [_WORDS[v] if isinstance(v, str) else None if v is None else float(v) for v in values]
