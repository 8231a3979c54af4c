"""Offers the shim more than it can do: `python -m tools.chaos.overload`.

First finds the peak of online answers a second, with more and more callers that never pause; then sends 1, 2 and 5
times as many on schedule. Prints, for each load, the online answers in time (goodput) as a share of the peak, what the
excess got and how soon, and the shim's memory. `--plane` leaves HTTP out: the data plane, called within its process.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pillion.config import RecommendSettings, SidecarSettings, StoreSettings
from pillion.features import MemoryStore
from pillion.features.redis import RedisStore
from pillion.recommend import Recommender
from pillion.scoring import FakeScorer, HttpScorer, ModelRepository, Scores
from pillion.types import Context, Recommendation, Request
from tests.support.models import write_models
from tools.chaos import fixture_dataset, overload_report
from tools.chaos.load import Client, Tally, measure_capacity, quantile, send, until_online
from tools.chaos.stack import Stack
from tools.process_usage import cpu_s, resident_bytes

_CALLERS = (4, 8, 16, 32)
_LOADS = (1.0, 2.0, 5.0)
_BUDGET_S = 0.050
_CONTEXT = Context(fixture_dataset.DEVICE, fixture_dataset.COUNTRY, None, fixture_dataset.HOUR)


@dataclass(slots=True)
class Load:
    """What one load gave.

    Attributes:
        times: The peak, how often it was offered.
        sent: Requests.
        seconds: How long they were sent for.
        good: Online answers within the budget.
        peak_per_s: The most online answers a second, with callers that never pause.
        errors: Requests with a 5xx, no answer, a malformed one or another user's.
        sources: Answers by source.
        reasons: Answers by reason.
        shed: Requests that were not admitted.
        shed_own_ms: What the shim says that those took: median and 99th percentile.
        shed_ms: What their caller saw, since each was due: likewise.
        lag_ms: How late the load generator itself was in sending: likewise.
        generator: Share of a processor that the generator took.
        shim: Share of a processor that the shim took.
        memory_mib: Resident memory of the shim at the end of the load.
    """

    times: float
    sent: int = 0
    seconds: float = 0.0
    good: int = 0
    peak_per_s: float = 1.0
    errors: int = 0
    sources: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    shed: int = 0
    shed_own_ms: tuple[float, float] = (0.0, 0.0)
    shed_ms: tuple[float, float] = (0.0, 0.0)
    lag_ms: tuple[float, float] = (0.0, 0.0)
    generator: float = 0.0
    shim: float = 0.0
    memory_mib: float = 0.0

    @property
    def goodput(self) -> float:
        """Good answers, as a share of the peak."""
        return self.good / self.seconds / self.peak_per_s

    def row(self) -> str:
        """Returns a line of the table."""
        own, seen, lag = self.shed_own_ms, self.shed_ms, self.lag_ms
        reasons = ", ".join(f"{reason} {count}" for reason, count in list(self.reasons.items())[:4])
        return (
            f"{self.times:>4.0f}x {self.sent / self.seconds:>7.0f} {self.good / self.seconds:>7.0f} "
            f"{100 * self.goodput:>7.0f}% {self.errors:>6} {self.shed:>6} {own[0]:>6.2f} {own[1]:>6.2f} "
            f"{seen[0]:>7.1f} {seen[1]:>7.1f} {lag[0]:>6.1f} {lag[1]:>6.1f} {100 * self.generator:>5.0f}% "
            f"{self.memory_mib:>5.0f}  {reasons}"
        )


_HEAD = """\
                          of                own ms (shim)   seen ms       generator's
       sent/s  good/s    peak errors   shed    p50    p99     p50     p99  lag p50  p99   CPU   MiB  reasons"""


def memory_mib(pid: int) -> float:
    """Returns a process's resident memory."""
    return resident_bytes(pid) / 2**20


def _ends(values: list[float], factor: float = 1.0) -> tuple[float, float]:
    return (quantile(values, 0.5) * factor, quantile(values, 0.99) * factor) if values else (0.0, 0.0)


async def warm_up(client: Client, per_s: float = 60.0, patience_s: float = 60.0) -> None:
    """Asks gently until the model answers, then with more and more callers: cold processes have no peak to measure."""
    await until_online(client, Tally(), per_s, 300, patience_s)
    for callers in (2, *_CALLERS):
        await measure_capacity(client, 1.0, callers)


async def offer(stack: Stack, client: Client, times: float, peak_per_s: float, seconds: float) -> Load:
    """Sends `times` the peak, on schedule, and returns what came of it; times count from when a request was due."""
    tally = Tally()
    before_s = cpu_s(stack.shim.process.pid)
    took, busy = await send(client, tally, round(seconds * peak_per_s * times), peak_per_s * times)
    return Load(
        times,
        tally.sent,
        took,
        sum(tally.online[at] and tally.seconds[at] <= _BUDGET_S for at in range(len(tally.online))),
        peak_per_s,
        tally.errors + tally.hangs + tally.broken + tally.refused + tally.malformed + tally.wrong_user,
        dict(tally.sources.most_common()),
        dict(tally.reasons.most_common()),
        len(tally.shed),
        _ends(tally.shed_own_ms),
        _ends(tally.shed, 1000),
        _ends(tally.lag, 1000),
        busy / took,
        (cpu_s(stack.shim.process.pid) - before_s) / took,
        memory_mib(stack.shim.process.pid),
    )


async def over_http(stack: Stack, seconds: float) -> tuple[float, list[Load]]:
    """Measures the shim from outside; returns its memory before, and what each load gave."""
    client = Client(stack.shim.host, stack.shim.port)
    await warm_up(client)
    peak = max([1.0, *[await measure_capacity(client, 2.0, callers) for callers in _CALLERS]])
    before = memory_mib(stack.shim.process.pid)
    print(f"over HTTP, peak {peak:.0f} online answers a second, {before:.0f} MiB before\n{_HEAD}")
    loads = []
    for times in _LOADS:
        await until_online(client, Tally(), 60.0, 100, 30.0)  # what one load did to the breakers is not the next one's
        loads.append(await offer(stack, client, times, peak, seconds))
        print(loads[-1].row(), flush=True)
    await client.close()
    return before, loads


async def in_process(stack: Stack, seconds: float) -> None:
    """Measures the data plane; a request's time runs from when it was due."""
    port = stack.store_port
    store = StoreSettings(url=f"redis://127.0.0.1:{port}/0")
    sidecar = SidecarSettings(address=f"unix:{stack.folder / 'jvm.sock'}")
    plane = Recommender(
        RedisStore(store), HttpScorer(sidecar), ModelRepository(stack.models), RecommendSettings(), store, sidecar
    )
    await plane.start()
    chance = random.Random(0)
    loop = asyncio.get_running_loop()

    async def ask() -> Recommendation:
        return await plane.recommend(Request(chance.choice(fixture_dataset.USERS), fixture_dataset.K, context=_CONTEXT))

    async def capacity(callers: int, seconds: float) -> float:
        end, good = loop.time() + seconds, 0

        async def call() -> None:
            nonlocal good
            while loop.time() < end:
                online = (await ask()).source == "online"
                good += online
                # A fallback never waits, and callers that come again at once would starve the others.
                await asyncio.sleep(0 if online else 0.001)

        await asyncio.gather(*(call() for _ in range(callers)))
        return good / seconds

    await capacity(8, 3.0)
    peak = max([1.0, *[await capacity(callers, 2.0) for callers in _CALLERS]])
    print(f"data plane alone, peak {peak:.0f} online answers a second\n{_HEAD}")
    for times in _LOADS:
        load, shed, own, lag, reasons = Load(times, peak_per_s=peak), [], [], [], Counter()

        async def one(
            due: float, load: Load = load, shed: Any = shed, own: Any = own, lag: Any = lag, reasons: Any = reasons
        ) -> None:
            lag.append((loop.time() - due) * 1000)
            answer = await ask()
            took = loop.time() - due
            reasons[answer.reason or "none"] += 1
            load.good += answer.source == "online" and took <= _BUDGET_S
            load.errors += not answer.items
            if answer.reason == "overloaded":
                shed.append(took * 1000)
                own.append(answer.timings.total_ms)

        began = due = loop.time()
        tasks: set[asyncio.Task[None]] = set()
        while due < began + seconds:
            due += chance.expovariate(peak * times)
            if (wait := due - loop.time()) > 0:
                await asyncio.sleep(wait)
            elif load.sent % 20 == 0:
                await asyncio.sleep(0)
            task = asyncio.create_task(one(due))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            load.sent += 1
        await asyncio.gather(*tasks)
        load.seconds = loop.time() - began
        load.shed, load.reasons, load.memory_mib = len(shed), dict(reasons.most_common()), memory_mib(os.getpid())
        load.shed_ms, load.shed_own_ms, load.lag_ms = _ends(shed), _ends(own), _ends(lag)
        print(load.row(), flush=True)
    await plane.close()


async def fall_back(folder: Path, answers: int = 5000) -> None:
    """Measures the fallback alone: the store's breaker is open, so that every answer comes from memory."""
    store = MemoryStore()
    await fixture_dataset.load(store)
    repository = ModelRepository(write_models(folder / "models"))
    plane = Recommender(store, FakeScorer(lambda request: Scores({})), repository)
    await plane.start()
    plane.breakers["store"].force_open()
    wall, busy = [], []
    for number in range(answers):
        started, cpu = time.perf_counter(), time.thread_time()
        answer = await plane.recommend(Request(1 + number % 200, fixture_dataset.K, context=_CONTEXT))
        wall.append((time.perf_counter() - started) * 1000)
        busy.append((time.thread_time() - cpu) * 1000)
        assert (answer.source, len(answer.items)) == ("segment", fixture_dataset.K)
    await plane.close()
    for name, times in (("time", sorted(wall)), ("of it on the processor", sorted(busy))):
        print(
            f"fallback in process, {name}: median {times[answers // 2]:.2f} ms, "
            f"p99 {times[int(0.99 * answers)]:.2f} ms, of {answers}"
        )


def in_virtual_time() -> None:
    """Measures ladder, admission limit and guard alone, over a dependency that is a model: no machine's noise."""
    from pillion.resilience import AdmissionSettings, FakeClock
    from tests.unit.resilience.test_overload import PEAK_PER_S, SECONDS, offer

    print(f"in virtual time, peak {PEAK_PER_S:.0f} online answers a second")
    for limit, settings in (("with", AdmissionSettings()), ("without", AdmissionSettings(10_000, 10_000))):
        for times in _LOADS:
            outcome = offer(FakeClock(1024.0), times, settings)
            print(
                f"{times:>4.0f}x {limit:>7} the limit: goodput {100 * outcome.good / PEAK_PER_S / SECONDS:.0f} % of "
                f"the peak, {outcome.reasons['overloaded']} of {outcome.answers} shed, the slowest after "
                f"{outcome.slowest_shed_s * 1000:.1f} ms, at most {outcome.most_in_queue} in the dependency's queue"
            )


def main(words: list[str]) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="tools.chaos.overload", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each load")
    parser.add_argument("--plane", action="store_true", help="the data plane alone")
    parser.add_argument("--fallback", action="store_true", help="how long an answer from memory takes")
    parser.add_argument("--model", action="store_true", help="in virtual time, over a dependency of two workers")
    parser.add_argument("--page", type=Path, default=None, help="where the table goes as a page")
    arguments = parser.parse_args(words)
    if arguments.model:
        in_virtual_time()
        return 0
    if arguments.fallback:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(fall_back(Path(folder)))
        return 0
    with tempfile.TemporaryDirectory(prefix="pillion-") as folder, Stack(Path(folder), proxied=False) as stack:
        if arguments.plane:
            asyncio.run(in_process(stack, arguments.seconds))
            return 0
        before, loads = asyncio.run(over_http(stack, arguments.seconds))
    text, met = overload_report.page(before, [asdict(load) | {"goodput": load.goodput} for load in loads])
    print(text)
    if arguments.page:
        arguments.page.write_text(text + "\n")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
