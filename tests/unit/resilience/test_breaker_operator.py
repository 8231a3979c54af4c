from collections.abc import Callable

import pytest

from pillion.resilience import Breaker, BreakerOpen, Cause, FakeClock, WindowCounts
from tests.support.breaker_bench import (
    CLOSED,
    FORCED_OPEN,
    HALF_OPEN,
    METRICS_ONLY,
    OPEN,
    fail,
    half_opened,
    steady,
    succeed,
    tripped,
)


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


def test_the_totals_survive_changes_of_state(clock: FakeClock) -> None:
    breaker, _, first = half_opened(clock)
    first.succeed()
    breaker.acquire().release()
    breaker.force_open()
    with pytest.raises(BreakerOpen):
        breaker.acquire()

    s = breaker.snapshot()
    assert (s.succeeded, s.failed, s.neutral, s.ignored, s.refused) == (1, 5, 1, 0, 1)


class TestExpectRecovery:
    def test_it_ends_the_open_interval_and_starts_the_doubling_anew(self, clock: FakeClock) -> None:
        breaker, seen = tripped(clock)
        for _ in range(3):
            clock.advance(9.0)
            fail(breaker)
        assert breaker.snapshot().retry_after_s == 2.0
        before = len(seen)

        breaker.expect_recovery()

        assert (OPEN, 0.0, before) == (breaker.state, breaker.snapshot().retry_after_s, len(seen))
        fail(breaker)  # the probe
        assert [change.open_s for change in seen[before:] if change.open_s is not None] == [0.25]

    def test_an_interval_that_is_over_stays_so(self, clock: FakeClock) -> None:
        breaker, _ = tripped(clock)
        clock.advance(1.0)
        breaker.expect_recovery()

        assert breaker.acquire() is not None

    @pytest.mark.parametrize("change", [Breaker.force_open, Breaker.metrics_only, Breaker.reset])
    def test_it_does_nothing_in_any_other_state(self, clock: FakeClock, change: Callable[[Breaker], None]) -> None:
        breaker, _ = tripped(clock)
        change(breaker)
        before = breaker.snapshot()

        breaker.expect_recovery()

        assert before == breaker.snapshot()

    def test_it_leaves_the_probes_of_a_half_open_breaker_alone(self, clock: FakeClock) -> None:
        breaker, _ = tripped(clock)
        clock.advance(1.0)
        breaker.acquire()
        before = breaker.snapshot()

        breaker.expect_recovery()

        assert before == breaker.snapshot()

    def test_probing_that_is_over_is_noticed_first(self, clock: FakeClock) -> None:
        breaker, seen = tripped(clock)
        clock.advance(1.0)
        breaker.acquire()
        clock.advance(1.0)

        breaker.expect_recovery()

        assert [change.after for change in seen] == [OPEN, HALF_OPEN, OPEN]
        assert breaker.snapshot().retry_after_s == 0.0
