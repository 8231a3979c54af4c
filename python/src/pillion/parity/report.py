"""The report on screen: a table with a line for each route and model, and what failed."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from pillion.parity.compare import Difference, add

_NUMBERS = ("rows", "bits differ", "max ULPs", "max relative", "decisions", "ranks", "refused", "answered", "explained")


def print_report(summary: Mapping[str, Any], console: Console) -> None:
    """Prints the table, then the reasons of differences that PMML's rules explain, then what failed."""
    console.print(make_table(summary))
    for line in notes(summary):
        console.print(line, markup=False, highlight=False)
    for failure in summary["failures"]:
        console.print(f"FAILED {failure}", markup=False, highlight=False, style="red")


def make_table(summary: Mapping[str, Any]) -> Table:
    """Returns the table: one line a route and model; the cases of a group are one line."""
    table = Table(title="Each route against Spark, bit by bit", title_justify="left")
    table.add_column("model")
    table.add_column("route")
    table.add_column("arithmetic")
    for name in _NUMBERS:
        table.add_column(name, justify="right")
    table.add_column("s", justify="right")
    table.add_column("verdict")
    for (model, route), results in grouped(summary["results"]).items():
        table.add_row(model, route, *_cells(results), style=None if _passed(results) else "red")
    return table


def grouped(results: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    """Returns results by (model or group, route), in their order."""
    by_place: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for result in results:
        by_place.setdefault((result["group"] or result["model"], result["route"]), []).append(result)
    return by_place


def total(results: Sequence[Mapping[str, Any]]) -> Difference | None:
    """Returns the difference over results; None where none ran."""
    whole: Difference | None = None
    for result in results:
        if result["ran"]:
            one = Difference(**{**result["difference"], "max_relative": float(result["difference"]["max_relative"])})
            whole = one if whole is None else add(whole, one)
    return whole


def explained_rows(results: Sequence[Mapping[str, Any]]) -> int:
    """Returns how many rows differ for a known reason; the other figures leave them out."""
    return sum(group["rows"] for result in results if result["ran"] for group in result["explained"])


def verdict(results: Sequence[Mapping[str, Any]]) -> str:
    """Returns the verdict over results in a few words."""
    ran = [result for result in results if result["ran"]]
    if not ran:
        return "declined" if results[0]["unsupported"] else "did not run"
    words = "FAILED" if any(not result["passed"] for result in ran) else "passed"
    declined = len(results) - len(ran)
    return f"{words}, {declined} of {len(results)} declined" if declined else words


def notes(summary: Mapping[str, Any]) -> list[str]:
    """Returns what the table has no room for, routes of which the same holds in one line.

    These are explained differences, routes that declined or broke, and rows that a route was not asked about.
    """
    routes_of: dict[tuple[str, str], list[str]] = {}
    for result in summary["results"]:
        for note in _notes(result):
            routes_of.setdefault((result["group"] or result["model"], note), []).append(result["route"])
    return [
        f"{model}, {', '.join(dict.fromkeys(routes))}: {note}" + (f" (in {len(routes)} cases)" if repeats else "")
        for (model, note), routes in routes_of.items()
        for repeats in [len(set(routes)) < len(routes)]
    ]


def _notes(result: Mapping[str, Any]) -> list[str]:
    if not result["ran"]:
        return [result["refusal"]]
    lines = [f"{result['not_asked']:,} rows of the case were not asked"] if result["not_asked"] else []
    for group in result["explained"]:
        count = "" if result["group"] else f"{group['rows']:,} "
        lines.append(f"{count}rows differ: {group['reason']}")
    return lines


def _cells(results: Sequence[Mapping[str, Any]]) -> list[str]:
    whole = total(results)
    arithmetic = " and ".join(sorted({result["arithmetic"] for result in results if result["ran"]}))
    seconds = f"{sum(result['seconds'] for result in results):.1f}"
    if whole is None:
        return ["", *[""] * len(_NUMBERS), "", verdict(results)]
    counts = [f"{whole.rows:,}", f"{whole.rows_differing:,}", f"{whole.max_ulps:,}", f"{whole.max_relative:.1e}"]
    counts += [f"{n:,}" for n in (whole.decisions_differing, whole.ranks_differing, whole.refused, whole.answered)]
    counts.append(f"{explained_rows(results):,}")
    return [arithmetic, *counts, seconds, verdict(results)]


def _passed(results: Sequence[Mapping[str, Any]]) -> bool:
    return all(result["passed"] for result in results if result["ran"])
