"""The breaker against a model that keeps every call in a list and does the arithmetic anew each time."""

import math
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
)

from pillion.resilience import Breaker, BreakerOpen, BreakerSettings, BreakerState, FakeClock, Permit

S = BreakerState


@dataclass
class Model:
    """The rules of the guide, written for reading; times in whole 1/64 s, so that sums are exact."""

    settings: BreakerSettings
    chance: float
    now: float
    state: BreakerState = S.CLOSED
    stint: int = 0  # grows with every change of state, and with a reset
    samples: list[tuple[float, bool, bool]] = field(default_factory=list)  # of this stint: when, failed, slow
    failed_probings: int = 0
    ends: float = 0.0
    probes_out: int = 0  # given and not given back
    running: list[float] = field(default_factory=list)  # when the probes began that are not settled

    def enter(self, state: BreakerState, at: float) -> None:
        self.state = state
        self.stint += 1
        self.probes_out = 0
        if state is S.OPEN:
            longest = min(self.settings.open_max_s, self.settings.open_s * 2**self.failed_probings)
            self.ends = at + longest * (1 - self.settings.open_jitter * self.chance)
            return
        self.samples = []
        self.running = []
        if state is not S.HALF_OPEN:
            self.failed_probings = 0

    def probing_failed(self, at: float) -> None:
        self.failed_probings += 1
        self.enter(S.OPEN, at)

    def tick(self) -> None:
        if self.state is S.HALF_OPEN and self.running and self.now >= min(self.running) + self.settings.probing_s:
            self.probing_failed(min(self.running) + self.settings.probing_s)

    def acquire(self) -> bool:
        self.tick()
        if self.state is S.OPEN and self.now >= self.ends:
            self.enter(S.HALF_OPEN, self.now)
        if self.state is S.HALF_OPEN and self.probes_out < self.settings.probes:
            self.probes_out += 1
            self.running.append(self.now)
            return True
        return self.state in (S.CLOSED, S.METRICS_ONLY)

    def settle(self, stint: int, verdict: str, began: float) -> None:
        self.tick()
        if stint != self.stint:
            return
        if self.state is S.HALF_OPEN:
            self.running.remove(began)
        if verdict == "release":
            self.probes_out -= self.state is S.HALF_OPEN
            return
        self.samples.append((self.now, verdict == "fail", self.now - began > self.settings.slow_call_s))
        if self.state is S.CLOSED and self.trips():
            self.enter(S.OPEN, self.now)
        elif self.state is S.HALF_OPEN:
            self.judge()

    def trips(self) -> bool:
        s = self.settings
        if s.consecutive_failures is not None and self.consecutive_failures() >= s.consecutive_failures:
            return True
        calls, failures, slow = self.window()
        enough = calls >= s.minimum_calls
        return enough and (
            (s.failure_rate is not None and failures >= s.failure_rate * calls)
            or (s.slow_rate is not None and slow >= s.slow_rate * calls)
        )

    def judge(self) -> None:
        s = self.settings
        if any(failed for _, failed, _ in self.samples):
            self.probing_failed(self.now)
        elif len(self.samples) == s.probes:
            slow = sum(slow for _, _, slow in self.samples)
            if s.slow_rate is not None and slow >= s.slow_rate * s.probes:
                self.probing_failed(self.now)
            else:
                self.enter(S.CLOSED, self.now)

    def consecutive_failures(self) -> int:
        count = 0
        for _, failed, _ in reversed(self.samples):
            if not failed:
                break
            count += 1
        return count

    def window(self) -> tuple[int, int, int]:
        width = self.settings.window_bucket_s
        oldest = math.floor(self.now / width) - self.settings.window_buckets + 1
        inside = [sample for sample in self.samples if math.floor(sample[0] / width) >= oldest]
        return len(inside), sum(s[1] for s in inside), sum(s[2] for s in inside)


class BreakerComparison(RuleBasedStateMachine):
    permits: Bundle[tuple[Permit, int, float]] = Bundle("permits")

    @initialize(
        consecutive=st.sampled_from([None, 2, 5]),
        failure_rate=st.sampled_from([None, 0.25, 0.5, 1.0]),
        slow_rate=st.sampled_from([None, 0.5]),
        minimum=st.integers(1, 6),
        buckets=st.integers(1, 4),
        probes=st.integers(1, 3),
        chance=st.sampled_from([0.0, 0.5]),
    )
    def start(
        self,
        consecutive: int | None,
        failure_rate: float | None,
        slow_rate: float | None,
        minimum: int,
        buckets: int,
        probes: int,
        chance: float,
    ) -> None:
        settings_ = BreakerSettings(
            consecutive_failures=consecutive,
            failure_rate=failure_rate,
            slow_rate=slow_rate,
            slow_call_s=0.25,
            window_buckets=buckets,
            window_bucket_s=0.5,
            minimum_calls=minimum,
            open_s=0.25,
            open_max_s=1.5,
            open_jitter=0.5,
            probes=probes,
            probing_s=1.0,
        )
        self.clock = FakeClock(16.0)
        self.model = Model(settings_, chance, 16.0)
        self.breaker = Breaker("model", settings_, clock=self.clock, random=lambda: chance)

    @rule(sixty_fourths=st.one_of(st.integers(0, 20), st.integers(0, 200)))
    def wait(self, sixty_fourths: int) -> None:
        self.clock.advance(sixty_fourths / 64)
        self.model.now += sixty_fourths / 64

    @rule(target=permits)
    def acquire(self) -> tuple[Permit, int, float]:
        admitted = self.model.acquire()
        try:
            permit = self.breaker.acquire()
        except BreakerOpen:
            assert not admitted
            return (Permit(-1, 0.0, lambda permit, verdict: None), -1, 0.0)
        assert admitted
        return (permit, self.model.stint, self.model.now)

    @rule(held=consumes(permits), verdict=st.sampled_from(["succeed", "fail", "fail", "release"]))
    def settle(self, held: tuple[Permit, int, float], verdict: str) -> None:
        permit, stint, started = held
        getattr(permit, verdict)()
        if stint >= 0:
            self.model.settle(stint, verdict, started)

    @rule(verdicts=st.lists(st.sampled_from(["succeed", "fail"]), min_size=1, max_size=8))
    def call_quickly(self, verdicts: list[str]) -> None:
        for verdict in verdicts:
            held = self.acquire()
            self.settle(held, verdict)

    @precondition(lambda self: self.model.state in (S.OPEN, S.HALF_OPEN))
    @rule()
    def wait_until_it_ends(self) -> None:
        probing = min(self.model.running, default=self.model.now) + self.model.settings.probing_s
        ends = self.model.ends if self.model.state is S.OPEN else probing
        left = max(0.0, ends - self.model.now)
        self.clock.advance(left)
        self.model.now += left

    @rule(state=st.sampled_from([S.FORCED_OPEN, S.METRICS_ONLY, S.CLOSED, S.CLOSED]))
    def operate(self, state: BreakerState) -> None:
        self.model.tick()
        operate = {
            S.FORCED_OPEN: self.breaker.force_open,
            S.METRICS_ONLY: self.breaker.metrics_only,
            S.CLOSED: self.breaker.reset,
        }
        operate[state]()
        if state is S.CLOSED or state is not self.model.state:
            self.model.enter(state, self.model.now)

    @invariant()
    def agree(self) -> None:
        if not hasattr(self, "model"):
            return
        self.model.tick()
        snapshot = self.breaker.snapshot()
        window = (snapshot.window.calls, snapshot.window.failures, snapshot.window.slow)
        probing = self.model.state is S.HALF_OPEN
        permits_left = self.model.settings.probes - self.model.probes_out if probing else 0
        expected = (self.model.state, self.model.window(), self.model.consecutive_failures(), permits_left)

        assert expected == (snapshot.state, window, snapshot.consecutive_failures, snapshot.permits_left)


TestBreakerAgainstModel = BreakerComparison.TestCase
TestBreakerAgainstModel.settings = settings(max_examples=200, stateful_step_count=60, deadline=None)
