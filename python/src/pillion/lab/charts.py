"""The page's drawings: by pygal as SVG, which takes its text's colour from the page and shows values to the pointer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pillion.lab.findings import times
from pillion.parity.svg import embed, powers, style

_COLOURS = (
    "#4a86d0", "#d08a1d", "#2f9e5b", "#c8413a", "#8a63c9", "#1f9ca8", "#b0588f", "#7d8a2b", "#a9744f", "#6b7a8f",
    "#e06c9f", "#3f7f5f",
)  # fmt: skip
_WIDTH, _HEIGHT, _BAR_HEIGHT, _LEGEND_HEIGHT, _LEGEND_COLUMNS = 900, 420, 34, 22, 3


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve on logarithmic axes.

    Attributes:
        title: In the legend.
        points: Powers of ten: of rows, and of seconds.
    """

    title: str
    points: Sequence[tuple[float, float]]


def draw_curves(
    name: str,
    curves: Sequence[Curve],
    crossing: tuple[float, float] | None = None,
    across: str = "rows",
    up: str = "time of a call",
) -> str:
    """Returns seconds over rows on logarithmic axes as an `svg` element.

    Args:
        name: The element's id.
        curves: All.
        crossing: Where two of them meet, to be marked.
        across: What is counted to the right.
        up: What the times are of.
    """
    from pygal import XY

    flat = [point for curve in curves for point in curve.points]
    if not flat:
        return ""
    count = len(curves) + (crossing is not None)
    lines = math.ceil(count / _LEGEND_COLUMNS)
    # pygal keeps room for full lines of the legend alone.
    cut = _LEGEND_HEIGHT * (lines - count // _LEGEND_COLUMNS)
    chart = XY(
        style=style(_COLOURS), width=_WIDTH, height=_HEIGHT + _LEGEND_HEIGHT * lines, dots_size=4, margin=8,
        margin_right=40, margin_bottom=16 + cut, x_title=across, y_title=up, legend_at_bottom=True,
        legend_at_bottom_columns=_LEGEND_COLUMNS, truncate_legend=-1, truncate_label=-1,
        x_value_formatter=lambda power: f"{10**power:,.0f} {across if power else across.removesuffix('s')}",
        value_formatter=lambda power: times(10**power),
    )  # fmt: skip
    chart.x_labels = [{"value": power, "label": f"{10**power:,}"} for power in powers([x for x, _ in flat])]
    chart.y_labels = powers([y for _, y in flat])
    for curve in curves:
        chart.add(curve.title, list(curve.points))
    if crossing is not None:
        chart.add("crossing", [crossing], dots_size=9)
    return embed(chart, name)


def draw_bars(name: str, values: Sequence[tuple[str, float]]) -> str:
    """Returns a bar for each time, on a logarithmic axis, as an `svg` element."""
    from pygal import HorizontalBar

    shown = [(title, seconds) for title, seconds in values if seconds > 0]
    if not shown:
        return ""
    low = math.floor(min(math.log10(seconds) for _, seconds in shown))
    chart = HorizontalBar(
        style=style(_COLOURS), width=_WIDTH, height=_BAR_HEIGHT * len(shown) + 60, show_legend=False, margin=8,
        truncate_label=-1, print_values=True, print_values_position="top",
        value_formatter=lambda power: times(10 ** (power + low)),
    )  # fmt: skip
    chart.x_labels = [title for title, _ in reversed(shown)]
    bars = [math.log10(seconds) - low for _, seconds in reversed(shown)]
    chart.y_labels = list(range(math.ceil(max(bars)) + 1))
    chart.add("", [{"value": bar, "color": _COLOURS[0]} for bar in bars])
    return embed(chart, name)
