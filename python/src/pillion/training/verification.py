"""The verification set of a version: rows with Spark's own outputs, a sample of real ones and edge rows.

Edge rows are made from the feature contract: for each field alone missing, and by its type each known category and an
unseen one, or zero, −0.0, extremes, NaN and infinities. The other fields keep a real row's values.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pillion.scoring.packed import Reply
from pillion.types import Value

Rows = dict[str, list[Value]]
_DOUBLES: tuple[float, ...] = (0.0, -0.0, 1e300, -1e300, 5e-324, math.nan, math.inf, -math.inf)
_INTEGERS = (0, -1, 2**31 - 1, -(2**31))
UNSEEN = "\u2603 never seen"


def edge_rows(inputs: Sequence[Mapping[str, Any]], sample: Mapping[str, Sequence[Value]], seed: int) -> Rows:
    """Makes edge rows, those of one field next to each other, so that a bad row is found in few jobs.

    Args:
        inputs: the contract's inputs (`name`, `type`, perhaps `values`).
        sample: real rows as columns; each edge row starts as one of them.
        seed: picks which.
    """
    random = np.random.default_rng(seed)
    names = [field["name"] for field in inputs]
    count = len(sample[names[0]])
    out: Rows = {name: [] for name in names}

    def add(changes: Mapping[str, Value]) -> None:
        base = int(random.integers(0, count))
        for name in names:
            out[name].append(changes[name] if name in changes else sample[name][base])

    for field in inputs:
        for value in _edges(field):
            add({field["name"]: value})
    add(dict.fromkeys(names))
    return out


def _edges(field: Mapping[str, Any]) -> list[Value]:
    kind = field["type"]
    known: list[Value] = list(field.get("values") or [])
    if kind in ("double", "float"):
        return [None, *_DOUBLES]
    if kind == "integer":
        return [None, *_INTEGERS]
    if kind == "boolean":
        return [None, True, False]
    return [None, *known[:200], UNSEEN, ""]


def sample_rows(rows: Mapping[str, Sequence[Value]], count: int, seed: int) -> Rows:
    """Draws `count` rows without replacement (all, if there are fewer), in their order."""
    total = len(next(iter(rows.values())))
    chosen = np.sort(np.random.default_rng(seed).permutation(total)[:count])
    return {name: [column[i] for i in chosen] for name, column in rows.items()}


def join_rows(first: Rows, second: Rows) -> Rows:
    """Rows of `first`, then of `second`; the same columns in both."""
    return {name: [*first[name], *second[name]] for name in first}


def to_jsonl(inputs: Mapping[str, Sequence[Value]], expected: Reply) -> str:
    """One JSON line a row: `{"input": …, "expected": …}`; `expected` is `{"error": true}` where Spark threw."""
    failed = {error.row for error in expected.errors}
    lines = []
    for row in range(len(next(iter(inputs.values())))):
        given = {name: _json(column[row]) for name, column in inputs.items() if column[row] is not None}
        wanted: dict[str, Any] = (
            {"error": True}
            if row in failed
            else {name: _json(column[row]) for name, column in expected.columns.items()}
        )
        lines.append(json.dumps({"input": given, "expected": wanted}, ensure_ascii=False, allow_nan=False))
    return "\n".join(lines) + "\n"


def _json(value: Value) -> Value:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
