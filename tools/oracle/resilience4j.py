"""Random traces through Resilience4j's circuit breaker and through ours, on the same clock: `python -m
tools.oracle.resilience4j --traces 2000`.

Resilience4j runs in this process's JVM; its clock is an `InstantSource` over a reference that we set, so both read the
same milliseconds. Only what both have is compared:

- The run of failures, the jitter and the probing time are ours alone (Resilience4j ends its probing by a timer of the
  real clock); they are switched off here, and have a model of their own in `test_breaker_model.py`.
- With more than one probe, ours opens at the first that fails and Resilience4j once all have ended. The probes then run
  as one step, with a failure rate at which any failed probe opens.
- Outcomes that come after a change of state are ignored by ours and counted by Resilience4j; traces have none.
- Resilience4j counts probes by number and keeps them for as long as it is open again; ours ages them like any call. So
  counts are not compared while OPEN after a failed probing; nothing follows from them there.
- Ours ends OPEN at its end, Resilience4j just after it; traces never hit that very millisecond.
"""

import argparse
import random
import sys
from dataclasses import dataclass
from typing import Any

import jpype

from pillion.resilience import (
    Breaker,
    BreakerOpen,
    BreakerSettings,
    BreakerState,
    Permit,
)
from tools.oracle.jars import fetch

STATES = {
    "CLOSED": BreakerState.CLOSED,
    "OPEN": BreakerState.OPEN,
    "HALF_OPEN": BreakerState.HALF_OPEN,
    "FORCED_OPEN": BreakerState.FORCED_OPEN,
    "METRICS_ONLY": BreakerState.METRICS_ONLY,
}
START_MS = 1_000_000
GRID_MS = 10
"""Moments are whole multiples of it; the thresholds below are not."""


class MillisClock:
    """A clock in whole milliseconds, so that no rounding can part the two."""

    def __init__(self) -> None:
        self.ms = START_MS

    def monotonic(self) -> float:
        """Returns the reading in seconds."""
        return self.ms / 1000


@dataclass(frozen=True, slots=True)
class Numbers:
    """The settings of a trace, in units that both breakers take."""

    failure_percent: int
    slow_percent: int
    slow_ms: int
    window_s: int
    minimum: int
    open_ms: int
    open_max_ms: int
    probes: int

    def ours(self) -> BreakerSettings:
        """Returns them for our breaker."""
        return BreakerSettings(
            consecutive_failures=None,
            failure_rate=self.failure_percent / 100,
            slow_rate=self.slow_percent / 100,
            slow_call_s=self.slow_ms / 1000,
            window_buckets=self.window_s,
            window_bucket_s=1.0,
            minimum_calls=self.minimum,
            open_s=self.open_ms / 1000,
            open_max_s=self.open_max_ms / 1000,
            open_jitter=0.0,
            probes=self.probes,
            probing_s=1e9,
        )


def draw(chance: random.Random) -> Numbers:
    """Returns random settings on which both breakers have the same rules."""
    probes = chance.choice([1, 1, 2, 3])
    failure = chance.choice([25, 50, 75, 100])
    if failure > 100 / probes:
        failure = 100 // probes if probes == 2 else 25
    return Numbers(
        failure_percent=failure,
        slow_percent=chance.choice([25, 50, 100]),
        slow_ms=255,
        window_s=chance.randint(1, 5),
        minimum=chance.randint(probes, 8),
        open_ms=chance.choice([253, 503]),
        open_max_ms=chance.choice([1013, 2023]),
        probes=probes,
    )


class Java:
    """The Java classes that are needed, and a clock that both sides read."""

    def __init__(self) -> None:
        jpype.startJVM(classpath=[str(jar) for jar in fetch()], convertStrings=False)
        name = jpype.JClass
        self.instant, self.duration = (
            name("java.time.Instant"),
            name("java.time.Duration"),
        )
        self.millis = name("java.util.concurrent.TimeUnit").MILLISECONDS
        self.error = name("java.lang.RuntimeException")("scripted")
        self.reference = name("java.util.concurrent.atomic.AtomicReference")(self.instant.ofEpochMilli(START_MS))
        methods, kinds = (
            name("java.lang.invoke.MethodHandles"),
            name("java.lang.invoke.MethodType"),
        )
        get = methods.publicLookup().findVirtual(
            name("java.util.concurrent.atomic.AtomicReference"),
            "get",
            kinds.methodType(name("java.lang.Object")),
        )
        reading = get.bindTo(self.reference).asType(kinds.methodType(self.instant))
        source = name("java.lang.invoke.MethodHandleProxies").asInterfaceInstance(
            name("java.time.InstantSource"), reading
        )
        self.clock = source.withZone(name("java.time.ZoneOffset").UTC)
        base = "io.github.resilience4j."
        self.config = name(base + "circuitbreaker.CircuitBreakerConfig")
        self.window = name(base + "circuitbreaker.CircuitBreakerConfig$SlidingWindowType").TIME_BASED
        self.breaker = name(base + "circuitbreaker.CircuitBreaker")
        self.intervals = name(base + "core.IntervalFunction")
        order = name(base + "circuitbreaker.CircuitBreaker$State").values()
        self.states = {int(state.ordinal()): STATES.get(str(state.name())) for state in order}

    def build(self, numbers: Numbers) -> Any:
        """Returns Resilience4j's breaker with these settings."""
        config = (
            self.config.custom()
            .clock(self.clock)
            .slidingWindowType(self.window)
            .slidingWindowSize(numbers.window_s)
            .minimumNumberOfCalls(numbers.minimum)
            .failureRateThreshold(float(numbers.failure_percent))
            .slowCallRateThreshold(float(numbers.slow_percent))
            .slowCallDurationThreshold(self.duration.ofMillis(numbers.slow_ms))
            .permittedNumberOfCallsInHalfOpenState(numbers.probes)
            .waitIntervalFunctionInOpenState(
                self.intervals.ofExponentialBackoff(numbers.open_ms, 2.0, numbers.open_max_ms)
            )
            .build()
        )
        return self.breaker.of("oracle", config)


class Divergence(AssertionError):
    """The two breakers disagree."""


class Trace:
    """One trace through both.

    Args:
        java: The oracle's classes.
        seed: Determines settings and steps.
    """

    def __init__(self, java: Java, seed: int) -> None:
        self.chance = random.Random(seed)
        self.numbers = draw(self.chance)
        self.java = java
        self.clock = MillisClock()
        self._tell_time()
        self.theirs = java.build(self.numbers)
        self.ours = Breaker("ours", self.numbers.ours(), clock=self.clock)
        self.held: list[tuple[Permit, int]] = []
        self.log: list[str] = [repr(self.numbers)]
        self.counted = True
        self.changes = 0
        self.refused = 0

    def run(self, steps: int) -> None:
        """Makes random steps and compares after each.

        Raises:
            Divergence: They disagree; the message has the trace.
        """
        bias = self.chance.choice([0.1, 0.5, 0.9])
        for _ in range(steps):
            step = self.chance.random()
            if step < 0.30:
                self._wait(self.chance.choice([1, 1, 5, 30, 60, 120, 250]))
            elif step < 0.62:
                self._acquire()
            elif step < 0.95:
                if self.held:
                    self._settle(self.chance.randrange(len(self.held)), bias)
            else:
                self._operate()
            self._compare()

    def _wait(self, grids: int) -> None:
        self.clock.ms += grids * GRID_MS
        self._tell_time()
        self.log.append(f"+{grids * GRID_MS} ms")

    def _tell_time(self) -> None:
        self.java.reference.set(self.java.instant.ofEpochMilli(self.clock.ms))

    def _acquire(self) -> bool:
        before = self.ours.state
        theirs = bool(self.theirs.tryAcquirePermission())
        try:
            permit = self.ours.acquire()
        except BreakerOpen:
            permit = None
            self.refused += 1
        self.log.append(f"acquire → {'yes' if permit else 'no'}")
        if theirs != (permit is not None):
            raise Divergence(f"permit: Resilience4j {theirs}\n" + self.story())
        if permit is not None:
            if before is BreakerState.OPEN:
                self._changed()
                if self.numbers.probes > 1:
                    self._probe_at_once(permit)
                    return True
            self.held.append((permit, self.clock.ms))
        return permit is not None

    def _probe_at_once(self, first: Permit) -> None:
        """Acquires all probes, perhaps gives one back and takes it again, and settles them."""
        self.held = [(first, self.clock.ms)]
        while len(self.held) < self.numbers.probes:
            self._acquire()
        self._acquire()
        if len(self.held) != self.numbers.probes:
            raise Divergence("one probe too many\n" + self.story())
        if self.chance.random() < 0.3:
            self._release(0)
            self._acquire()
        self._compare()
        self._wait(self.chance.choice([1, 20, 30]))
        failing = self.chance.choice([0.0, 0.0, 0.3, 1.0])
        for permit, started in self.held:
            self._end(permit, started, self.chance.random() < failing)
        self.counted = self.ours.state is not BreakerState.OPEN
        self._changed()

    def _settle(self, place: int, bias: float) -> None:
        if self.chance.random() < 0.1:
            self._release(place)
            return
        before = self.ours.state
        permit, started = self.held.pop(place)
        self._end(permit, started, self.chance.random() < bias)
        if self.ours.state is not before:
            self.counted = before is not BreakerState.HALF_OPEN
            self._changed()

    def _end(self, permit: Permit, started: int, failed: bool) -> None:
        took = self.clock.ms - started
        self.log.append(f"{'fail' if failed else 'succeed'} after {took} ms")
        if failed:
            permit.fail()
            self.theirs.onError(took, self.java.millis, self.java.error)
        else:
            permit.succeed()
            self.theirs.onSuccess(took, self.java.millis)

    def _release(self, place: int) -> None:
        permit, _ = self.held.pop(place)
        self.log.append("release")
        permit.release()
        self.theirs.releasePermission()

    def _operate(self) -> None:
        state = self.ours.state
        choice = self.chance.choice(["force_open", "metrics_only", "reset", "reset"])
        if (choice, state) in (
            ("force_open", BreakerState.FORCED_OPEN),
            ("metrics_only", BreakerState.METRICS_ONLY),
        ):
            return
        self.log.append(choice)
        getattr(self.ours, choice)()
        {
            "force_open": self.theirs.transitionToForcedOpenState,
            "metrics_only": self.theirs.transitionToMetricsOnlyState,
            "reset": self.theirs.reset,
        }[choice]()
        self._changed()

    def _changed(self) -> None:
        """Forgets the permits of the state that has ended: Resilience4j would count their outcomes, ours not."""
        self.changes += 1
        self.held = []
        if self.ours.state is not BreakerState.OPEN:
            self.counted = True

    def _compare(self) -> None:
        ours = self.ours.snapshot()
        theirs = self.java.states[int(self.theirs.getState().ordinal())]
        if ours.state is not theirs:
            raise Divergence(f"state: ours {ours.state}, Resilience4j {theirs}\n" + self.story())
        if not self.counted:
            return
        metrics = self.theirs.getMetrics()
        counts = (
            int(metrics.getNumberOfBufferedCalls()),
            int(metrics.getNumberOfFailedCalls()),
            int(metrics.getNumberOfSlowCalls()),
        )
        if (ours.window.calls, ours.window.failures, ours.window.slow) != counts:
            raise Divergence(f"counts: ours {ours.window}, Resilience4j {counts}\n" + self.story())

    def story(self) -> str:
        """Returns the trace in words."""
        return "\n".join(self.log)


def main(words: list[str]) -> int:
    """Replays traces; returns the exit status."""
    parser = argparse.ArgumentParser(prog="oracle.resilience4j", description=__doc__)
    parser.add_argument("--traces", type=int, default=2000)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(words)
    java = Java()
    divergent = changes = refused = 0
    for number in range(arguments.traces):
        trace = Trace(java, arguments.seed + number)
        try:
            trace.run(arguments.steps)
        except Divergence as error:
            divergent += 1
            if divergent == 1:
                print(f"trace {arguments.seed + number}: {error}")
        changes += trace.changes
        refused += trace.refused
    print(
        f"{arguments.traces} traces of {arguments.steps} steps, {changes} changes of state, {refused} refusals, "
        f"{divergent} divergent"
    )
    return 1 if divergent else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
