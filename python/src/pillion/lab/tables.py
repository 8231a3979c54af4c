"""The tables of the page: ways down, numbers of rows across."""

import re
from dataclasses import dataclass
from typing import Any

from pillion.lab.findings import common_size, ratio, times
from pillion.lab.hardware import DEVICE
from pillion.lab.languages import PYTHON
from pillion.lab.questions import PLACE
from pillion.lab.results import ModelResults, Results


@dataclass(frozen=True, slots=True)
class Cell:
    """A time, or why there is none.

    Attributes:
        seconds: Of a call, the median; 0 where there is none.
        words: What is shown.
        spread: The quartiles.
        beside: Ratios to plain Python and to the physical limit.
    """

    seconds: float
    words: str
    spread: str = ""
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A way's times.

    Attributes:
        way: Its name.
        exact: Whether its bits are the engine's; None where nothing was compared.
        check: What was found of its outputs.
        cells: One for each number of rows.
        core_s: Seconds of a core, or of the device, a row, at the number of rows that the bars are of; 0 where unknown.
        on_device: Whether they are the device's.
    """

    way: str
    exact: bool | None
    check: str
    cells: tuple[Cell, ...]
    core_s: float = 0.0
    on_device: bool = False

    @property
    def cost(self) -> float:
        """Of a million predictions, by the prices that the page begins with."""
        return million_costs(self.core_s, DEVICE_HOUR if self.on_device else CORE_HOUR)


CORE_HOUR, DEVICE_HOUR = 0.04, 2.5
"""Prices that the page begins with, which are assumptions."""
_THREADS = re.compile(r"(\d+) threads$")
_HOUR_S, _MILLION = 3600.0, 1_000_000


def million_costs(core_s: float, hour: float) -> float:
    """Returns what a million rows cost, by the seconds that a row takes and the price of an hour."""
    return core_s * _MILLION / _HOUR_S * hour


def table_of(model: ModelResults, question: str, results: Results) -> list[Line]:
    """Returns a line for each way that was measured."""
    lines = []
    rows = common_size(model, question)
    for way in model.ways(question):
        check = model.checks.get((question, way))
        cells = tuple(_cell(model, question, way, size, results) for size in model.sizes(question))
        point = None if rows is None else model.point(question, way, rows)
        threads = _THREADS.search(way)
        # Who waits for another process or a network uses no core meanwhile.
        core_s = 0.0 if point is None or question == PLACE else point.a_row * (int(threads[1]) if threads else 1)
        said = check.sentence if check else "not compared"
        lines.append(Line(way, check.exact if check else None, said, cells, core_s, way.startswith(DEVICE)))
    return lines


def limit_s(model: ModelResults, rows: int, bandwidth: float) -> float:
    """Returns the seconds that memory takes to bring the bytes that so many rows touch."""
    return float((model.facts["model_bytes"] + rows * model.facts["row_bytes"]) / bandwidth)


def machine_sentence(machine: dict[str, Any]) -> str:
    """Returns what a machine is in a sentence."""
    caches = ", ".join(f"{level} {size}" for level, size in machine.get("caches", {}).items())
    parts = [f"{machine['processor']}, {machine['cores']} cores"]
    if caches:
        parts.append(caches)
    parts.append(f"{machine['memory_bytes'] / 2**30:.0f} GiB")
    parts.append(f"{machine['bandwidth'] / 1e9:.1f} GB/s by one thread")
    if machine.get("device"):
        parts.append(f"device {machine['device']}")
    return "; ".join([*parts, machine["system"]])


def _cell(model: ModelResults, question: str, way: str, rows: int, results: Results) -> Cell:
    point = model.point(question, way, rows)
    if point is None:
        return Cell(0.0, model.omitted.get((question, way, rows), "not measured"))
    low, high = point.spread
    python = model.point(question, PYTHON, rows)
    beside = []
    if python is not None and way != PYTHON:
        faster = python.median / point.median
        beside.append(f"{ratio(faster)} faster" if faster >= 1 else f"{ratio(1 / faster)} slower")
    if bandwidth := results.machines[point.machine]["bandwidth"]:
        beside.append(f"{ratio(point.median / limit_s(model, rows, bandwidth))} the limit")
    beside += [f"{times(seconds)} {what}" for what, seconds in point.apart.items()]
    return Cell(point.median, times(point.median), f"{times(low)} – {times(high)}", tuple(beside))
