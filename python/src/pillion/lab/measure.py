"""Measures ways in interleaved rounds, so that whatever else the machine does meets all of them alike."""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from pillion.errors import PillionError
from pillion.lab.languages import Way
from pillion.lab.machine import available_memory
from pillion.lab.program import Absent, Checked, Program
from pillion.lab.results import Check, ModelResults, Point
from pillion.lab.workspace import Workspace

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
        warm_s: What is compiled as it runs is called so long before the first sample of a number of rows; other ways
            are called for as long as a sample lasts.
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
        checked: So many rows are compared.
    """

    def __init__(
        self, question: str, workspace: Workspace, results: ModelResults, machine: str, effort: Effort,
        save: Callable[[], object], count: Count, checked: int = CHECKED_ROWS,
    ) -> None:  # fmt: skip
        self._question, self._workspace, self._results = question, workspace, results
        self._machine, self._effort, self._save, self._count = machine, effort, save, count
        self._checked_rows = min(checked, workspace.model.rows)
        self._warm: set[tuple[str, int]] = set()
        self._seconds: dict[tuple[str, int], float] = {}

    def run(self, ways: Sequence[Way], sizes: Sequence[int]) -> None:
        """Measures ways at numbers of rows."""
        todo = [way for way in ways if any(self._lacks(way, rows) for rows in sizes) or self._unchecked(way)]
        with _ended_side_by_side() as programs:
            running = self._start(todo, programs)
            self._save()
            total = self._effort.rounds * len(sizes) * len(running)
            done = itertools.count(1)
            for number in range(self._effort.rounds):
                for rows in sizes:
                    for way, program in running:
                        if self._rounds(way, rows) <= number:
                            self._sample(way, program, rows)
                        self._count(f"{self._results.name}, {self._question}", next(done), total)
                    self._save()

    def leave_out(self, way: str, why: str) -> None:
        """Says that a way can't be had."""
        self._results.absent[self._question, way] = why

    def _start(self, ways: Sequence[Way], programs: list[Program]) -> list[tuple[Way, Program]]:
        """Starts and checks ways side by side, and returns those that can be timed; all is over before the first is."""
        if not ways:
            return []
        with ThreadPoolExecutor(len(ways), "lab-start") as pool:
            found = list(pool.map(partial(self._begin, programs), ways))
        running = []
        for way, begun in zip(ways, found, strict=True):
            key = (self._question, way.name)
            if isinstance(begun, str):
                self._results.absent[key] = begun
                continue
            program, checked = begun
            self._results.absent.pop(key, None)
            self._results.checks[key] = Check.of(
                checked.outputs,
                self._workspace.model.expected[: self._checked_rows],
                contracts=checked.contracts,
                compile_s=checked.compile_s,
            )
            running.append((way, program))
        return running

    def _begin(self, programs: list[Program], way: Way) -> tuple[Program, Checked] | str:
        """Starts a way and lets it score some rows; returns why it can't be timed otherwise."""
        try:
            program = way.start(self._workspace)
        except Absent as why:
            return str(why)
        programs.append(program)
        try:
            way.prepare(self._workspace, self._checked_rows)
            return program, program.check(self._checked_rows)
        except PillionError as why:
            return str(why)

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
                a_call = self._warm_up(way, program, rows)
                if a_call > self._effort.call_s:
                    took = f"{a_call:.2g} s, and it may take {self._effort.call_s:g} s"
                    self._results.omitted[key] = f"a call took {took}"
                    return
                self._seconds[way.name, rows] = a_call
            calls = max(1, min(_MOST_CALLS, round(self._effort.sample_s / self._seconds[way.name, rows])))
            seconds = program.time(rows, calls) / calls
        except PillionError as why:
            self._results.omitted[key] = str(why)
            return
        self._results.add(Point(self._question, way.name, rows, self._machine, (seconds,)))

    def _warm_up(self, way: Way, program: Program, rows: int) -> float:
        """Calls until it has lasted long enough, and returns the seconds of one call at the end."""
        compiling = (way.jit, rows)
        cold = bool(way.jit) and compiling not in self._warm
        self._warm.add(compiling)
        enough_s = self._effort.warm_s if cold else self._effort.sample_s
        spent, calls = 0.0, 1
        while True:
            last = program.time(rows, calls)
            spent += last
            a_call = max(last / calls, 1e-9)
            if spent >= enough_s:
                return a_call
            calls = min(_MOST_CALLS, 2 * calls, math.ceil((enough_s - spent) / a_call))

    def _too_much(self, way: Way, rows: int) -> str:
        """Why a point is left out; empty where it is not."""
        omitted = self._results.omitted
        fewer = min((n for q, w, n in omitted if (q, w) == (self._question, way.name) and n < rows), default=None)
        if fewer is not None:
            return f"{fewer:,} rows were left out: {omitted[self._question, way.name, fewer]}"
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


@contextmanager
def _ended_side_by_side() -> Iterator[list[Program]]:
    """Yields a list of programs, and ends them: some of them take a while."""
    programs: list[Program] = []
    try:
        yield programs
    finally:
        if programs:
            with ThreadPoolExecutor(len(programs), "lab-end") as pool:
                list(pool.map(lambda program: program.__exit__(None, None, None), programs))
