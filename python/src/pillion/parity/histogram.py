"""A histogram of distances, drawn by pygal as SVG that takes its text's colour from the page around it."""

from collections.abc import Mapping

from pillion.parity.summary import OTHER_KIND
from pillion.parity.svg import embed, style

_SAME, _CLOSE, _OTHER = "#2f9e5b", "#d08a1d", "#c8413a"
_BAR_WIDTH, _HEIGHT = 72, 150
_LEAST = 0.5
"""Where the logarithmic axis starts, so that a single cell is a bar as well."""


def draw_histogram(counts: Mapping[str, int], name: str) -> str:
    """Returns bars on a logarithmic scale as an `svg` element without scripts.

    Args:
        counts: How many cells lie how far away, by the labels of `BUCKETS` and `OTHER_KIND`; zeros are left out.
        name: Sets the element's id, which is to be its own within a page.
    """
    from pygal import Bar

    shown = {label: count for label, count in counts.items() if count}
    colours = {label: _SAME if label == "0" else _OTHER if label == OTHER_KIND else _CLOSE for label in shown}
    chart = Bar(
        style=style(foreground_subtle="transparent", opacity="1"),
        show_legend=False, show_y_labels=False, show_y_guides=False, show_x_guides=False,
        logarithmic=True, zero=_LEAST, range=(_LEAST, 2 * max(shown.values(), default=1)),
        print_values=True, print_values_position="top", formatter=lambda count: f"{count:,}",
        truncate_label=-1, margin=2, width=_BAR_WIDTH * max(2, len(shown)), height=_HEIGHT,
    )  # fmt: skip
    chart.x_labels = list(shown)
    chart.add("", [{"value": count, "color": colours[label]} for label, count in shown.items()])
    return embed(chart, name)
