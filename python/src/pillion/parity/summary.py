"""The summary of a run: plain data, which the JSON file, the table on screen and the HTML page are made of."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pillion.parity.case import Case
from pillion.parity.compare import ColumnComparison, Comparison, Mask
from pillion.parity.run import Result
from pillion.parity.verdict import explain
from pillion.tabular.cells import to_json

FORMAT = 1
BUCKETS: tuple[tuple[str, int], ...] = (
    ("0", 0), ("1", 1), ("2", 2), ("3–4", 4), ("5–8", 8), ("9–16", 16), ("17–32", 32), ("33–64", 64),
    ("65–1,024", 1 << 10), ("up to 2²⁰", 1 << 20), ("up to 2⁴⁰", 1 << 40), ("more", (1 << 64) - 1),
)  # fmt: skip
"""Labels of the histogram's bars, with the most ULPs that each counts."""
OTHER_KIND = "other kind"
TOLERANCES: tuple[tuple[str, str, float], ...] = (
    ("relative 1e-9", "relative", 1e-9),
    ("relative 1e-6", "relative", 1e-6),
    ("three decimals", "gap", 0.0005),
)
"""What tests of numbers are often content with: a relative difference, or a difference."""
_WORST = 8
_FIRST = 5


def summarise(
    cases: Sequence[Case], results: Sequence[Result], failures: Sequence[str], about: Mapping[str, Any]
) -> dict[str, Any]:
    """Returns the summary of a run, ready for JSON.

    Args:
        cases: all.
        results: of all cases and routes.
        failures: what failed, one sentence each.
        about: when and how it was run, and how good the models are.
    """
    return {
        "format": FORMAT,
        **about,
        "passed": not failures,
        "failures": list(failures),
        "cases": [_case(case) for case in cases],
        "results": [_result(result) for result in results],
    }


def _case(case: Case) -> dict[str, Any]:
    return {
        "model": case.model,
        "group": case.group,
        "origin": case.origin,
        "sha256": hashlib.sha256(case.document).hexdigest(),
        "inputs": [_input(field) for field in case.contract["inputs"]],
        "rows": case.rows,
        "real": case.real,
        "edge": case.rows - case.real,
        "spark_errors": len(case.expected.row_errors),
        "outputs": list(case.outputs),
        "labels": list(case.labels),
        "score": list(case.score),
        "not_compared": list(case.uncompared),
    }


def _input(field: Mapping[str, Any]) -> dict[str, Any]:
    keys = ("source", "invalid", "invalid_replacement", "missing", "missing_replacement")
    return {
        "name": field["name"],
        "type": field["type"],
        "values": [to_json(value) for value in field.get("values") or ()],
        **{key: to_json(field.get(key)) for key in keys},
    }


def _result(result: Result) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "model": result.case.model,
        "group": result.case.group,
        "route": result.route,
        "about": result.about,
        "engine": result.engine,
        "arithmetic": result.arithmetic,
        "ran": result.ran,
        "refusal": result.refusal,
        "unsupported": result.unsupported,
        "seconds": round(result.seconds, 3),
        "not_asked": result.not_asked,
    }
    comparison, verdict, difference = result.comparison, result.verdict, result.difference
    if comparison is None or verdict is None or difference is None or result.actual is None:
        return summary
    return {
        **summary,
        "passed": verdict.passed,
        "problems": list(verdict.problems),
        "difference": difference.as_dict(),
        "explained": [
            {"reason": group.reason, "rows": len(group.rows), "first": group.rows[:_FIRST].tolist()}
            for group in verdict.explained
        ],
        "columns": [_column(name, column) for name, column in comparison.columns.items()],
        "hidden": hidden(comparison),
        "worst": _worst(result, comparison),
    }


def _column(name: str, column: ColumnComparison) -> dict[str, Any]:
    return {
        "name": name,
        "differing": int(column.differing.sum()),
        "mismatched": int(column.mismatched.sum()),
        "max_ulps": int(column.steps.max(initial=0)),
        "max_relative": to_json(float(column.relative.max(initial=0.0))),
        "histogram": histogram(column),
    }


def histogram(column: ColumnComparison) -> dict[str, int]:
    """Returns how many cells lie how many ULPs from the reference's, by the labels of `BUCKETS` and `OTHER_KIND`."""
    limits = np.array([limit for _, limit in BUCKETS], dtype=np.uint64)
    indices = np.searchsorted(limits, column.steps[~column.mismatched])
    counts = np.bincount(indices, minlength=len(limits)).tolist()
    bars = {label: count for (label, _), count in zip(BUCKETS, counts, strict=True)}
    return {**bars, OTHER_KIND: int(column.mismatched.sum())}


def hidden(comparison: Comparison) -> list[dict[str, Any]]:
    """Returns, for each of `TOLERANCES`, how many of the rows that differ a test with it would have let pass."""
    differing = comparison.differing
    found = []
    for name, measure, limit in TOLERANCES:
        close: Mask = np.ones(len(comparison.kept), dtype=bool)
        for column in comparison.columns.values():
            close &= ~column.mismatched & (getattr(column, measure) <= limit)
        found.append({"tolerance": name, "differing": int(differing.sum()), "hidden": int((differing & close).sum())})
    return found


def _worst(result: Result, comparison: Comparison) -> list[dict[str, Any]]:
    """The rows that differ most: other decisions first, then by ULPs, then by row."""
    order = np.lexsort((comparison.kept, ~comparison.steps, ~comparison.decided_otherwise))
    chosen = [index for index in order[:_WORST].tolist() if comparison.differing[index]]
    return [_row(result, comparison, index) for index in chosen]


def _row(result: Result, comparison: Comparison, index: int) -> dict[str, Any]:
    case, row = result.case, int(comparison.kept[index])
    assert result.actual is not None
    shown = [name for name, column in comparison.columns.items() if column.differing[index]][:_WORST]
    return {
        "row": row,
        "edge": row >= case.real,
        "decision": bool(comparison.decided_otherwise[index]),
        "ulps": int(comparison.steps[index]),
        "reason": explain(case, result.actual, row),
        "inputs": {name: to_json(column[row]) for name, column in case.columns.items()},
        "expected": {name: to_json(case.expected.columns[name][row]) for name in shown},
        "actual": {name: to_json(result.actual.columns[name][row]) for name in shown},
    }
