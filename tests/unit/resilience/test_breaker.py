import pytest

from pillion.resilience import Breaker, BreakerOpen, BreakerSettings, Cause, FakeClock, WindowCounts
from tests.support.breaker_bench import CLOSED, HALF_OPEN, OPEN, fail, steady, succeed, tripped


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
    def test_five_consecutive_failures_trip_it(self, clock: FakeClock) -> None:
        breaker, seen = steady(clock)
        fail(breaker, 4)
        assert CLOSED is breaker.state

        fail(breaker)

        assert OPEN is breaker.state
        assert [change.cause for change in seen] == [Cause.CONSECUTIVE_FAILURES]

    def test_consecutive_failures_have_no_time_limit(self, clock: FakeClock) -> None:
        breaker, _ = steady(clock)
        for _ in range(5):
            fail(breaker)
            clock.advance(3600.0)

        assert OPEN is breaker.state

    def test_a_success_ends_the_count(self, clock: FakeClock) -> None:
        breaker, _ = steady(clock)
        fail(breaker, 4)
        succeed(breaker)
        fail(breaker, 4)

        assert CLOSED is breaker.state

    def test_a_neutral_outcome_does_not_end_the_count(self, clock: FakeClock) -> None:
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
