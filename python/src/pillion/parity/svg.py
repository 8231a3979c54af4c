"""Drawings of pygal's as parts of a page, whose text takes the page's colour."""

import math
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree


def style(colours: Sequence[str] = (), **own: str) -> Any:
    """Returns a style of pygal's without a ground.

    Args:
        colours: Of the series; pygal's where left out.
        own: What this drawing has otherwise than others, by pygal's names.
    """
    from pygal.style import Style

    text = "currentColor"
    guide = "#8a929b"
    shared: dict[str, Any] = {
        "background": "transparent", "plot_background": "transparent", "foreground": text, "foreground_strong": text,
        "foreground_subtle": text, "guide_stroke_color": guide, "major_guide_stroke_color": guide,
        "font_family": "system-ui, sans-serif", "label_font_size": 12, "legend_font_size": 12,
        "major_label_font_size": 12, "value_font_size": 12,
        "value_colors": (text,) * max(1, len(colours)),
    }  # fmt: skip
    if colours:
        shared["colors"] = tuple(colours)
    return Style(**(shared | own))


def powers(exponents: Sequence[float]) -> list[int]:
    """Returns the whole powers of ten around some, the labels of a logarithmic axis; 0 around none."""
    return list(range(math.floor(min(exponents)), math.ceil(max(exponents)) + 1)) if exponents else [0]


def embed(chart: Any, name: str) -> str:
    """Returns a chart as an `svg` element without scripts.

    Its values are titles, which a browser shows to the pointer and a screen reader reads.

    Args:
        chart: Of pygal's.
        name: Sets the element's id, which is to be its own within a page.
    """
    chart.uuid = name
    root = ElementTree.fromstring(chart.render(is_unicode=True, js=(), explicit_size=True))
    for element in root.iter():
        # Names have no namespace within a page of HTML.
        element.tag = element.tag.rpartition("}")[2]
    for parent in root.iter():
        for child in list(parent):
            if child.tag == "script" or (child.tag == "title" and child.text == "Pygal"):
                parent.remove(child)
            elif child.tag == "desc" and child.get("class") == "value":
                child.tag = "title"
                del child.attrib["class"]
    return ElementTree.tostring(root, encoding="unicode")
