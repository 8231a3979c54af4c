"""A plan as one HTML file: the verdict, the frontier between batch and online, memory and cost."""

import dataclasses
import math
from collections.abc import Callable, Sequence

from pillion.batch.planner import GIB, Plan, plan
from pillion.batch.workload import Workload
from pillion.errors import InvalidInput
from pillion.parity.html import page_environment
from pillion.parity.svg import embed, powers, style

_WIDTH, _HEIGHT = 760, 320
_BATCH, _ONLINE, _HERE = "#2f9e5b", "#4a86d0", "#d08a1d"
_MOST = 12
"""The catalogue of the frontier goes up to this power of ten."""
_HALVINGS = 30
Point = tuple[float, float]


def make_page(made: Plan) -> str:
    """Returns a plan as a whole HTML document that needs no network and no script.

    Raises:
        ConfigurationError: The libraries that draw it are not installed.
    """
    template = page_environment("pillion.batch").get_template("plan.html")
    work = made.workload
    steps = [10 ** (math.log10(work.users) + offset / 4) for offset in range(-8, 9)]
    plans = [plan(dataclasses.replace(work, users=max(1, round(users)))) for users in steps]
    here = [(float(work.users), float(work.items))]
    frontier = [(each, largest_catalogue(work, round(each))) for each in steps]

    def curve(name: str, scale: float = 1.0) -> list[Point]:
        return [(float(each.workload.users), each.figure(name) / scale) for each in plans]

    return template.render(
        plan=made,
        frontier=_draw("frontier", "items", [("frontier", _BATCH, frontier), ("this workload", _HERE, here)]),
        memory=_draw(
            "memory",
            "GiB",
            [
                ("answers", _BATCH, curve("store memory", GIB)),
                ("features", _ONLINE, curve("feature memory", GIB)),
                ("limit", _HERE, [(users, work.memory_gib) for users in steps]),
            ],
        ),
        cost=_draw(
            "cost",
            f"{work.currency} a month",
            [("batch", _BATCH, curve("batch a month")), ("online", _ONLINE, curve("online a month"))],
        ),
    )


def largest_catalogue(work: Workload, users: int) -> float:
    """Returns the largest number of items that batch serves to so many users; 0 where it serves none."""

    def holds(items: int) -> bool:
        candidates = None if work.candidates is None else min(work.candidates, items)
        try:
            changed = dataclasses.replace(work, users=max(1, users), items=items, candidates=candidates)
        except InvalidInput:
            return False
        return plan(changed).verdict == "batch"

    if not holds(1):
        return 0.0
    low, high = 0.0, float(_MOST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(round(10**middle)) else (low, middle)
    return 10**low


def _draw(name: str, unit: str, curves: Sequence[tuple[str, str, Sequence[Point]]]) -> str:
    """Curves over the number of users, both axes logarithmic, as an `svg` element without scripts."""
    from pygal import XY

    shown = [
        (title, [(math.log10(x), math.log10(y)) for x, y in points if x > 0 and y > 0]) for title, _, points in curves
    ]
    flat = [point for _, points in shown for point in points]
    power: Callable[[float], str] = lambda exponent: f"{10**exponent:,.4g}"  # noqa: E731
    chart = XY(
        style=style([colour for _, colour, _ in curves]), width=_WIDTH, height=_HEIGHT, dots_size=3,
        x_title="users", y_title=unit, legend_at_bottom=True, margin=8,
        x_value_formatter=power, value_formatter=power, truncate_label=-1,
    )  # fmt: skip
    chart.x_labels = powers([x for x, _ in flat])
    chart.y_labels = powers([y for _, y in flat])
    for title, points in shown:
        chart.add(title, points)
    return embed(chart, name)
