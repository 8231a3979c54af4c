"""Breaker, retry, deadline and cancellation together, step for step, against a model that counts by hand."""

import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pillion.resilience import (
    AttemptTimeout,
    BreakerOpen,
    BreakerSettings,
    BreakerState,
    Deadline,
    DeadlineExceeded,
    FakeClock,
    Guard,
    GuardSettings,
    RetryBudget,
    RetrySettings,
)
from tests.support.guard_bench import CacheMiss, classify
from tests.support.virtual_time import VirtualTimeLoop

S = BreakerState
TIMEOUT_S, P99_S, WAIT_S, OPEN_S, OPEN_MAX_S, PROBING_S = 0.25, 0.125, 0.0625, 0.5, 2.0, 1.0
CONSECUTIVE, PROBES = 3, 2
SETTINGS = GuardSettings(
    timeout_s=TIMEOUT_S,
    max_in_flight=4,
    breaker=BreakerSettings(
        consecutive_failures=CONSECUTIVE,
        failure_rate=None,
        slow_rate=None,
        open_s=OPEN_S,
        open_max_s=OPEN_MAX_S,
        open_jitter=0.0,
        probes=PROBES,
        probing_s=PROBING_S,
    ),
    retry=RetrySettings(attempts=2, min_wait_s=WAIT_S, max_wait_s=WAIT_S, p99_s=P99_S),
)
OK, REFUSED, FAILED, MISS, HANG, CANCEL = "ok", "refused", "failed", "miss", "hang", "cancel"
OUTCOMES = st.sampled_from([OK, OK, REFUSED, REFUSED, FAILED, MISS, HANG, CANCEL])
ERRORS = {REFUSED: ConnectionRefusedError, FAILED: OSError, MISS: CacheMiss}


@dataclass
class Model:
    """What a guard is to do, written as a story of one call."""

    now: float
    state: BreakerState = S.CLOSED
    ends: float = 0.0
    consecutive_failures: int = 0
    probings: int = 0
    good_probes: int = 0
    tokens: float = 0.0
    succeeded: int = 0
    failed: int = 0
    neutral: int = 0
    refused: int = 0
    attempts: int = 0

    def open(self) -> None:
        self.ends = self.now + min(OPEN_MAX_S, OPEN_S * 2**self.probings)
        self.probings += 1
        self.state = S.OPEN

    def admits(self) -> bool:
        if self.state is S.OPEN and self.now >= self.ends:
            self.state = S.HALF_OPEN  # with no end: a probe ends before its time
            self.good_probes = self.consecutive_failures = 0
        if self.state is S.OPEN:
            self.refused += 1
            return False
        return True

    def settle(self, verdict: str) -> None:
        if verdict == "neutral":
            self.neutral += 1
            return
        good = verdict == "good"
        self.succeeded += good
        self.failed += not good
        self.consecutive_failures = 0 if good else self.consecutive_failures + 1
        if self.state is S.HALF_OPEN:
            self.good_probes += good
            if not good:
                self.open()
            elif self.good_probes == PROBES:
                self.state, self.consecutive_failures, self.probings = S.CLOSED, 0, 0
        elif self.consecutive_failures >= CONSECUTIVE:
            self.open()

    def call(self, outcomes: list[str], seconds: float, reserve: float) -> type[BaseException] | None:
        """Lives through one call; returns what it raises."""
        end = self.now + seconds - reserve
        self.tokens = min(10.0, self.tokens + 0.5)
        for number, outcome in enumerate(outcomes, 1):
            spendable = end - self.now
            if spendable <= 0:
                return DeadlineExceeded
            if not self.admits():
                return BreakerOpen
            self.attempts += 1
            if outcome == OK:
                self.settle("good")
                return None
            if outcome == CANCEL:
                self.settle("neutral")
                return asyncio.CancelledError
            if outcome == HANG:
                full = spendable >= TIMEOUT_S
                self.now += min(TIMEOUT_S, spendable)
                self.settle("bad" if full else "neutral")
                return AttemptTimeout if full else DeadlineExceeded
            self.settle("neutral" if outcome == MISS else "bad")
            again = outcome == REFUSED and number == 1 and end - self.now >= WAIT_S + P99_S and self.tokens >= 1
            if not again:
                return ERRORS[outcome]
            self.tokens -= 1
            self.now += WAIT_S
        raise AssertionError("unreachable")


class GuardComparison(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        self.clock = FakeClock(64.0)
        self.model = Model(64.0)
        self.loop = VirtualTimeLoop(self.clock)
        self.attempts = 0
        self.guard = Guard(
            "store",
            SETTINGS,
            classify=classify,
            budget=RetryBudget(0.5),
            clock=self.clock,
            random=lambda: 0.0,
        )

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.loop.close()

    @rule(eighths=st.one_of(st.integers(0, 4), st.integers(0, 24)))
    def wait(self, eighths: int) -> None:
        self.clock.advance(eighths / 8)
        self.model.now += eighths / 8

    @rule(
        outcomes=st.tuples(OUTCOMES, OUTCOMES),
        sixteenths=st.sampled_from([0, 1, 3, 4, 5, 6, 7, 16]),
        reserve=st.sampled_from([0, 1]),
    )
    def call(self, outcomes: tuple[str, str], sixteenths: int, reserve: int) -> None:
        expected = self.model.call(list(outcomes), sixteenths / 16, reserve / 16)
        script = list(outcomes)
        deadline = Deadline.after(sixteenths / 16, self.clock, reserve / 16)
        raised: type[BaseException] | None = None
        try:
            self.loop.run_until_complete(self._call(script, deadline))
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - compared below
            raised = type(error)

        assert raised is expected

    async def _call(self, script: list[str], deadline: Deadline) -> str:
        async def attempt(timeout_s: float) -> str:
            self.attempts += 1
            outcome = script.pop(0)
            if outcome == CANCEL:
                task.cancel()
            if outcome in (HANG, CANCEL):
                await asyncio.sleep(3600)
            if outcome != OK:
                raise ERRORS[outcome]
            return outcome

        task = asyncio.ensure_future(self.guard.call(attempt, deadline))
        return await task

    @invariant()
    def agree(self) -> None:
        if not hasattr(self, "model"):
            return
        seen = self.guard.breaker.snapshot()
        model = self.model
        expected = (model.state, model.succeeded, model.failed, model.neutral, model.refused, model.attempts)

        assert (seen.state, seen.succeeded, seen.failed, seen.neutral, seen.refused, self.attempts) == expected
        assert (seen.ignored, self.guard.bulkhead.in_flight) == (0, 0)
        assert self.clock.monotonic() == pytest.approx(model.now)


TestGuard = GuardComparison.TestCase
TestGuard.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
