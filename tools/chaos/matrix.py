"""The fault matrix: every kind of fault at store, sidecar and both, under load; `make chaos` runs it.

    python -m tools.chaos.matrix --requests 10000 --state build/chaos-cells.json --json build/chaos.json

Prints a row a cell, and exits 1 where an answer was a 5xx, absent, malformed or another user's, 3 where
its time was up before the last cell.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tools.chaos.kinds import KINDS, TARGETS, Kind
from tools.chaos.load import Client, Tally, measure_capacity, send, until_online
from tools.chaos.stack import PATIENT, Stack
from tools.chaos.state import State

BUDGET_MS = 50.0
PATIENT_BUDGET_MS = 3000.0
_AROUND_A_CELL_S = 3.0
_HEAD = (
    "fault", "at", "sent", "answered", "5xx", "hangs", "bad", "wrong", "online%", "batch%", "segm%", "pop%",
    "p50", "p99", "p99.9", "att/req", "probes", "detect", "recover",
)  # fmt: skip
_WIDTHS = (17, 8, 6, 8, 4, 5, 4, 5, 7, 6, 6, 6, 6, 6, 6, 7, 6, 6, 7)


@dataclass(slots=True)
class Cell:
    """What one cell of the matrix gave.

    Attributes:
        kind: Of fault.
        target: `store`, `sidecar` or `both`.
        what: The kind, for people.
        sent: Requests during the fault and the recovery.
        answered: Of them, with any status.
        errors: Answers with 5xx.
        hangs: Requests without an answer, or whose connection broke.
        malformed: Answers of another form than promised.
        wrong_user: Answers that rest on another user's features.
        sources: Share of each source while the fault was in force.
        reasons: Answers by reason while the fault was in force.
        p50_ms: Median time since a request was due, while the fault was in force.
        p99_ms: The 99th percentile.
        p999_ms: The 99.9th percentile.
        attempts_per_request: At store and sidecar together, while the fault was in force.
        probes: The most attempts while a breaker was half open, in one probing.
        detected_s: Until the first breaker opened; None where none did.
        detected_attempts: Failed attempts of that dependency until then.
        recovered_s: Until 99 of 100 answers came from the model again; None where they did not.
        first: The first odd answer, in words.
    """

    kind: str
    target: str
    what: str
    sent: int = 0
    answered: int = 0
    errors: int = 0
    hangs: int = 0
    malformed: int = 0
    wrong_user: int = 0
    sources: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    p999_ms: float = 0.0
    attempts_per_request: float = 0.0
    probes: int = 0
    detected_s: float | None = None
    detected_attempts: int | None = None
    recovered_s: float | None = None
    first: str = ""

    @property
    def clean(self) -> bool:
        """Whether every request got a good answer."""
        return not (self.errors or self.hangs or self.malformed or self.wrong_user)

    def row(self) -> str:
        """Returns the cell as a line of the table."""

        def seconds(value: float | None) -> str:
            return "-" if value is None else f"{value:.2f}s"

        shares = [f"{100 * self.sources.get(name, 0.0):.1f}" for name in ("online", "batch", "segment", "popular")]
        times = [f"{value:.1f}" for value in (self.p50_ms, self.p99_ms, self.p999_ms)]
        cells = [
            self.kind, self.target, self.sent, self.answered, self.errors, self.hangs, self.malformed,
            self.wrong_user, *shares, *times, f"{self.attempts_per_request:.2f}", self.probes,
            seconds(self.detected_s), seconds(self.recovered_s),
        ]  # fmt: skip
        return _line(cells)


def _line(cells: Any) -> str:
    words = [f"{cell!s:<{width}}" if at < 2 else f"{cell!s:>{width}}" for at, (cell, width) in
             enumerate(zip(cells, _WIDTHS, strict=True))]  # fmt: skip
    return " ".join(words)


async def run_cell(
    stack: Stack,
    kind: Kind,
    target: str,
    requests: int,
    per_s: float,
    *,
    row: int = 100,
    patience_s: float = 30.0,
) -> Cell:
    """Runs one cell: begins the fault, sends the load, ends the fault, waits for the model's return.

    Args:
        stack: Healthy.
        kind: Of fault.
        target: Where.
        requests: During the fault.
        per_s: Requests a second.
        row: Answers in a row that show recovery.
        patience_s: How long recovery may take, and a healthy start.
    """
    dependencies = TARGETS[target]
    settings: dict[str, str] = {}
    if kind.shim is not None:
        for dependency in dependencies:
            settings |= kind.shim(stack, dependency)
    if settings:
        await asyncio.to_thread(stack.restart_shim, **settings)
    client = Client(stack.shim.host, stack.shim.port, hang_s=max(2.0, patience_s / 3))
    whole, tally = Tally(), Tally()
    try:
        if await until_online(client, Tally(), per_s, 20, patience_s) is None:
            whole.note("the stack was not healthy before the fault")
        before, changes = (
            await asyncio.to_thread(stack.shim.metrics),
            len(stack.shim.changes),
        )
        began = time.monotonic()
        for dependency in dependencies:
            await asyncio.to_thread(kind.begin, stack, dependency)
        await send(client, tally, requests // 2, per_s)
        for dependency in dependencies:
            await asyncio.to_thread(kind.halfway, stack, dependency)
        await send(client, tally, requests - requests // 2, per_s, seed=1)
        after = await asyncio.to_thread(stack.shim.metrics)
        seen = stack.shim.changes[changes:]
        for dependency in dependencies:
            await asyncio.to_thread(kind.end, stack, dependency)
        if kind.renews:
            await client.close()
            await asyncio.to_thread(stack.restart_shim)
            settings = {}
            client = Client(stack.shim.host, stack.shim.port, hang_s=max(2.0, patience_s / 3))
        recovered_s = await until_online(client, whole, per_s, row, patience_s)
    finally:
        await client.close()
    if settings:
        await asyncio.to_thread(stack.restart_shim)
    cell = Cell(kind.name, target, kind.what, recovered_s=recovered_s)
    _count(cell, tally, whole)
    made = sum(after[name] - before.get(name, 0.0) for name in after if _is_attempt(name))
    cell.attempts_per_request = made / requests
    cell.probes = _probes(seen)
    openings = [(at, fields) for at, fields in seen if fields["state"] == "open"]
    if openings:
        at, fields = openings[0]
        name = f'pillion_attempts_total{{dependency="{fields["breaker"]}",outcome="failed"}}'
        cell.detected_s = at - began
        cell.detected_attempts = round(fields["failed"] - before.get(name, 0.0))
    return cell


def _count(cell: Cell, tally: Tally, recovery: Tally) -> None:
    cell.sent = tally.sent + recovery.sent
    cell.answered = tally.answered + recovery.answered
    cell.errors = tally.errors + recovery.errors
    cell.hangs = sum(one.hangs + one.broken + one.refused for one in (tally, recovery))
    cell.malformed = tally.malformed + recovery.malformed
    cell.wrong_user = tally.wrong_user + recovery.wrong_user
    cell.first = tally.first or recovery.first
    cell.sources = {name: count / max(1, tally.answered) for name, count in tally.sources.items()}
    cell.reasons = dict(tally.reasons.most_common())
    cell.p50_ms, cell.p99_ms, cell.p999_ms = (tally.quantile_ms(share) for share in (0.5, 0.99, 0.999))


def _is_attempt(name: str) -> bool:
    made = (
        'outcome="succeeded"',
        'outcome="failed"',
        'outcome="neutral"',
        'outcome="ignored"',
    )
    return name.startswith("pillion_attempts_total") and any(outcome in name for outcome in made)


def _probes(changes: list[tuple[float, dict[str, Any]]]) -> int:
    """The most attempts that were settled between a breaker's becoming half open and its next change."""
    most = 0
    half_open: dict[str, int] = {}
    for _, fields in changes:
        name, settled = (
            fields["breaker"],
            fields["succeeded"] + fields["failed"] + fields["neutral"],
        )
        if name in half_open:
            most = max(most, settled - half_open.pop(name))
        if fields["state"] == "half_open":
            half_open[name] = settled
    return most


def _plan(arguments: argparse.Namespace) -> list[tuple[Kind, str]]:
    kinds = [kind for kind in KINDS if not arguments.kind or kind.name in arguments.kind]
    return [(kind, target) for kind in kinds for target in arguments.target or TARGETS]


async def _find_rate(stack: Stack, arguments: argparse.Namespace) -> tuple[float, float]:
    """Returns the online answers a second that the stack can give, and the load to send."""
    client = Client(stack.shim.host, stack.shim.port)
    await until_online(client, Tally(), 50.0, 300, 60.0)
    await measure_capacity(client, 2.0)
    capacity = await measure_capacity(client, 5.0)
    await client.close()
    return capacity, arguments.rate or max(10.0, capacity / 2)


async def main(arguments: argparse.Namespace) -> int:
    """Runs the matrix, or what an earlier run left of it; returns the exit status."""
    budget_ms = PATIENT_BUDGET_MS if arguments.patient else BUDGET_MS
    plan = _plan(arguments)
    state = State.open(arguments.state, arguments.requests, arguments.patient)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="pillion-") as folder:
        environment = PATIENT if arguments.patient else None
        with Stack(Path(folder), environment, clocks=any(kind.clocks for kind, _ in plan)) as stack:
            if not state.per_s:
                state.capacity_per_s, state.per_s = await _find_rate(stack, arguments)
            runnable = [(kind, target) for kind, target in plan if stack.preload is not None or not kind.clocks]
            left = [(kind, target) for kind, target in runnable if not state.has(kind.name, target)]
            cell_s = arguments.requests / state.per_s + _AROUND_A_CELL_S
            print(
                f"capacity {state.capacity_per_s:.0f} online answers a second; load {state.per_s:.0f} a second, "
                f"{arguments.requests} requests a cell, budget {budget_ms:.0f} ms, times in ms; "
                f"{os.cpu_count()} processors, load average {os.getloadavg()[0]:.1f}\n"
                f"{len(left)} of {len(runnable)} cells to run, some {cell_s:.0f} s each, {len(left) * cell_s / 60:.0f} "
                "minutes in all"
            )
            if len(runnable) < len(plan):
                print("the cells with a stepped clock are not run, there is no C compiler")
            print(_line(_HEAD), flush=True)
            for done, (kind, target) in enumerate(left):
                used_s = time.monotonic() - began
                if arguments.minutes and used_s + cell_s > arguments.minutes * 60:
                    print(f"time is up: {len(left) - done} cells are left; the same command goes on with them")
                    return 3
                cell = await run_cell(stack, kind, target, arguments.requests, state.per_s)
                state.add(asdict(cell))
                used_s = time.monotonic() - began
                to_go = (len(left) - done - 1) * used_s / (done + 1) / 60
                print(
                    f"{cell.row()}  [{done + 1}/{len(left)}, {used_s / 60:.1f} min, {to_go:.1f} to go]"
                    + (f"\n    {cell.first}" if cell.first else ""),
                    flush=True,
                )
            problems = stack.shim.problems
    for problem in problems[:5]:
        print(f"log: {problem.strip()[:300]}")
    cells = [Cell(**fields) for fields in state.ordered([(kind.name, target) for kind, target in runnable])]
    _summarise(cells, budget_ms)
    if arguments.json:
        report = {
            "requests": arguments.requests,
            "per_s": state.per_s,
            "capacity_per_s": state.capacity_per_s,
            "budget_ms": budget_ms,
            "patient": arguments.patient,
            "machine": f"{os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}",
            "load_average": os.getloadavg()[0],
            "cells": [asdict(cell) for cell in cells],
        }
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    state.remove()
    return 0 if cells and all(cell.clean and cell.recovered_s is not None for cell in cells) else 1


def _summarise(cells: list[Cell], budget_ms: float) -> None:
    late = [f"{cell.kind}/{cell.target}" for cell in cells if not cell.p99_ms <= budget_ms]
    slow = [f"{cell.kind}/{cell.target}" for cell in cells if cell.recovered_s is None or cell.recovered_s > 6.0]
    unclean = [f"{cell.kind}/{cell.target}" for cell in cells if not cell.clean]
    print(f"{len(cells)} cells; not clean: {', '.join(unclean) or 'none'}")
    print(f"p99 above the budget of {budget_ms:.0f} ms: {', '.join(late) or 'none'}")
    rare = [f"{cell.kind}/{cell.target}" for cell in cells if not cell.p999_ms <= budget_ms + 5]
    print(f"p99.9 above {budget_ms + 5:.0f} ms: {', '.join(rare) or 'none'}")
    print(f"model back later than after 6 s: {', '.join(slow) or 'none'}")


def parse(words: list[str]) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="tools.chaos.matrix", description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000, help="requests a cell")
    parser.add_argument(
        "--rate",
        type=float,
        default=None,
        help="requests a second; half of the capacity if not given",
    )
    parser.add_argument(
        "--kind",
        action="append",
        choices=[kind.name for kind in KINDS],
        help="only this kind",
    )
    parser.add_argument("--target", action="append", choices=list(TARGETS), help="only there")
    parser.add_argument(
        "--patient",
        action="store_true",
        help="long deadlines, for a machine that is busy",
    )
    parser.add_argument("--state", type=Path, default=None, help="keeps the cells that were run; a second run goes on")
    parser.add_argument("--minutes", type=float, default=None, help="stop before a cell that would take longer")
    parser.add_argument("--json", type=Path, default=None, help="where the report goes")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(parse(sys.argv[1:]))))
