"""Offers the shim more than it can do: `python -m failure.overload`.

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
from dataclasses import dataclass, field
from pathlib import Path

from failure import world
from failure.load import Client, Tally, measure_capacity, send
from failure.stack import Stack
from pillion.config import RecommendSettings, SidecarSettings, StoreSettings
from pillion.features import MemoryStore
from pillion.features.redis import RedisStore
from pillion.recommend import Recommender
from pillion.scoring import FakeScorer, HttpScorer, ModelRepository, Scores
from pillion.types import Context, Recommendation, Request
from scoring.models import write_models

_CALLERS = (4, 8, 16, 32)
_LOADS = (1.0, 2.0, 5.0)
_BUDGET_S = 0.050
_CONTEXT = Context(world.DEVICE, world.COUNTRY, None, world.HOUR)


@dataclass(slots=True)
class Load:
    """What one load gave.

    Attributes:
        sent: Requests.
        seconds: How long they were sent for.
        good: Online answers within the budget.
        sources: Answers by source.
        reasons: Answers by reason.
        errors: Requests without a good answer.
        shed_ms: Times of the answers that were not admitted, in milliseconds.
    """

    sent: int = 0
    seconds: float = 0.0
    good: int = 0
    sources: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    errors: int = 0
    shed_ms: list[float] = field(default_factory=list)

    def row(self, times: float, peak: float, memory_mib: float) -> str:
        """Returns a line of the table."""
        ordered = sorted(self.shed_ms) or [0.0]
        p50, p99 = ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
        goodput = self.good / self.seconds
        return (
            f"{times:>4.0f}x {self.sent / self.seconds:>8.0f} {goodput:>8.0f} {100 * goodput / peak:>7.0f}% "
            f"{self.errors:>6} {len(self.shed_ms):>7} {p50:>8.1f} {p99:>8.1f} {memory_mib:>9.0f}   "
            + ", ".join(f"{reason} {count}" for reason, count in self.reasons.most_common(4))
        )


_HEAD = "       sent/s   good/s  of peak errors    shed   p50 ms   p99 ms       MiB   reasons"


def memory_mib(pid: int) -> float:
    """Returns a process's resident memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 2**20


async def over_http(stack: Stack, seconds: float) -> None:
    """Measures the shim from outside; a request's time runs from when it was due."""
    client = Client(stack.shim.host, stack.shim.port)
    await measure_capacity(client, 3.0)
    peak = 0.0
    for callers in _CALLERS:
        peak = max(peak, await measure_capacity(client, 2.0, callers))
    peak = max(peak, 1.0)
    print(f"over HTTP, peak {peak:.0f} online answers a second\n{_HEAD}")
    for times in _LOADS:
        tally = Tally()
        began = time.monotonic()
        await send(client, tally, int(seconds * peak * times), peak * times)
        load = Load(tally.sent, time.monotonic() - began, reasons=tally.reasons, sources=tally.sources)
        load.good = sum(
            online and seconds <= _BUDGET_S for online, seconds in zip(tally.online, tally.seconds, strict=False)
        )
        load.shed_ms = [seconds * 1000 for seconds in tally.shed]
        load.errors = tally.errors + tally.hangs + tally.broken + tally.malformed + tally.wrong_user
        print(load.row(times, peak, memory_mib(stack.shim.process.pid)), flush=True)
    await client.close()


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
        return await plane.recommend(Request(chance.choice(world.USERS), world.K, context=_CONTEXT))

    async def capacity(callers: int, seconds: float) -> float:
        end, good = loop.time() + seconds, 0

        async def call() -> None:
            nonlocal good
            while loop.time() < end:
                good += (await ask()).source == "online"
                await asyncio.sleep(0)  # a fallback never waits, and callers that never pause would starve the others

        await asyncio.gather(*(call() for _ in range(callers)))
        return good / seconds

    await capacity(8, 3.0)
    peak = max([1.0, *[await capacity(callers, 2.0) for callers in _CALLERS]])
    print(f"data plane alone, peak {peak:.0f} online answers a second\n{_HEAD}")
    for times in _LOADS:
        load = Load()

        async def one(due: float, load: Load) -> None:
            answer = await ask()
            took = loop.time() - due
            load.sources[answer.source] += 1
            load.reasons[answer.reason or "none"] += 1
            load.good += answer.source == "online" and took <= _BUDGET_S
            load.errors += not answer.items
            if answer.reason == "overloaded":
                load.shed_ms.append(took * 1000)

        began = due = loop.time()
        tasks: set[asyncio.Task[None]] = set()
        while due < began + seconds:
            due += chance.expovariate(peak * times)
            if (wait := due - loop.time()) > 0:
                await asyncio.sleep(wait)
            elif load.sent % 20 == 0:
                await asyncio.sleep(0)
            task = asyncio.create_task(one(due, load))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            load.sent += 1
        await asyncio.gather(*tasks)
        load.seconds = loop.time() - began
        print(load.row(times, peak, memory_mib(os.getpid())), flush=True)
    await plane.close()


async def fall_back(folder: Path, answers: int = 5000) -> None:
    """Measures the fallback alone: the store's breaker is open, so that every answer comes from memory."""
    store = MemoryStore()
    await world.load(store)
    repository = ModelRepository(write_models(folder / "models"))
    plane = Recommender(store, FakeScorer(lambda request: Scores({})), repository)
    await plane.start()
    plane.breakers["store"].force_open()
    wall, busy = [], []
    for number in range(answers):
        started, cpu = time.perf_counter(), time.thread_time()
        answer = await plane.recommend(Request(1 + number % 200, world.K, context=_CONTEXT))
        wall.append((time.perf_counter() - started) * 1000)
        busy.append((time.thread_time() - cpu) * 1000)
        assert (answer.source, len(answer.items)) == ("segment", world.K)
    await plane.close()
    for name, times in (("time", sorted(wall)), ("of it on the processor", sorted(busy))):
        print(
            f"fallback in process, {name}: median {times[answers // 2]:.2f} ms, "
            f"p99 {times[int(0.99 * answers)]:.2f} ms, of {answers}"
        )


def in_virtual_time() -> None:
    """Measures ladder, admission limit and guard alone, over a dependency that is a model: no machine's noise."""
    from pillion.resilience import AdmissionSettings, FakeClock
    from resilience.test_overload import PEAK_PER_S, SECONDS, offer

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
    parser = argparse.ArgumentParser(prog="failure.overload", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each load")
    parser.add_argument("--plane", action="store_true", help="the data plane alone")
    parser.add_argument("--fallback", action="store_true", help="how long an answer from memory takes")
    parser.add_argument("--model", action="store_true", help="in virtual time, over a dependency of two workers")
    arguments = parser.parse_args(words)
    if arguments.model:
        in_virtual_time()
        return 0
    if arguments.fallback:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(fall_back(Path(folder)))
        return 0
    with tempfile.TemporaryDirectory(prefix="pillion-") as folder, Stack(Path(folder)) as stack:
        asyncio.run((in_process if arguments.plane else over_http)(stack, arguments.seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
