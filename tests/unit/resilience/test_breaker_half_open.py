from collections.abc import Callable

import pytest

from pillion.resilience import BreakerOpen, Cause, FakeClock, Permit, WindowCounts
from tests.support.breaker_bench import (
    CLOSED,
    HALF_OPEN,
    OPEN,
    fail,
    half_opened,
    steady,
    succeed,
)


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

    def test_it_waits_for_callers_that_come_seldom(self, clock: FakeClock) -> None:
        breaker, seen, first = half_opened(clock)
        first.succeed()
        for _ in range(2):
            clock.advance(30.0)
            assert HALF_OPEN is breaker.state
            succeed(breaker)

        assert CLOSED is breaker.state
        assert Cause.PROBES_SUCCEEDED is seen[-1].cause

    def test_each_probe_has_the_whole_time(self, clock: FakeClock) -> None:
        breaker, seen, first = half_opened(clock)
        clock.advance(0.75)
        second = breaker.acquire()
        first.succeed()
        clock.advance(0.75)
        assert HALF_OPEN is breaker.state
        began = clock.monotonic() - 0.75

        clock.advance(0.5)
        second.succeed()

        assert OPEN is breaker.state
        assert (seen[-1].cause, seen[-1].at_s) == (Cause.PROBING_TIME_UP, began + 1.0)

    def test_a_neutral_probe_leaves_no_time_running(self, clock: FakeClock) -> None:
        breaker, _, first = half_opened(clock)
        first.release()
        clock.advance(30.0)

        assert HALF_OPEN is breaker.state

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
