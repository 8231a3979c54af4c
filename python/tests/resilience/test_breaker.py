from collections.abc import Callable

import pytest

from pillion.resilience import (
    Breaker,
    BreakerOpen,
    BreakerSettings,
    BreakerState,
    Cause,
    FakeClock,
    Permit,
    StateChange,
    WindowCounts,
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


def test_the_defaults_are_those_of_the_guide() -> None:
    expected = (5, 0.5, 0.5, 10, 1.0, 20, 0.25, 5.0, 3, 1.0)
    s = BreakerSettings()

    assert expected == (
        s.consecutive_failures,
        s.failure_rate,
        s.slow_rate,
        s.window_buckets,
        s.window_bucket_s,
        s.minimum_calls,
        s.open_s,
        s.open_max_s,
        s.probes,
        s.probing_s,
    )


class TestClosed:
    def test_five_failures_in_a_row_trip_it(self, clock: FakeClock) -> None:
        breaker, seen = steady(clock)
        fail(breaker, 4)
        assert CLOSED is breaker.state

        fail(breaker)

        assert OPEN is breaker.state
        assert [change.cause for change in seen] == [Cause.CONSECUTIVE_FAILURES]

    def test_a_row_of_failures_has_no_time_limit(self, clock: FakeClock) -> None:
        breaker, _ = steady(clock)
        for _ in range(5):
            fail(breaker)
            clock.advance(3600.0)

        assert OPEN is breaker.state

    def test_a_success_ends_the_row(self, clock: FakeClock) -> None:
        breaker, _ = steady(clock)
        fail(breaker, 4)
        succeed(breaker)
        fail(breaker, 4)

        assert CLOSED is breaker.state

    def test_a_neutral_outcome_does_not_end_the_row(self, clock: FakeClock) -> None:
        breaker, _ = steady(clock)
        fail(breaker, 4)
        breaker.acquire().release()
        fail(breaker)

        assert OPEN is breaker.state

    def test_a_neutral_outcome_is_no_sample(self, clock: FakeClock) -> None:
        breaker, _ = steady(clock)
        permit = breaker.acquire()
        clock.advance(99.0)
        permit.release()

        snapshot = breaker.snapshot()
        assert (WindowCounts(0, 0, 0), 1) == (snapshot.window, snapshot.neutral)

    def test_half_of_twenty_calls_failed_trips_it(self, clock: FakeClock) -> None:
        breaker, seen = steady(clock, consecutive_failures=None)
        fail(breaker, 10)
        succeed(breaker, 9)
        assert CLOSED is breaker.state

        succeed(breaker)

        assert OPEN is breaker.state
        assert [change.cause for change in seen] == [Cause.FAILURE_RATE]

    def test_less_than_half_failed_does_not(self, clock: FakeClock) -> None:
        breaker, _ = steady(clock, consecutive_failures=None)
        succeed(breaker, 11)
        fail(breaker, 9)
        succeed(breaker)
        assert CLOSED is breaker.state

        fail(breaker, 2)
        assert CLOSED is breaker.state  # 11 of 23

        fail(breaker)
        assert OPEN is breaker.state  # 12 of 24

    def test_calls_older_than_the_window_do_not_count(self, clock: FakeClock) -> None:
        breaker, _ = steady(clock, consecutive_failures=None)
        fail(breaker, 10)
        clock.advance(10.0)
        succeed(breaker, 10)
        assert WindowCounts(10, 0, 0) == breaker.snapshot().window

        clock.advance(9.0)
        fail(breaker, 9)
        assert CLOSED is breaker.state
        assert WindowCounts(19, 9, 0) == breaker.snapshot().window

        fail(breaker)
        assert OPEN is breaker.state

    def test_half_of_twenty_calls_slow_trips_it(self, clock: FakeClock) -> None:
        breaker, seen = steady(clock)
        succeed(breaker, 10)
        for _ in range(10):
            permit = breaker.acquire()
            clock.advance(0.3)
            permit.succeed()

        assert OPEN is breaker.state
        assert [change.cause for change in seen] == [Cause.SLOW_RATE]

    def test_exactly_the_threshold_is_not_slow(self, clock: FakeClock) -> None:
        breaker, _ = steady(clock)
        permit = breaker.acquire()
        clock.advance(0.25)
        permit.succeed()

        assert WindowCounts(1, 0, 0) == breaker.snapshot().window

    def test_a_failure_may_be_slow_too(self, clock: FakeClock) -> None:
        breaker, _ = steady(clock)
        permit = breaker.acquire()
        clock.advance(0.5)
        permit.fail()

        assert WindowCounts(1, 1, 1) == breaker.snapshot().window

    def test_a_rule_that_is_off_does_not_trip(self, clock: FakeClock) -> None:
        breaker, _ = steady(clock, consecutive_failures=None, failure_rate=None, slow_rate=None)
        for _ in range(100):
            permit = breaker.acquire()
            clock.advance(0.3)
            permit.fail()

        assert CLOSED is breaker.state


class TestOpen:
    def test_it_refuses_and_says_for_how_long(self, clock: FakeClock) -> None:
        breaker, _ = tripped(clock)
        clock.advance(0.0625)

        with pytest.raises(BreakerOpen, match="store: the breaker is open") as caught:
            breaker.acquire()

        assert (
            caught.value.code,
            caught.value.retryable,
            caught.value.retry_after_s,
        ) == ("breaker_open", False, 0.1875)
        assert breaker.snapshot().refused == 1

    def test_it_stays_open_until_a_call_comes_after_the_interval(self, clock: FakeClock) -> None:
        breaker, _ = tripped(clock)
        clock.advance(0.25)
        assert OPEN is breaker.state

        breaker.acquire()

        assert HALF_OPEN is breaker.state

    def test_the_interval_doubles_with_each_failed_probing_up_to_its_longest(self, clock: FakeClock) -> None:
        breaker, seen = tripped(clock)
        for _ in range(8):
            clock.advance(seen[-1].open_s or 0.0)
            fail(breaker)

        intervals = [change.open_s for change in seen if change.after is OPEN]
        assert intervals == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0, 5.0]

    def test_no_number_of_failed_probings_breaks_the_doubling(self, clock: FakeClock) -> None:
        breaker, seen = tripped(clock)
        for _ in range(3000):
            clock.advance(5.0)
            fail(breaker)

        assert seen[-1].open_s == 5.0

    def test_recovery_makes_the_next_interval_short_again(self, clock: FakeClock) -> None:
        breaker, seen = tripped(clock)
        clock.advance(0.25)
        fail(breaker)
        clock.advance(0.5)
        succeed(breaker, 3)
        assert CLOSED is breaker.state

        fail(breaker, 5)

        assert seen[-1].open_s == 0.25

    @pytest.mark.parametrize(("chance", "interval"), [(0.0, 0.25), (0.5, 0.1875), (0.999, 0.125125)])
    def test_chance_only_shortens_the_interval(self, chance: float, interval: float) -> None:
        clock = FakeClock()
        breaker = Breaker("store", BreakerSettings(open_jitter=0.5), clock=clock, random=lambda: chance)
        fail(breaker, 5)

        assert pytest.approx(interval, rel=1e-12) == breaker.snapshot().retry_after_s

    def test_the_counts_before_the_trip_stay_visible(self, clock: FakeClock) -> None:
        breaker, _ = tripped(clock)

        snapshot = breaker.snapshot()

        assert (WindowCounts(5, 5, 0), 5) == (snapshot.window, snapshot.consecutive_failures)


class TestHalfOpen:
    def test_three_probes_pass_and_the_rest_are_refused(self, clock: FakeClock) -> None:
        breaker, _, _ = half_opened(clock)
        breaker.acquire()
        breaker.acquire()
        clock.advance(0.25)

        with pytest.raises(BreakerOpen, match="half_open") as caught:
            breaker.acquire()

        assert caught.value.retry_after_s == 0.75
        assert breaker.snapshot().permits_left == 0

    def test_a_settled_probe_does_not_make_room_for_another(self, clock: FakeClock) -> None:
        breaker, _, first = half_opened(clock)
        breaker.acquire()
        breaker.acquire()
        first.succeed()

        with pytest.raises(BreakerOpen):
            breaker.acquire()

    def test_three_successes_close_it(self, clock: FakeClock) -> None:
        breaker, seen, first = half_opened(clock)
        first.succeed()
        succeed(breaker)
        assert HALF_OPEN is breaker.state

        succeed(breaker)

        assert CLOSED is breaker.state
        assert Cause.PROBES_SUCCEEDED is seen[-1].cause
        assert WindowCounts(0, 0, 0) == breaker.snapshot().window

    def test_one_failure_opens_it(self, clock: FakeClock) -> None:
        breaker, seen, first = half_opened(clock)
        succeed(breaker, 2)
        first.fail()

        assert OPEN is breaker.state
        assert (seen[-1].cause, seen[-1].open_s) == (Cause.PROBE_FAILED, 0.5)

    def test_a_neutral_probe_is_given_again(self, clock: FakeClock) -> None:
        breaker, _, first = half_opened(clock)
        breaker.acquire()
        breaker.acquire()
        first.release()
        assert breaker.snapshot().permits_left == 1

        breaker.acquire()

        with pytest.raises(BreakerOpen):
            breaker.acquire()

    def test_two_slow_probes_of_three_open_it(self, clock: FakeClock) -> None:
        breaker, seen, first = half_opened(clock)
        second, third = breaker.acquire(), breaker.acquire()
        third.succeed()
        clock.advance(0.5)
        first.succeed()
        second.succeed()

        assert OPEN is breaker.state
        assert Cause.PROBES_SLOW is seen[-1].cause

    def test_one_slow_probe_of_three_does_not_keep_it_from_closing(self, clock: FakeClock) -> None:
        breaker, _, first = half_opened(clock)
        succeed(breaker, 2)
        clock.advance(0.5)
        first.succeed()

        assert CLOSED is breaker.state

    def test_after_a_second_it_opens_again(self, clock: FakeClock) -> None:
        breaker, seen, _ = half_opened(clock)
        clock.advance(0.999)
        assert HALF_OPEN is breaker.state

        clock.advance(0.001)

        assert OPEN is breaker.state
        assert (seen[-1].cause, seen[-1].open_s) == (Cause.PROBING_TIME_UP, 0.5)

    def test_the_end_of_probing_is_dated_when_it_was(self, clock: FakeClock) -> None:
        breaker, seen, _ = half_opened(clock)
        began = seen[-1].at_s
        clock.advance(100.0)

        breaker.acquire()

        assert [
            (HALF_OPEN, OPEN, began + 1.0),
            (OPEN, HALF_OPEN, began + 100.0),
        ] == [(change.before, change.after, change.at_s) for change in seen[-2:]]

    def test_a_probe_that_outlives_the_probing_time_is_ignored(self, clock: FakeClock) -> None:
        breaker, _, first = half_opened(clock)
        succeed(breaker, 2)
        clock.advance(1.0)
        first.succeed()

        assert OPEN is breaker.state
        assert breaker.snapshot().ignored == 1

    def test_a_forgotten_permit_does_not_block_it_for_ever(self, clock: FakeClock) -> None:
        breaker, _, _ = half_opened(clock)
        breaker.acquire()
        breaker.acquire()
        clock.advance(1.5)

        succeed(breaker, 3)

        assert CLOSED is breaker.state


class TestGenerations:
    @pytest.mark.parametrize("settle", [Permit.succeed, Permit.fail, Permit.release])
    def test_a_permit_of_the_closed_state_says_nothing_about_a_half_open_one(
        self, clock: FakeClock, settle: Callable[[Permit], None]
    ) -> None:
        breaker, _ = steady(clock)
        old = breaker.acquire()
        fail(breaker, 5)
        clock.advance(0.25)
        breaker.acquire()
        before = breaker.snapshot()

        settle(old)

        after = breaker.snapshot()
        assert (before.state, before.window, before.permits_left) == (
            after.state,
            after.window,
            after.permits_left,
        )
        assert after.ignored == 1

    def test_failures_of_before_the_recovery_do_not_count_after_it(self, clock: FakeClock) -> None:
        breaker, _ = steady(clock)
        old = [breaker.acquire() for _ in range(50)]
        fail(breaker, 5)
        clock.advance(0.25)
        succeed(breaker, 3)
        for permit in old:
            permit.fail()

        snapshot = breaker.snapshot()
        assert (CLOSED, WindowCounts(0, 0, 0), 50) == (snapshot.state, snapshot.window, snapshot.ignored)

    def test_a_probe_of_an_earlier_probing_does_not_end_a_later_one(self, clock: FakeClock) -> None:
        breaker, _, first = half_opened(clock)
        stale = breaker.acquire()
        first.fail()
        clock.advance(0.5)
        breaker.acquire()

        stale.fail()

        assert HALF_OPEN is breaker.state

    @pytest.mark.parametrize("first", [Permit.succeed, Permit.fail, Permit.release])
    @pytest.mark.parametrize("second", [Permit.succeed, Permit.fail, Permit.release])
    def test_only_the_first_outcome_of_a_permit_counts(
        self, clock: FakeClock, first: Callable[[Permit], None], second: Callable[[Permit], None]
    ) -> None:
        breaker, _ = steady(clock)
        permit = breaker.acquire()
        first(permit)
        before = breaker.snapshot()

        second(permit)

        assert before == breaker.snapshot()

    def test_releasing_a_probe_twice_gives_it_back_once(self, clock: FakeClock) -> None:
        breaker, _, first = half_opened(clock)
        first.release()
        first.release()

        assert breaker.snapshot().permits_left == 3


class TestOperator:
    def test_forced_open_refuses_without_end(self, clock: FakeClock) -> None:
        breaker, seen = steady(clock)
        breaker.force_open()
        clock.advance(1e6)

        with pytest.raises(BreakerOpen, match="forced_open") as caught:
            breaker.acquire()

        assert caught.value.retry_after_s is None
        assert [(c.before, c.after, c.cause) for c in seen] == [(CLOSED, FORCED_OPEN, Cause.OPERATOR)]

    def test_metrics_only_counts_and_never_trips(self, clock: FakeClock) -> None:
        breaker, _ = steady(clock)
        breaker.metrics_only()
        fail(breaker, 100)

        snapshot = breaker.snapshot()
        assert (METRICS_ONLY, WindowCounts(100, 100, 0)) == (snapshot.state, snapshot.window)

    def test_metrics_only_lets_calls_through_an_open_breaker(self, clock: FakeClock) -> None:
        breaker, _ = tripped(clock)
        breaker.metrics_only()

        succeed(breaker)

        assert WindowCounts(1, 0, 0) == breaker.snapshot().window

    @pytest.mark.parametrize("operate", [Breaker.force_open, Breaker.metrics_only, lambda _: None])
    def test_reset_starts_anew(self, clock: FakeClock, operate: Callable[[Breaker], None]) -> None:
        breaker, seen = tripped(clock)
        clock.advance(0.25)
        fail(breaker)
        operate(breaker)
        breaker.reset()
        fail(breaker, 4)
        assert CLOSED is breaker.state

        fail(breaker)

        assert (seen[-1].after, seen[-1].open_s) == (OPEN, 0.25)

    def test_reset_of_a_closed_breaker_forgets_and_tells_nobody(self, clock: FakeClock) -> None:
        breaker, seen = steady(clock)
        fail(breaker, 4)
        old = breaker.acquire()
        breaker.reset()
        old.fail()

        assert (breaker.snapshot().consecutive_failures, seen) == (0, [])

    @pytest.mark.parametrize("operate", [Breaker.force_open, Breaker.metrics_only])
    def test_asking_twice_changes_once(self, clock: FakeClock, operate: Callable[[Breaker], None]) -> None:
        breaker, seen = steady(clock)
        operate(breaker)
        generation = breaker.snapshot().generation
        operate(breaker)

        assert (1, generation) == (len(seen), breaker.snapshot().generation)

    def test_outcomes_of_before_are_ignored(self, clock: FakeClock) -> None:
        breaker, _ = steady(clock)
        old = [breaker.acquire() for _ in range(10)]
        breaker.metrics_only()
        for permit in old:
            permit.fail()

        assert WindowCounts(0, 0, 0) == breaker.snapshot().window


@pytest.mark.parametrize(
    "change",
    [
        {"consecutive_failures": 0},
        {"minimum_calls": 0},
        {"probes": 0},
        {"window_buckets": 0},
        {"failure_rate": 0.0},
        {"slow_rate": 1.1},
        {"slow_call_s": 0.0},
        {"open_s": -1.0},
        {"probing_s": 0.0},
        {"window_bucket_s": 0.0},
        {"open_max_s": 0.1},
        {"open_jitter": 1.0},
    ],
)
def test_settings_out_of_range_are_refused_by_name(change: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(change))):
        BreakerSettings(**change)  # type: ignore[arg-type]


def test_the_totals_survive_changes_of_state(clock: FakeClock) -> None:
    breaker, _, first = half_opened(clock)
    first.succeed()
    breaker.acquire().release()
    breaker.force_open()
    with pytest.raises(BreakerOpen):
        breaker.acquire()

    s = breaker.snapshot()
    assert (s.succeeded, s.failed, s.neutral, s.ignored, s.refused) == (1, 5, 1, 0, 1)
