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
from pathlib import Path
from typing import Any

import jpype

from pillion.resilience import BreakerState
from tools.oracle.jars import fetch
from tools.oracle.traces import GRID_MS, START_MS, Recorder, Rules, of_our_own

STATES = {
    "CLOSED": BreakerState.CLOSED,
    "OPEN": BreakerState.OPEN,
    "HALF_OPEN": BreakerState.HALF_OPEN,
    "FORCED_OPEN": BreakerState.FORCED_OPEN,
    "METRICS_ONLY": BreakerState.METRICS_ONLY,
}


def draw(chance: random.Random) -> Rules:
    """Returns random settings on which both breakers have the same rules."""
    probes = chance.choice([1, 1, 2, 3])
    failure = chance.choice([25, 50, 75, 100])
    if failure > 100 / probes:
        failure = 100 // probes if probes == 2 else 25
    return Rules(
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

    def build(self, rules: Rules) -> Any:
        """Returns Resilience4j's breaker with these settings."""
        config = (
            self.config.custom()
            .clock(self.clock)
            .slidingWindowType(self.window)
            .slidingWindowSize(rules.window_s)
            .minimumNumberOfCalls(rules.minimum)
            .failureRateThreshold(float(rules.failure_percent))
            .slowCallRateThreshold(float(rules.slow_percent))
            .slowCallDurationThreshold(self.duration.ofMillis(rules.slow_ms))
            .permittedNumberOfCallsInHalfOpenState(rules.probes)
            .waitIntervalFunctionInOpenState(self.intervals.ofExponentialBackoff(rules.open_ms, 2.0, rules.open_max_ms))
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
        self.rules = draw(self.chance)
        self.java = java
        self.ours = Recorder(self.rules)
        self._tell_time()
        self.theirs = java.build(self.rules)
        self.held: list[tuple[int, int]] = []
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
        self.ours.wait(grids * GRID_MS)
        self._tell_time()

    def _tell_time(self) -> None:
        self.java.reference.set(self.java.instant.ofEpochMilli(self.ours.clock.ms))

    def _acquire(self) -> bool:
        before = self.ours.breaker.state
        theirs = bool(self.theirs.tryAcquirePermission())
        permit = self.ours.acquire()
        self.refused += permit is None
        if theirs != (permit is not None):
            raise Divergence(f"permit: Resilience4j {theirs}\n" + self.story())
        if permit is not None:
            if before is BreakerState.OPEN:
                self._changed()
                if self.rules.probes > 1:
                    self._probe_at_once(permit)
                    return True
            self.held.append((permit, self.ours.clock.ms))
        return permit is not None

    def _probe_at_once(self, first: int) -> None:
        """Acquires all probes, perhaps gives one back and takes it again, and settles them."""
        self.held = [(first, self.ours.clock.ms)]
        while len(self.held) < self.rules.probes:
            self._acquire()
        self._acquire()
        if len(self.held) != self.rules.probes:
            raise Divergence("one probe too many\n" + self.story())
        if self.chance.random() < 0.3:
            self._release(0)
            self._acquire()
        self._compare()
        self._wait(self.chance.choice([1, 20, 30]))
        failing = self.chance.choice([0.0, 0.0, 0.3, 1.0])
        for permit, started in self.held:
            self._end(permit, started, self.chance.random() < failing)
        self.counted = self.ours.breaker.state is not BreakerState.OPEN
        self._changed()

    def _settle(self, place: int, bias: float) -> None:
        if self.chance.random() < 0.1:
            self._release(place)
            return
        before = self.ours.breaker.state
        permit, started = self.held.pop(place)
        self._end(permit, started, self.chance.random() < bias)
        if self.ours.breaker.state is not before:
            self.counted = before is not BreakerState.HALF_OPEN
            self._changed()

    def _end(self, permit: int, started: int, failed: bool) -> None:
        took = self.ours.clock.ms - started
        self.ours.settle(permit, "fail" if failed else "succeed")
        if failed:
            self.theirs.onError(took, self.java.millis, self.java.error)
        else:
            self.theirs.onSuccess(took, self.java.millis)

    def _release(self, place: int) -> None:
        permit, _ = self.held.pop(place)
        self.ours.settle(permit, "release")
        self.theirs.releasePermission()

    def _operate(self) -> None:
        state = self.ours.breaker.state
        choice = self.chance.choice(["force_open", "metrics_only", "reset", "reset"])
        if (choice, state) in (
            ("force_open", BreakerState.FORCED_OPEN),
            ("metrics_only", BreakerState.METRICS_ONLY),
        ):
            return
        self.ours.operate(choice)
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
        if self.ours.breaker.state is not BreakerState.OPEN:
            self.counted = True

    def _compare(self) -> None:
        ours = self.ours.breaker.snapshot()
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
        return "\n".join([repr(self.rules), *self.ours.steps])


def main(words: list[str]) -> int:
    """Replays traces; returns the exit status."""
    parser = argparse.ArgumentParser(prog="oracle.resilience4j", description=__doc__)
    parser.add_argument("--traces", type=int, default=2000)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--record", type=Path, help="where the traces go, each with one by all rules of ours")
    arguments = parser.parse_args(words)
    java = Java()
    divergent = changes = refused = 0
    lines: list[str] = []
    for number in range(arguments.traces):
        trace = Trace(java, arguments.seed + number)
        try:
            trace.run(arguments.steps)
        except Divergence as error:
            divergent += 1
            if divergent == 1:
                print(f"trace {arguments.seed + number}: {error}")
        lines += [trace.ours.line(), of_our_own(arguments.seed + number, arguments.steps).line()]
        changes += trace.changes
        refused += trace.refused
    print(
        f"{arguments.traces} traces of {arguments.steps} steps, {changes} changes of state, {refused} refusals, "
        f"{divergent} divergent"
    )
    if arguments.record is not None and not divergent:
        arguments.record.write_text("".join(lines), encoding="utf-8")
    return 1 if divergent else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
