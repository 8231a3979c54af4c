"""A histogram of distances, drawn by pygal as SVG that takes its text's colour from the page around it."""

from collections.abc import Mapping

from pillion.parity.summary import OTHER_KIND
from pillion.parity.svg import embeddable

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
    from pygal.style import Style

    shown = {label: count for label, count in counts.items() if count}
    colours = {label: _SAME if label == "0" else _OTHER if label == OTHER_KIND else _CLOSE for label in shown}
    text = "currentColor"
    style = Style(
        background="transparent", plot_background="transparent",
        foreground=text, foreground_strong=text, foreground_subtle="transparent",
        font_family="system-ui, sans-serif", label_font_size=12, value_font_size=12, value_colors=(text,), opacity="1",
    )  # fmt: skip
    chart = Bar(
        style=style, js=(), show_legend=False, show_y_labels=False, show_y_guides=False, show_x_guides=False,
        logarithmic=True, zero=_LEAST, range=(_LEAST, 2 * max(shown.values(), default=1)),
        print_values=True, print_values_position="top", formatter=lambda count: f"{count:,}",
        truncate_label=-1, margin=2, explicit_size=True, disable_xml_declaration=True,
        width=_BAR_WIDTH * max(2, len(shown)), height=_HEIGHT,
    )  # fmt: skip
    chart.uuid = name
    chart.x_labels = list(shown)
    chart.add("", [{"value": count, "color": colours[label]} for label, count in shown.items()])
    return embeddable(chart.render(is_unicode=True))
