"""A guard on a fake clock, and calls for it."""

import asyncio
from collections.abc import Awaitable, Callable

from pillion.resilience import (
    BreakerSettings,
    Deadline,
    FakeClock,
    Guard,
    GuardSettings,
    Outcome,
    RetryBudget,
    RetrySettings,
)
from tests.support.virtual_time import run

Counts = tuple[int, int, int]


class LibraryTimeout(Exception):
    pass


class CacheMiss(Exception):
    pass


def classify(error: Exception) -> Outcome:
    verdicts = {
        ConnectionRefusedError: Outcome.FAILURE_RETRYABLE,
        LibraryTimeout: Outcome.TIMEOUT,
        CacheMiss: Outcome.NEUTRAL,
    }
    return verdicts.get(type(error), Outcome.FAILURE)


SETTINGS = GuardSettings(
    timeout_s=0.25,
    max_in_flight=2,
    breaker=BreakerSettings(slow_call_s=10.0, open_jitter=0.0),
    retry=RetrySettings(min_wait_s=0.0, max_wait_s=0.0, p99_s=0.125),
)


class Bench:
    """A guard on a fake clock."""

    def __init__(self, clock: FakeClock, settings: GuardSettings = SETTINGS) -> None:
        self.clock = clock
        self.timeouts: list[float] = []
        self.guard = Guard(
            "store", settings, classify=classify, budget=RetryBudget(1.0), clock=clock, sleep=clock.sleep
        )

    def call(self, *script: object, seconds: float = 1.0, reserve: float = 0.0) -> object:
        lines = list(script)

        async def attempt(timeout_s: float) -> object:
            self.timeouts.append(timeout_s)
            line = lines.pop(0)
            if isinstance(line, BaseException):
                raise line
            return line

        deadline = Deadline.after(seconds, self.clock, reserve)
        return run(self.clock, self.guard.call(attempt, deadline))

    def run(self, fn: Callable[[float], Awaitable[object]], seconds: float = 1.0) -> object:
        return run(self.clock, self.guard.call(fn, Deadline.after(seconds, self.clock)))

    @property
    def counts(self) -> Counts:
        """Succeeded, failed, neutral."""
        snapshot = self.guard.breaker.snapshot()
        return snapshot.succeeded, snapshot.failed, snapshot.neutral


async def hang(timeout_s: float) -> object:
    await asyncio.sleep(3600)
    return "too late"
