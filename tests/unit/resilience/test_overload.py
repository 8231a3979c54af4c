"""More requests than the dependency can bear, in virtual time: what the admission limit saves.

The dependency has two workers and a queue without end, as a sidecar on a small machine; a reply after the budget is of
no use to anybody.
"""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field

import pytest

from pillion.resilience import (
    AdmissionLimit,
    AdmissionSettings,
    BreakerSettings,
    Deadline,
    FakeClock,
    Guard,
    GuardSettings,
    Ladder,
    MemoryRung,
    Rung,
)
from tests.support.virtual_time import run

WORKERS, SERVICE_S, BUDGET_S, SECONDS = 2, 0.005, 0.05, 4.0
PEAK_PER_S = WORKERS / SERVICE_S


@dataclass
class Outcome:
    good: int = 0
    answers: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    slowest_shed_s: float = 0.0
    most_in_queue: int = 0


class Service:
    """A service over one dependency, in virtual time."""

    def __init__(self, clock: FakeClock, admission: AdmissionLimit) -> None:
        self.clock, self.admission = clock, admission
        breaker = BreakerSettings(slow_call_s=0.025, open_jitter=0.0)
        self.guard = Guard("sidecar", GuardSettings(0.030, 10_000, breaker), clock=clock)
        self.workers = asyncio.Semaphore(WORKERS)
        self.queue = 0
        self.outcome = Outcome()

    async def score(self, timeout_s: float) -> str:
        self.queue += 1
        self.outcome.most_in_queue = max(self.outcome.most_in_queue, self.queue)
        try:
            async with self.workers:
                await asyncio.sleep(SERVICE_S)
        finally:
            self.queue -= 1
        return "online"

    async def online(self, deadline: Deadline) -> str:
        with self.admission.slot():
            return await self.guard.call(self.score, deadline)

    async def answer(self) -> None:
        started = self.clock.monotonic()
        ladder = Ladder([Rung("online", self.online)], [MemoryRung("popular", lambda _: "popular")])
        found = await ladder.answer(Deadline.after(BUDGET_S, self.clock, reserve=0.005))
        took = self.clock.monotonic() - started
        self.outcome.answers += 1
        self.outcome.good += found.source == "online" and took <= BUDGET_S
        self.outcome.reasons[found.reason or "none"] += 1
        if found.reason == "overloaded":
            self.outcome.slowest_shed_s = max(self.outcome.slowest_shed_s, took)


def offer(clock: FakeClock, times: float, settings: AdmissionSettings) -> Outcome:
    """Sends `times` the peak for a while; returns what came of it."""

    async def main() -> Outcome:
        service = Service(clock, AdmissionLimit(settings, clock))
        chance = random.Random(7)
        tasks = []
        end = clock.monotonic() + SECONDS
        while clock.monotonic() < end:
            await asyncio.sleep(chance.expovariate(PEAK_PER_S * times))
            tasks.append(asyncio.create_task(service.answer()))
        await asyncio.gather(*tasks)
        return service.outcome

    return run(clock, main())


@pytest.mark.parametrize("times", [2.0, 5.0])
def test_goodput_stays_at_nine_tenths_of_the_peak_and_the_excess_is_answered_at_once(
    clock: FakeClock, times: float
) -> None:
    outcome = offer(clock, times, AdmissionSettings())

    assert outcome.good >= 0.9 * PEAK_PER_S * SECONDS
    assert outcome.slowest_shed_s == 0.0
    assert outcome.reasons["overloaded"] > 0.7 * (times - 1) / times * outcome.answers
    assert outcome.most_in_queue <= AdmissionSettings().most


def test_without_a_limit_the_same_load_leaves_a_fraction(clock: FakeClock) -> None:
    outcome = offer(clock, 5.0, AdmissionSettings(least=10_000, most=10_000))

    assert outcome.good < 0.5 * PEAK_PER_S * SECONDS


def test_below_the_peak_nearly_nothing_is_refused(clock: FakeClock) -> None:
    outcome = offer(clock, 0.5, AdmissionSettings())

    assert outcome.good >= 0.99 * outcome.answers
