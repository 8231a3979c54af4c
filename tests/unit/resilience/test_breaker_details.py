"""What a breaker says of itself, and its rules just at their edges."""

from pillion.resilience import (
    Breaker,
    BreakerSettings,
    BreakerState,
    Cause,
    FakeClock,
    RetrySettings,
    StateChange,
)

SETTINGS = BreakerSettings(
    consecutive_failures=1, slow_rate=0.5, slow_call_s=0.25, open_s=1.0, open_jitter=0.0, probes=2, probing_s=4.0
)


def opened(clock: FakeClock, changes: list[StateChange]) -> Breaker:
    breaker = Breaker("store", SETTINGS, clock=clock, listeners=[changes.append])
    breaker.acquire().fail()
    clock.advance(1.0)
    return breaker


def test_each_change_has_its_cause_and_its_moment(clock: FakeClock) -> None:
    changes: list[StateChange] = []
    breaker = opened(clock, changes)
    first, second = breaker.acquire(), breaker.acquire()
    clock.advance(0.125)
    first.succeed()
    second.succeed()
    clock.advance(1.0)
    breaker.force_open()

    assert [(change.cause, change.at_s) for change in changes] == [
        (Cause.CONSECUTIVE_FAILURES, 1024.0),
        (Cause.INTERVAL_PASSED, 1025.0),
        (Cause.PROBES_SUCCEEDED, 1025.125),
        (Cause.OPERATOR, 1026.125),
    ]
    assert [change.generation for change in changes] == [1, 2, 3, 4]


def test_half_of_the_probes_slow_is_too_many(clock: FakeClock) -> None:
    changes: list[StateChange] = []
    breaker = opened(clock, changes)
    slow, quick = breaker.acquire(), breaker.acquire()
    quick.succeed()
    clock.advance(0.5)
    slow.succeed()

    assert (breaker.state, changes[-1].cause) == (BreakerState.OPEN, Cause.PROBES_SLOW)


def test_a_half_open_breaker_with_permits_left_can_be_tried_now(clock: FakeClock) -> None:
    breaker = opened(clock, [])
    breaker.acquire()
    with_one_left = breaker.snapshot()
    breaker.acquire()
    with_none_left = breaker.snapshot()

    assert (with_one_left.retry_after_s, with_none_left.retry_after_s) == (0.0, 4.0)
    assert (with_none_left.name, with_none_left.generation) == ("store", 2)


def test_no_wait_and_no_p99_are_settings_too() -> None:
    settings = RetrySettings(min_wait_s=0.0, max_wait_s=0.0, p99_s=0.0)

    assert (settings.min_wait_s, settings.p99_s) == (0.0, 0.0)
