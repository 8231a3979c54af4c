"""What each kind of ending does to breaker, bulkhead and caller."""

import asyncio

import pytest

from pillion.resilience import (
    AttemptTimeout,
    BreakerState,
    DeadlineExceeded,
    FakeClock,
    Guard,
    GuardSettings,
    Outcome,
)
from tests.support.guard_bench import SETTINGS, Bench, CacheMiss, LibraryTimeout


class TestEndings:
    def test_an_answer_is_a_success(self, clock: FakeClock) -> None:
        bench = Bench(clock)

        assert bench.call("answer") == "answer"
        assert bench.counts == (1, 0, 0)

    def test_an_answer_of_nothing_is_a_success_too(self, clock: FakeClock) -> None:
        bench = Bench(clock)

        assert bench.call(None) is None
        assert bench.counts == (1, 0, 0)

    def test_a_failure_is_counted_and_raised_as_it_is(self, clock: FakeClock) -> None:
        bench, error = Bench(clock), ConnectionResetError()
        with pytest.raises(ConnectionResetError) as caught:
            bench.call(error)

        assert caught.value is error
        assert bench.counts == (0, 1, 0)

    @pytest.mark.parametrize("error", [CacheMiss(), asyncio.CancelledError(), KeyboardInterrupt(), SystemExit()])
    def test_neutral_endings_are_raised_and_not_counted(self, clock: FakeClock, error: BaseException) -> None:
        bench = Bench(clock)
        with pytest.raises(type(error)):
            bench.call(error)

        assert bench.counts == (0, 0, 1)
        assert bench.guard.bulkhead.in_flight == 0

    @pytest.mark.parametrize("error", [TimeoutError(), LibraryTimeout()])
    def test_a_timeout_after_the_full_time_is_a_failure(self, clock: FakeClock, error: Exception) -> None:
        bench = Bench(clock)
        with pytest.raises(AttemptTimeout, match=r"store: no answer in 250.0 ms") as caught:
            bench.call(error)

        assert caught.value.code == "attempt_timeout"
        assert caught.value.__cause__ is error
        assert bench.counts == (0, 1, 0)

    def test_time_that_is_exactly_enough_is_the_full_time(self, clock: FakeClock) -> None:
        bench = Bench(clock)
        with pytest.raises(AttemptTimeout):
            bench.call(TimeoutError(), seconds=0.25)

        assert bench.counts == (0, 1, 0)

    @pytest.mark.parametrize("error", [TimeoutError(), LibraryTimeout()])
    def test_a_timeout_after_less_than_the_full_time_is_neutral(self, clock: FakeClock, error: Exception) -> None:
        bench = Bench(clock)
        for _ in range(50):
            with pytest.raises(DeadlineExceeded, match=r"in the 125.0 ms") as caught:
                bench.call(error, seconds=0.25, reserve=0.125)
            assert caught.value.code == "deadline_exceeded"

        assert bench.counts == (0, 0, 50)
        assert bench.guard.breaker.state is BreakerState.CLOSED

    def test_a_reset_within_a_short_deadline_is_still_a_failure(self, clock: FakeClock) -> None:
        bench = Bench(clock)
        with pytest.raises(ConnectionResetError):
            bench.call(ConnectionResetError(), seconds=0.125)

        assert bench.counts == (0, 1, 0)

    @pytest.mark.parametrize("reserve", [1.0, 2.0])
    def test_no_time_left_is_refused_before_anything_is_asked(self, clock: FakeClock, reserve: float) -> None:
        bench = Bench(clock)
        with pytest.raises(DeadlineExceeded, match="no time is left"):
            bench.call("never", seconds=1.0, reserve=reserve)

        assert (bench.timeouts, bench.counts) == ([], (0, 0, 0))

    def test_a_classifier_that_raises_loses_no_permit_and_no_slot(self, clock: FakeClock) -> None:
        bench = Bench(clock)

        def broken(error: Exception) -> Outcome:
            raise LookupError("classifier")

        bench.guard = Guard("store", SETTINGS, classify=broken, clock=clock)
        with pytest.raises(LookupError):
            bench.call(ConnectionResetError())

        assert (bench.counts, bench.guard.bulkhead.in_flight) == ((0, 0, 1), 0)

    @pytest.mark.parametrize(("seconds", "expected"), [(1.0, 0.25), (0.25, 0.125)])
    def test_the_call_gets_its_seconds(self, clock: FakeClock, seconds: float, expected: float) -> None:
        bench = Bench(clock)
        bench.call("answer", seconds=seconds, reserve=0.125)

        assert [expected] == bench.timeouts


def test_an_attempt_needs_time() -> None:
    with pytest.raises(ValueError, match="timeout_s"):
        Guard("store", GuardSettings(timeout_s=0.0))
