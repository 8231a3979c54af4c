"""What stands outside of what."""

from dataclasses import replace

import pytest

from pillion.resilience import (
    AttemptTimeout,
    BreakerOpen,
    BulkheadFull,
    FakeClock,
    Guard,
    WindowCounts,
)
from tests.support.guard_bench import SETTINGS, Bench, classify


class TestOrder:
    def test_every_attempt_is_a_sample(self, clock: FakeClock) -> None:
        bench = Bench(clock)
        bench.call(ConnectionRefusedError(), "second")
        with pytest.raises(ConnectionRefusedError):
            bench.call(ConnectionRefusedError(), ConnectionRefusedError())

        assert bench.counts == (1, 3, 0)
        assert WindowCounts(4, 3, 0) == bench.guard.breaker.snapshot().window

    def test_retry_stands_outside_the_breaker(self, clock: FakeClock) -> None:
        # Inside it, one permit would cover both attempts: two calls would reach the dependency.
        settings = replace(SETTINGS, breaker=replace(SETTINGS.breaker, consecutive_failures=1))
        bench = Bench(clock, settings)

        with pytest.raises(BreakerOpen):
            bench.call(ConnectionRefusedError(), "second")

        assert (len(bench.timeouts), bench.counts) == (1, (0, 1, 0))
        assert bench.guard.breaker.snapshot().refused == 1

    def test_an_open_breaker_is_asked_once(self, clock: FakeClock) -> None:
        bench = Bench(clock)
        bench.guard.breaker.force_open()

        with pytest.raises(BreakerOpen):
            bench.call("never")

        assert (bench.timeouts, bench.guard.breaker.snapshot().refused) == ([], 1)

    def test_a_full_bulkhead_is_asked_once_and_is_no_failure(self, clock: FakeClock) -> None:
        bench = Bench(clock)
        bulkhead = bench.guard.bulkhead
        with bulkhead.slot(), bulkhead.slot():
            for _ in range(50):
                with pytest.raises(BulkheadFull):
                    bench.call("never")

        assert (bench.timeouts, bench.counts, bulkhead.refused) == ([], (0, 0, 50), 50)

    def test_the_breaker_stands_outside_the_bulkhead(self, clock: FakeClock) -> None:
        bench = Bench(clock)
        bench.guard.breaker.force_open()
        bulkhead = bench.guard.bulkhead
        with bulkhead.slot(), bulkhead.slot(), pytest.raises(BreakerOpen):
            bench.call("never")

        assert bulkhead.refused == 0

    def test_a_timeout_is_never_tried_again(self, clock: FakeClock) -> None:
        bench = Bench(clock)
        with pytest.raises(AttemptTimeout):
            bench.call(TimeoutError(), "second")

        assert len(bench.timeouts) == 1

    def test_the_second_attempt_gets_what_is_left(self, clock: FakeClock) -> None:
        settings = replace(SETTINGS, retry=replace(SETTINGS.retry, min_wait_s=0.125, max_wait_s=0.125))
        bench = Bench(clock, settings)
        bench.call(ConnectionRefusedError(), "second", seconds=0.3125)

        assert bench.timeouts == [0.25, 0.1875]

    def test_a_guard_within_a_guard_refuses_without_blaming_the_outer_one(self, clock: FakeClock) -> None:
        bench = Bench(clock)
        with pytest.raises(BreakerOpen):
            bench.call(BreakerOpen("inner"))

        assert (bench.counts, len(bench.timeouts)) == ((0, 0, 1), 1)


def test_a_thousand_requests_on_a_dead_dependency_make_few_attempts(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.guard = Guard("store", SETTINGS, classify=classify, clock=clock, sleep=clock.sleep)
    for _ in range(1000):  # 10 seconds of them
        with pytest.raises((ConnectionRefusedError, BreakerOpen)):
            bench.call(ConnectionRefusedError(), ConnectionRefusedError())
        clock.advance(0.01)

    # 5 to trip, then a probe after 0.25, 0.75, 1.75, 3.75 and 7.75 s.
    assert len(bench.timeouts) == 10
