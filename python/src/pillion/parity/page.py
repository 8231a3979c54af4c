"""The report as one HTML file that needs no network and no script: matrix, histograms, worst rows, tolerances."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from pillion.parity.report import explained_rows, grouped, notes, total, verdict

_STYLE = """
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#1b1f24}
h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2rem}h3{font-size:1rem;margin:1.2rem 0 .3rem}
table{border-collapse:collapse;margin:.6rem 0}th,td{border:1px solid #d5d9de;padding:.25rem .55rem;text-align:left;
vertical-align:top}td.n{text-align:right;font-variant-numeric:tabular-nums}th{background:#f2f4f6}
.exact{background:#d9f2df}.close{background:#eef7d8}.failed{background:#fbd9d6}.none{background:#eceef0;color:#555}
.wide{overflow-x:auto}code{font-size:.86em}small{color:#555}summary{cursor:pointer}svg text{font:11px sans-serif}
figure{display:inline-block;margin:.4rem 1rem .4rem 0}figcaption{font-size:.85rem}
"""
_BAR_WIDTH, _BAR_HEIGHT = 30, 70
_ROUND_TRIP = "Doubles are shown in their shortest form that reads back to the same bits."


def make_page(summary: Mapping[str, Any]) -> str:
    """Returns the HTML page of a summary."""
    state = "passed" if summary["passed"] else "FAILED"
    parts = [
        "<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>Parity with Spark</title>",
        f"<style>{_STYLE}</style></head><body><h1>Parity with Spark: {state}</h1>",
        f"<p>{_text(_about(summary))}</p>",
        *[f"<p class=failed>{_text(failure)}</p>" for failure in summary["failures"]],
        "<h2>Routes and models</h2>",
        _matrix(summary),
        "<p><small>Each cell: rows whose bits differ of the rows asked, greatest distance in ULPs, verdict. Green: the"
        " bits of Spark in every row. Pale: other bits within the rule, or for a reason given below; rows with a reason"
        " are not in the figures.</small></p>",
        *[f"<p><small>{_text(note)}</small></p>" for note in notes(summary)],
        "<h2>Rows</h2>",
        _rows(summary["cases"]),
        "<h2>What a tolerance would hide</h2>",
        _tolerances(summary["results"]),
        "<h2>Where bits differ</h2>",
        *_details(summary["results"]),
        "</body></html>\n",
    ]
    return "".join(parts)


def _about(summary: Mapping[str, Any]) -> str:
    spark = summary.get("spark") or {}
    facts = [f"{key.replace('_', ' ')} {value}" for key, value in spark.items()]
    return f"Made {summary.get('created', '')}. Spark: {', '.join(facts) or 'recorded outputs'}."


def _matrix(summary: Mapping[str, Any]) -> str:
    cells = grouped(summary["results"])
    models = list(dict.fromkeys(model for model, _ in cells))
    routes = list(dict.fromkeys(route for _, route in cells))
    head = "".join(f"<th>{_text(model)}</th>" for model in models)
    lines = []
    for route in routes:
        row = "".join(_cell(cells.get((model, route), [])) for model in models)
        lines.append(f"<tr><th>{_text(route)}</th>{row}</tr>")
    return f"<div class=wide><table><tr><th></th>{head}</tr>{''.join(lines)}</table></div>"


def _cell(results: Sequence[Mapping[str, Any]]) -> str:
    whole = total(results) if results else None
    if whole is None:
        return f"<td class=none>{_text(verdict(results)) if results else ''}</td>"
    failed = any(not result["passed"] for result in results if result["ran"])
    explained = explained_rows(results)
    style = "failed" if failed else "exact" if whole.exact and not explained else "close"
    figures = f"{whole.rows_differing:,} of {whole.rows:,}<br>{whole.max_ulps:,} ULPs"
    figures += f"<br>{explained:,} more explained" if explained else ""
    return f"<td class={style}>{figures}<br>{_text(verdict(results))}</td>"


def _rows(cases: Sequence[Mapping[str, Any]]) -> str:
    names = ("model", "origin", "real", "edge", "spark_errors", "outputs", "not_compared")
    head = "<tr><th>model<th>rows are<th>real<th>edge<th>Spark throws or drops<th>outputs<th>Spark has no column</tr>"
    lines = ["<tr>" + "".join(_datum(case[name]) for name in names) + "</tr>" for case in cases]
    return f"<div class=wide><table>{head}{''.join(lines)}</table></div>"


def _datum(value: Any) -> str:
    if isinstance(value, int):
        return f"<td class=n>{value:,}</td>"
    if isinstance(value, list):
        value = ", ".join(value[:6]) + (f" and {len(value) - 6} more" if len(value) > 6 else "")
    return f"<td>{_text(value)}</td>"


def _tolerances(results: Sequence[Mapping[str, Any]]) -> str:
    lines = []
    for result in results:
        if result["ran"] and result["hidden"][0]["differing"]:
            hidden = "".join(f"<td class=n>{entry['hidden']:,}</td>" for entry in result["hidden"])
            differing = result["hidden"][0]["differing"]
            where = f"<td>{_text(result['model'])}<td>{_text(result['route'])}<td class=n>{differing:,}</td>"
            lines.append(f"<tr>{where}{hidden}</tr>")
    if not lines:
        return "<p>Nothing: no row of any route differs from Spark's bits.</p>"
    names = next(result["hidden"] for result in results if result["ran"])
    head = "".join(f"<th>let pass by {_text(entry['tolerance'])}" for entry in names)
    return f"<table><tr><th>model<th>route<th>rows that differ{head}</tr>{''.join(lines)}</table>"


def _details(results: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    differing = [r for r in results if r["ran"] and r["worst"]]
    if not differing:
        yield "<p>Nowhere.</p>"
    for result in differing:
        bars = "".join(_histogram(column) for column in result["columns"] if column["differing"])
        yield (
            f"<h3>{_text(result['model'])} by {_text(result['route'])}</h3>"
            f"<details><summary>ULPs by output column</summary>{bars}</details>"
            f"<details><summary>worst rows</summary><p><small>{_ROUND_TRIP}</small></p>"
            f"{''.join(_worst(row) for row in result['worst'])}</details>"
        )


def _histogram(column: Mapping[str, Any]) -> str:
    """Bars whose height is the logarithm of their count, drawn as inline SVG."""
    counts = [(label, count) for label, count in column["histogram"].items() if count]
    highest = max(count for _, count in counts).bit_length()
    bars = []
    for place, (label, count) in enumerate(counts):
        height = _BAR_HEIGHT * count.bit_length() / highest
        x, y = place * (_BAR_WIDTH * 2), _BAR_HEIGHT + 14 - height
        colour = "#3a9d5d" if label == "0" else "#d08a1d" if label != "other kind" else "#c8413a"
        bars.append(
            f"<rect x={x + 8} y={y:.1f} width={_BAR_WIDTH + 14} height={height:.1f} fill='{colour}'/>"
            f"<text x={x + 8} y={y - 3:.1f}>{count:,}</text>"
            f"<text x={x + 8} y={_BAR_HEIGHT + 28}>{_text(label)}</text>"
        )
    width = len(counts) * _BAR_WIDTH * 2 + 20
    caption = f"{_text(column['name'])}: cells by ULPs from Spark's (heights are logarithms)"
    return (
        f"<figure><svg width={width} height={_BAR_HEIGHT + 34} role=img>{''.join(bars)}</svg>"
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _worst(row: Mapping[str, Any]) -> str:
    kind = "edge row" if row["edge"] else "row"
    what = "another decision" if row["decision"] else f"{row['ulps']:,} ULPs"
    outputs = "".join(
        f"<tr><td>{_text(name)}<td><code>{_text(row['expected'][name])}</code>"
        f"<td><code>{_text(row['actual'][name])}</code></tr>"
        for name in row["expected"]
    )
    inputs = ", ".join(f"{_text(name)} = {_text(value)}" for name, value in row["inputs"].items())
    reason = f"<br>{_text(row['reason'])}" if row["reason"] else ""
    return (
        f"<p><b>{kind} {row['row']:,}, {what}</b>{reason}</p><table><tr><th>output<th>Spark<th>route</tr>{outputs}"
        f"</table><p><small>inputs: <code>{inputs}</code></small></p>"
    )


def _text(value: Any) -> str:
    return escape("missing" if value is None else repr(value) if isinstance(value, float) else str(value))
