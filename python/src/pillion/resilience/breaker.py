"""The state machine that stops calls to a dependency which is failing."""

import math
import random as _random
import threading
from collections.abc import Callable, Iterable

from pillion.resilience.breaker_settings import BreakerSettings
from pillion.resilience.clock import Clock, SystemClock
from pillion.resilience.errors import BreakerOpen
from pillion.resilience.listeners import Listener, Listeners
from pillion.resilience.permit import Permit, Verdict
from pillion.resilience.state import BreakerSnapshot, BreakerState, Cause, StateChange
from pillion.resilience.window import Window, WindowCounts


class Breaker:
    """A circuit breaker that hands out permits, for threads and for asyncio alike.

    ```
             5 consecutive failures, or ≥ 20 calls of which ≥ 50 % failed or were slow
      CLOSED ───────────────────────────────────────────────────────────────────→ OPEN ←─┐
        ↑                                  the interval has passed: first acquire │      │
        └── all 3 probes succeeded, fewer than half slow ───────────── HALF_OPEN ←┘      │
                                                                           └─────────────┘
                                                a probe failed, half slow, or one took 1 s
    ```

    The rules, exactly:

    - Each settled permit is one sample, at the moment it is settled. A neutral one is no sample: it
      touches neither the window nor the count of consecutive failures. A success sets that count to 0.
    - After each sample while CLOSED, the rules are tried in the order: consecutive failures,
      failure rate, slow rate. Window and count are empty on entering CLOSED or METRICS_ONLY.
    - An open interval is `open_s`, doubled for each probing that failed since the breaker was last
      CLOSED, at most `open_max_s`, shortened by chance. OPEN ends at the first `acquire` at or
      after its end: that caller gets the first probe. `expect_recovery` ends it early.
    - HALF_OPEN gives `probes` permits in all and refuses the rest at once; a neutral permit may be
      given again. The first failure opens. When all succeeded, `slow_rate` is applied to them.
      A probe that outlasts `probing_s` counts as failed at that very moment, whenever it is noticed.
      While none is out, HALF_OPEN waits for callers, however few come.
    - A permit belongs to the state that gave it. Outcomes that arrive after a change are ignored.

    The lock covers the arithmetic only; it is not held while a call or a listener runs.

    Args:
        name: The dependency, for messages and metrics.
        settings: Thresholds and times.
        clock: The clock to read.
        random: A source of numbers in [0, 1) for the jitter.
        listeners: Told of each change of state.
    """

    def __init__(
        self,
        name: str,
        settings: BreakerSettings | None = None,
        *,
        clock: Clock | None = None,
        random: Callable[[], float] = _random.random,
        listeners: Iterable[Listener] = (),
    ) -> None:
        self.name = name
        self._settings = settings or BreakerSettings()
        self._clock = clock or SystemClock()
        self._random = random
        self._listeners = Listeners(listeners)
        self._lock = threading.Lock()
        self._window = Window(self._settings.window_buckets, self._settings.window_bucket_s)
        self._state = BreakerState.CLOSED
        self._generation = 0
        self._consecutive_failures = 0
        self._next_open_s = self._settings.open_s
        self._until_s = 0.0  # when OPEN or HALF_OPEN ends
        self._probes_out: list[float] = []  # when each began, in this order
        self._permits_left = 0
        self._probes = self._slow_probes = 0  # succeeded so far
        self._succeeded = self._failed = self._neutral = self._ignored = self._refused = 0

    def acquire(self) -> Permit:
        """Return a permit for one attempt; the caller settles it, whatever happens.

        Raises:
            BreakerOpen: Calls are refused now.
        """
        with self._lock:
            now = self._clock.monotonic()
            self._end_probing(now)
            if self._state is BreakerState.OPEN and now >= self._until_s:
                self._enter(BreakerState.HALF_OPEN, Cause.INTERVAL_PASSED, now)
            permit = self._grant(now)
            state, retry_after_s = self._state, self._retry_after(now)
        self._listeners.deliver()
        if permit is None:
            raise BreakerOpen(f"{self.name}: the breaker is {state.value}", retry_after_s)
        return permit

    def snapshot(self) -> BreakerSnapshot:
        """Return the state and the counts of this moment."""
        with self._lock:
            now = self._clock.monotonic()
            self._end_probing(now)
            snapshot = BreakerSnapshot(
                name=self.name,
                state=self._state,
                generation=self._generation,
                window=self._window.counts(now),
                consecutive_failures=self._consecutive_failures,
                permits_left=self._permits_left,
                retry_after_s=self._retry_after(now),
                succeeded=self._succeeded,
                failed=self._failed,
                neutral=self._neutral,
                ignored=self._ignored,
                refused=self._refused,
            )
        self._listeners.deliver()
        return snapshot

    @property
    def state(self) -> BreakerState:
        """The state of this moment; OPEN lasts until a call comes after its interval."""
        return self.snapshot().state

    def subscribe(self, listener: Listener) -> None:
        """Have `listener` told of each change of state from now on."""
        self._listeners.add(listener)

    def expect_recovery(self) -> None:
        """End the open interval now and start its doubling anew: somebody saw the dependency answer.

        The next `acquire` gets the first probe; in every other state nothing happens.
        """
        with self._lock:
            now = self._clock.monotonic()
            self._end_probing(now)
            if self._state is BreakerState.OPEN:
                self._until_s = min(self._until_s, now)
                self._next_open_s = self._settings.open_s
        self._listeners.deliver()

    def force_open(self) -> None:
        """Refuse every call until `reset` or `metrics_only`: an operator's switch."""
        self._operate(BreakerState.FORCED_OPEN)

    def metrics_only(self) -> None:
        """Let every call pass, count, never trip, until `reset` or `force_open`."""
        self._operate(BreakerState.METRICS_ONLY)

    def reset(self) -> None:
        """Start anew as CLOSED, with nothing counted and the shortest open interval."""
        self._operate(BreakerState.CLOSED)

    def _operate(self, state: BreakerState) -> None:
        with self._lock:
            now = self._clock.monotonic()
            self._end_probing(now)
            if state is BreakerState.CLOSED or state is not self._state:
                self._next_open_s = self._settings.open_s
                self._enter(state, Cause.OPERATOR, now)
        self._listeners.deliver()

    def _grant(self, now: float) -> Permit | None:
        refuses = self._state in (BreakerState.OPEN, BreakerState.FORCED_OPEN)
        if refuses or (self._state is BreakerState.HALF_OPEN and not self._permits_left):
            self._refused += 1
            return None
        if self._state is BreakerState.HALF_OPEN:
            self._permits_left -= 1
            self._probes_out.append(now)
            self._await_probes()
        return Permit(self._generation, now, self._settle)

    def _settle(self, permit: Permit, verdict: Verdict) -> None:
        with self._lock:
            if permit.settled:
                return
            permit.settled = True
            now = self._clock.monotonic()
            self._end_probing(now)
            if permit.generation != self._generation:
                self._ignored += 1
            else:
                self._count(permit, verdict, now)
        self._listeners.deliver()

    def _count(self, permit: Permit, verdict: Verdict, now: float) -> None:
        probing = self._state is BreakerState.HALF_OPEN
        if probing:
            self._probes_out.remove(permit.started_s)
            self._await_probes()
        if verdict is Verdict.NEUTRAL:
            self._neutral += 1
            self._permits_left += probing
        else:
            slow = now - permit.started_s > self._settings.slow_call_s
            self._record(now, failed=verdict is Verdict.FAILURE, slow=slow)

    def _record(self, now: float, *, failed: bool, slow: bool) -> None:
        counts = self._window.record(now, failed=failed, slow=slow)
        self._consecutive_failures = self._consecutive_failures + 1 if failed else 0
        self._failed += failed
        self._succeeded += not failed
        if self._state is BreakerState.CLOSED:
            if (cause := self._tripping(counts)) is not None:
                self._open(cause, now)
        elif self._state is BreakerState.HALF_OPEN:
            self._judge_probe(now, failed=failed, slow=slow)

    def _tripping(self, counts: WindowCounts) -> Cause | None:
        """The first rule that trips a closed breaker, if any."""
        settings = self._settings
        if settings.consecutive_failures is not None and self._consecutive_failures >= settings.consecutive_failures:
            return Cause.CONSECUTIVE_FAILURES
        if counts.calls < settings.minimum_calls:
            return None
        if settings.failure_rate is not None and counts.failure_rate >= settings.failure_rate:
            return Cause.FAILURE_RATE
        if settings.slow_rate is not None and counts.slow_rate >= settings.slow_rate:
            return Cause.SLOW_RATE
        return None

    def _judge_probe(self, now: float, *, failed: bool, slow: bool) -> None:
        settings = self._settings
        if failed:
            self._open(Cause.PROBE_FAILED, now)
            return
        self._probes += 1
        self._slow_probes += slow
        if self._probes < settings.probes:
            return
        if settings.slow_rate is not None and self._slow_probes / self._probes >= settings.slow_rate:
            self._open(Cause.PROBES_SLOW, now)
        else:
            self._next_open_s = settings.open_s
            self._enter(BreakerState.CLOSED, Cause.PROBES_SUCCEEDED, now)

    def _await_probes(self) -> None:
        """Have probing end once the oldest probe that is out has had its time."""
        self._until_s = min(self._probes_out, default=math.inf) + self._settings.probing_s

    def _end_probing(self, now: float) -> None:
        """Open again where a probe's time is up; dated at its end, as if a timer had fired."""
        if self._state is BreakerState.HALF_OPEN and now >= self._until_s:
            self._open(Cause.PROBING_TIME_UP, self._until_s)

    def _open(self, cause: Cause, at_s: float) -> None:
        open_s = self._next_open_s * (1.0 - self._settings.open_jitter * self._random())
        self._next_open_s = min(self._settings.open_max_s, 2.0 * self._next_open_s)
        self._enter(BreakerState.OPEN, cause, at_s, open_s)

    def _enter(self, state: BreakerState, cause: Cause, at_s: float, open_s: float | None = None) -> None:
        before, self._state = self._state, state
        self._generation += 1
        self._permits_left = self._probes = self._slow_probes = 0
        if state is BreakerState.OPEN:
            self._until_s = at_s + (open_s or 0.0)
        else:
            self._window.clear()
            self._consecutive_failures = 0
        if state is BreakerState.HALF_OPEN:
            self._permits_left = self._settings.probes
            self._probes_out.clear()
            self._await_probes()
        if before is not state:
            self._listeners.queue(StateChange(self.name, before, state, cause, at_s, self._generation, open_s))

    def _retry_after(self, now: float) -> float | None:
        if self._state is BreakerState.FORCED_OPEN:
            return None
        if self._state is BreakerState.OPEN:
            return max(0.0, self._until_s - now)
        if self._state is BreakerState.HALF_OPEN and not self._permits_left:
            return max(0.0, self._until_s - now)
        return 0.0
