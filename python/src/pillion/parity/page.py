"""The report as HTML that needs no network and no script: a page of its own, or a part of a notebook."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from pillion.parity.histogram import draw_histogram
from pillion.parity.html import page_environment
from pillion.parity.totals import explained_rows, grouped, judge_run, notes, total, verdict

if TYPE_CHECKING:
    from jinja2 import Environment

_SHOWN_VALUES = 6
_TREATMENTS = {
    "returnInvalid": "refused",
    "asMissing": "taken as missing",
    "asIs": "taken as it is",
}


def make_page(summary: Mapping[str, Any]) -> str:
    """Returns a summary as a whole HTML document.

    Raises:
        ConfigurationError: The libraries that draw it are not installed.
    """
    return _environment().get_template("page.html").render(report=make_fragment(summary))


def make_fragment(summary: Mapping[str, Any]) -> str:
    """Returns a summary as one HTML element with its own style, which fits into a notebook or another page.

    Raises:
        ConfigurationError: The libraries that draw it are not installed.
    """
    environment = _environment()
    style = files("pillion.parity").joinpath("templates", "report.css").read_text(encoding="utf-8")
    results = summary["results"]
    return environment.get_template("report.html").render(
        style=environment.filters["safe"](style),
        summary=summary,
        judgement=judge_run(summary),
        models=list(dict.fromkeys(model for model, _ in grouped(results))),
        routes=list(_routes(results)),
        notes=notes(summary),
        tolerances=_tolerances(results),
        differing=[result for result in results if result["ran"] and result["worst"]],
    )


@cache
def _environment() -> "Environment":
    environment = page_environment("pillion.parity")
    environment.filters.update(value=_value, count=_count, some=_some)
    environment.globals.update(histogram=_histogram, unknown=_unknown, missing=_missing)
    return environment


def _routes(results: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The lines of the matrix: a route each, with a cell for each model."""
    cells = grouped(results)
    models = list(dict.fromkeys(model for model, _ in cells))
    for route in dict.fromkeys(route for _, route in cells):
        of_route = [cells.get((model, route), []) for model in models]
        words = next((result["about"] for found in of_route for result in found), "")
        yield {"name": route, "about": words, "cells": [_cell(found) for found in of_route]}


def _cell(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    whole = total(results) if results else None
    if whole is None:
        return {"level": "none", "whole": None, "explained": 0, "verdict": verdict(results) if results else ""}
    failed = any(not result["passed"] for result in results if result["ran"])
    explained = explained_rows(results)
    level = "failed" if failed else "exact" if whole.exact and not explained else "close"
    return {"level": level, "whole": whole, "explained": explained, "verdict": verdict(results)}


def _tolerances(results: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The results with a row that differs, of which a tolerance would hide some."""
    return [result for result in results if result["ran"] and result["hidden"][0]["differing"]]


def _histogram(column: Mapping[str, Any], number: int) -> Any:
    return _environment().filters["safe"](draw_histogram(column["histogram"], f"ulps-{number}"))


def _unknown(field: Mapping[str, Any]) -> str:
    """What becomes of a value that the model does not know."""
    if field.get("invalid") == "asValue":
        return f"taken as {_value(field.get('invalid_replacement'))}"
    return _TREATMENTS.get(str(field.get("invalid")), "")


def _missing(field: Mapping[str, Any]) -> str:
    """What becomes of a missing value."""
    if field.get("missing_replacement") is not None:
        return f"taken as {_value(field['missing_replacement'])}"
    return "refused" if field.get("missing") == "returnInvalid" else "stays missing"


def _value(value: Any) -> str:
    """A cell in its shortest form that reads back to the same bits."""
    return "missing" if value is None else repr(value) if isinstance(value, float) else str(value)


def _count(value: int) -> str:
    return f"{value:,}"


def _some(values: Sequence[Any] | None) -> str:
    """The first few of a list, and how many more there are."""
    values = values or ()
    more = f" and {len(values) - _SHOWN_VALUES:,} more" if len(values) > _SHOWN_VALUES else ""
    return ", ".join(map(_value, values[:_SHOWN_VALUES])) + more
