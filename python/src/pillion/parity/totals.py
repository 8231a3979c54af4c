"""What a summary comes to: results by model and route, their sums, the reasons, and the verdict over all of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pillion.parity.compare import Difference, add
from pillion.parity.verdict import LARGEST_RELATIVE
from pillion.scoring.scorer import EXACT_ARITHMETIC

Level = Literal["exact", "close", "failed"]
"""`exact`: routes that promise Spark's bits gave them; `close`: no route promises them; `failed`: some route failed."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict over a whole run.

    Attributes:
        level: which colour it has.
        sentence: what it says.
    """

    level: Level
    sentence: str


def judge_run(summary: Mapping[str, Any]) -> Judgement:
    """Returns the verdict over all routes and models of a summary."""
    failures = summary["failures"]
    if failures:
        findings = "one finding" if len(failures) == 1 else f"{len(failures):,} findings, of which the first"
        return Judgement("failed", f"Parity failed, with {findings}: {failures[0]}.")
    ran = [result for result in summary["results"] if result["ran"]]
    if not ran:
        return Judgement("failed", "Nothing was compared: no route could score the rows.")
    promised = [result for result in ran if result["arithmetic"] == EXACT_ARITHMETIC]
    others = [result for result in ran if result["arithmetic"] != EXACT_ARITHMETIC]
    if not promised:
        return Judgement("close", f"No route promises Spark's bits here, and {_closeness(others)}.")
    exact = f"{_routes(promised)} gave the very bits that Spark computed, in all {_rows(promised):,} answers"
    rest = f"; of those that do not promise them, {_closeness(others)}" if others else ""
    return Judgement("exact", f"{exact[0].upper()}{exact[1:]}{rest}.")


def _closeness(results: Sequence[Mapping[str, Any]]) -> str:
    explained = explained_rows(results)
    besides = f", {explained:,} answers left out for the reasons given" if explained else ""
    return (
        f"{_routes(results)} gave the same decisions and ranks, with numbers at most {LARGEST_RELATIVE:g} of their"
        f" value away{besides}"
    )


def _routes(results: Sequence[Mapping[str, Any]]) -> str:
    count = len({result["route"] for result in results})
    return "one route" if count == 1 else f"{count} routes"


def _rows(results: Sequence[Mapping[str, Any]]) -> int:
    return sum(result["difference"]["rows"] for result in results)


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


def passed(results: Sequence[Mapping[str, Any]]) -> bool:
    """Returns whether every one of them that ran has passed."""
    return all(result["passed"] for result in results if result["ran"])


def verdict(results: Sequence[Mapping[str, Any]]) -> str:
    """Returns the verdict over results in a few words."""
    ran = [result for result in results if result["ran"]]
    if not ran:
        return "declined" if results[0]["unsupported"] else "did not run"
    words = "passed" if passed(ran) else "FAILED"
    declined = len(results) - len(ran)
    return f"{words}, {declined} of {len(results)} declined" if declined else words


def notes(summary: Mapping[str, Any]) -> list[str]:
    """Returns what a table has no room for, routes of which the same holds in one line.

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
