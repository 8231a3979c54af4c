"""Measures ways in interleaved rounds, so that whatever else the machine does meets all of them alike."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pillion.errors import PillionError
from pillion.lab.languages import Way, Workspace, started
from pillion.lab.machine import available_memory
from pillion.lab.program import Program
from pillion.lab.results import Check, ModelResults, Point

Count = Callable[[str, int, int | None], None]
CHECKED_ROWS = 200
_MOST_CALLS = 1 << 30
_MEMORY_SHARE = 0.5
"""Of the memory that is free, a batch may take this part."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how often is measured.

    Attributes:
        rounds: Samples of each point.
        sample_s: A sample lasts so long at the least.
        warm_s: A point is called so long before its first sample.
        call_s: A point is left out where one call would take longer.
    """

    rounds: int
    sample_s: float
    warm_s: float
    call_s: float


class Measurement:
    """One question about one model.

    Args:
        question: Its name.
        workspace: Of the model.
        results: Takes what is found; what is there already is not measured again.
        machine: The key of this one.
        effort: How long and how often.
        save: Is called whenever something was found.
        count: Is told how many samples are done.
    """

    def __init__(
        self, question: str, workspace: Workspace, results: ModelResults, machine: str, effort: Effort,
        save: Callable[[], object], count: Count,
    ) -> None:  # fmt: skip
        self._question, self._workspace, self._results = question, workspace, results
        self._machine, self._effort, self._save, self._count = machine, effort, save, count
        self._seconds: dict[tuple[str, int], float] = {}

    def run(self, ways: Sequence[Way], sizes: Sequence[int]) -> None:
        """Measures ways at numbers of rows."""
        todo = [way for way in ways if any(self._lacks(way, rows) for rows in sizes) or self._unchecked(way)]
        with started(tuple(todo), self._workspace) as (running, absent):
            for name, why in absent.items():
                self._results.absent[self._question, name] = why
            alive = [way for way in todo if way.name in running and self._check(way, running[way.name])]
            self._save()
            total = self._effort.rounds * len(sizes) * len(alive)
            done = itertools.count(1)
            for number in range(self._effort.rounds):
                for rows in sizes:
                    for way in alive:
                        if self._rounds(way, rows) <= number:
                            self._sample(way, running[way.name], rows)
                        self._count(f"{self._results.name}, {self._question}", next(done), total)
                    self._save()

    def leave_out(self, way: str, why: str) -> None:
        """Says that a way can't be had."""
        self._results.absent[self._question, way] = why

    def _check(self, way: Way, program: Program) -> bool:
        """Compares a way's outputs; returns whether it can be timed."""
        model = self._workspace.model
        rows = min(CHECKED_ROWS, model.rows)
        try:
            way.prepare(self._workspace, rows)
            checked = program.check(rows)
        except PillionError as why:
            self._results.absent[self._question, way.name] = str(why)
            return False
        self._results.absent.pop((self._question, way.name), None)
        self._results.checks[self._question, way.name] = Check.of(
            checked.outputs, model.expected[:rows], contracts=checked.contracts, compile_s=checked.compile_s
        )
        return True

    def _sample(self, way: Way, program: Program, rows: int) -> None:
        key = (self._question, way.name, rows)
        if key in self._results.omitted:
            return
        begun = (way.name, rows) in self._seconds
        if not begun and (why := self._too_much(way, rows)):
            self._results.omitted[key] = why
            return
        try:
            if not begun:
                way.prepare(self._workspace, rows)
                self._seconds[way.name, rows] = self._warm_up(program, rows)
            calls = max(1, min(_MOST_CALLS, round(self._effort.sample_s / self._seconds[way.name, rows])))
            seconds = program.time(rows, calls) / calls
        except PillionError as why:
            self._results.omitted[key] = str(why)
            return
        self._results.add(Point(self._question, way.name, rows, self._machine, (seconds,)))

    def _warm_up(self, program: Program, rows: int) -> float:
        """Calls until it has lasted long enough, and returns the seconds of one call at the end."""
        spent, calls = 0.0, 1
        while True:
            last = program.time(rows, calls)
            spent += last
            if spent >= self._effort.warm_s:
                return max(last / calls, 1e-9)
            calls = min(_MOST_CALLS, 2 * calls)

    def _too_much(self, way: Way, rows: int) -> str:
        """Why a point is left out; empty where it is not."""
        known = [
            (point.rows, point.median)
            for point in self._results.of(self._question)
            if (point.way, point.machine) == (way.name, self._machine) and point.rows < rows
        ]
        if len(known) > 1:
            (less, short), (more, long) = sorted(known)[-2:]
            expected = long + max(0.0, long - short) / (more - less) * (rows - more)
            expected = min(expected, long * rows / more)
            if expected > self._effort.call_s:
                limit = f"{self._effort.call_s:g} s that a call may take"
                return f"by its times for {less:,} and {more:,} rows, a call would take more than the {limit}"
        model = self._workspace.model
        numbers = len(model.types) + len(model.outputs)
        if model.flat is not None:
            numbers += len(model.flat.steps) + len(model.flat.features)
        needed, free = 2 * 8 * rows * numbers, available_memory()
        if needed > free * _MEMORY_SHARE:
            return f"a batch needs about {needed / 2**30:.1f} GiB, and {free / 2**30:.1f} GiB are free"
        return ""

    def _rounds(self, way: Way, rows: int) -> int:
        found = self._results.points.get((self._question, way.name, rows, self._machine))
        return 0 if found is None else len(found.seconds)

    def _lacks(self, way: Way, rows: int) -> bool:
        left_out = (self._question, way.name, rows) in self._results.omitted
        return not left_out and self._rounds(way, rows) < self._effort.rounds

    def _unchecked(self, way: Way) -> bool:
        return (self._question, way.name) not in self._results.checks
