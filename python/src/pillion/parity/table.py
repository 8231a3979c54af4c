"""The report on screen: a table for each model, 80 columns wide, then what it has no room for, and what failed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from pillion.parity.totals import explained_rows, grouped, judge_run, notes, passed, total, verdict

_MOST_DIGITS = 6


def print_summary(summary: Mapping[str, Any], console: Console) -> None:
    """Prints the tables, the reasons of differences that PMML's rules explain, what failed, and the verdict."""
    for table in make_tables(summary):
        console.print(table)
    for line in (*_besides(summary), *notes(summary)):
        console.print(line, markup=False, highlight=False)
    for failure in summary["failures"]:
        console.print(f"FAILED {failure}", markup=False, highlight=False, style="red")
    judgement = judge_run(summary)
    colour = {"exact": "green", "close": "yellow", "failed": "red"}[judgement.level]
    console.print(judgement.sentence, markup=False, highlight=False, style=f"bold {colour}")


def make_tables(summary: Mapping[str, Any]) -> list[Table]:
    """Returns a table for each model, with a line for each route; the cases of a group are one line."""
    tables: dict[str, Table] = {}
    for (model, route), results in grouped(summary["results"]).items():
        if model not in tables:
            tables[model] = table = Table(title=model, title_justify="left", box=box.SIMPLE)
            table.add_column("route", max_width=30)
            table.add_column("bits of")
            for name in ("rows", "differ", "max ULPs"):
                table.add_column(name, justify="right")
            table.add_column("verdict", max_width=12)
        tables[model].add_row(route, *_cells(results), style=None if passed(results) else "red")
    return list(tables.values())


def _cells(results: Sequence[Mapping[str, Any]]) -> list[str]:
    whole = total(results)
    if whole is None:
        return ["", "", "", "", verdict(results)]
    arithmetic = " and ".join(sorted({result["arithmetic"] for result in results if result["ran"]}))
    ulps = f"{whole.max_ulps:,}" if whole.max_ulps < 10**_MOST_DIGITS else f"{whole.max_ulps:.1e}"
    return [arithmetic, f"{whole.rows:,}", f"{whole.rows_differing:,}", ulps, verdict(results)]


def _besides(summary: Mapping[str, Any]) -> Iterator[str]:
    """What differs besides bits, a line for each model and route."""
    for (model, route), results in grouped(summary["results"]).items():
        whole = total(results)
        if whole is None:
            continue
        found = {
            "rows with another decision": whole.decisions_differing,
            "places of the ranking with another row": whole.ranks_differing,
            "rows refused though Spark answers": whole.refused,
            "rows answered though Spark throws": whole.answered,
            "rows that differ for a reason": explained_rows(results),
        }
        words = [f"{count:,} {what}" for what, count in found.items() if count]
        if whole.rows_differing:
            words.append(f"numbers up to {whole.max_relative:.1e} of their value away")
        if words:
            yield f"{model}, {route}: {', '.join(words)}"
