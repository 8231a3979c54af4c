"""The verification set of a version: rows with Spark's own outputs, a sample of real ones and edge rows.

Edge rows are made by `pillion.parity.edge`, which the parity run uses as well.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pillion.parity.edge import UNSEEN, Rows, edge_rows
from pillion.scoring.packed import Reply
from pillion.types import Value

__all__ = ["UNSEEN", "Rows", "edge_rows", "join_rows", "sample_rows", "to_jsonl"]


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
        record = {"input": given, "expected": wanted}
        lines.append(json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":")))
    return "\n".join(lines) + "\n"


def _json(value: Value) -> Value:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
