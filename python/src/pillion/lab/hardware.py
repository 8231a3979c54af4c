"""The question of the hardware: one thread, all threads, another device; few rows in a call, or many."""

import math
import os
import sys
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec

from pillion.lab.builds import PROGRAMS
from pillion.lab.languages import Way, c_way, engine_way
from pillion.lab.program import Absent, Program
from pillion.lab.questions import HARDWARE
from pillion.lab.results import ModelResults, Point
from pillion.lab.workspace import Workspace

DEVICE = "PyTorch on "
"""What the names of ways on a device begin with."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where a device becomes faster than a processor.

    Attributes:
        device: The way on the device.
        processor: The fastest way on a processor there.
        rows: From so many rows in a call on; between two sizes that were measured.
        seconds: Of a call there.
    """

    device: str
    processor: str
    rows: float
    seconds: float


def hardware_ways(device: str | None) -> tuple[Way, ...]:
    """Returns all ways of the question.

    Args:
        device: One more of PyTorch's, such as `cuda`; None for the processor alone.
    """
    cores = os.cpu_count() or 1
    ways = [c_way("C, one thread"), engine_way("Pillion, one thread", "compiled")]
    if cores > 1:
        ways.append(engine_way(f"Pillion, {cores} threads", "compiled", cores))
    ways.append(_torch_way("PyTorch, one thread", "cpu", 1))
    if cores > 1:
        ways.append(_torch_way(f"PyTorch, {cores} threads", "cpu", cores))
    name = device or "cuda"
    ways.append(_torch_way(f"{DEVICE}{name}", name, cores) if device else Way(f"{DEVICE}{name}", "", _no_device))
    return tuple(ways)


def find_crossing(model: ModelResults) -> Crossing | None:
    """Returns where a device overtakes the processor, among the sizes of both; None where it doesn't."""
    points = model.of(HARDWARE)
    devices = [point for point in points if point.way.startswith(DEVICE)]
    others = [point for point in points if not point.way.startswith(DEVICE)]
    before: tuple[Point, Point] | None = None
    for rows in sorted({point.rows for point in devices}):
        of_device = min((p for p in devices if p.rows == rows), key=_median)
        of_others = [point for point in others if point.rows == rows]
        if not of_others:
            continue
        fastest = min(of_others, key=_median)
        if of_device.median <= fastest.median:
            if before is None:
                return Crossing(of_device.way, fastest.way, float(rows), of_device.median)
            return _between(before, (of_device, fastest))
        before = (of_device, fastest)
    return None


def _median(point: Point) -> float:
    return point.median


def _between(before: tuple[Point, Point], after: tuple[Point, Point]) -> Crossing:
    """Where two lines on logarithmic axes meet."""
    gap_before = math.log(before[0].median / before[1].median)
    gap_after = math.log(after[0].median / after[1].median)
    share = gap_before / (gap_before - gap_after)
    rows = before[0].rows * (after[0].rows / before[0].rows) ** share
    seconds = before[0].median * (after[0].median / before[0].median) ** share
    return Crossing(after[0].way, after[1].way, rows, seconds)


def _torch_way(name: str, device: str, threads: int) -> Way:
    about = "all rows and trees together, by PyTorch; rows from the host's memory, outputs back there"
    return Way(name, about, partial(_start_torch, device, threads))


def _start_torch(device: str, threads: int, workspace: Workspace) -> Program:
    if find_spec("torch") is None:
        raise Absent("PyTorch is not installed here")
    _ = workspace.kind
    return workspace.run([sys.executable, str(PROGRAMS / "torch" / "device.py")], device, str(threads))


def _no_device(workspace: Workspace) -> Program:
    raise Absent(
        "no device was asked for: --device cuda measures one here, and --merge brings one's results from elsewhere"
    )
