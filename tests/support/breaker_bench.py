"""Breakers in the states that tests start from."""

from pillion.resilience import (
    Breaker,
    BreakerSettings,
    BreakerState,
    FakeClock,
    Permit,
    StateChange,
)

CLOSED, OPEN, HALF_OPEN = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN
FORCED_OPEN, METRICS_ONLY = BreakerState.FORCED_OPEN, BreakerState.METRICS_ONLY


def steady(clock: FakeClock, **changes: object) -> tuple[Breaker, list[StateChange]]:
    """A breaker without jitter, and its changes of state."""
    changes = {"slow_call_s": 0.25, **changes}
    seen: list[StateChange] = []
    settings = BreakerSettings(**changes)  # type: ignore[arg-type]
    return Breaker("store", settings, clock=clock, random=lambda: 0.0, listeners=[seen.append]), seen


def succeed(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        breaker.acquire().succeed()


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        breaker.acquire().fail()


def tripped(clock: FakeClock, **changes: object) -> tuple[Breaker, list[StateChange]]:
    breaker, seen = steady(clock, **changes)
    fail(breaker, 5)
    assert OPEN is breaker.state
    return breaker, seen


def half_opened(clock: FakeClock, **changes: object) -> tuple[Breaker, list[StateChange], Permit]:
    breaker, seen = tripped(clock, **changes)
    clock.advance(0.25)
    permit = breaker.acquire()
    assert HALF_OPEN is breaker.state
    return breaker, seen, permit
