"""The composition: what each kind of ending does to breaker, bulkhead, budget and caller."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from pillion.resilience import (
    AttemptTimeout,
    BreakerOpen,
    BreakerSettings,
    BreakerState,
    BulkheadFull,
    Deadline,
    DeadlineExceeded,
    FakeClock,
    Guard,
    GuardSettings,
    Outcome,
    RetryBudget,
    RetrySettings,
    WindowCounts,
)

from .virtual_time import run

Counts = tuple[int, int, int]


class LibraryTimeout(Exception):
    pass


class CacheMiss(Exception):
    pass


def classify(error: Exception) -> Outcome:
    verdicts = {
        ConnectionRefusedError: Outcome.FAILURE_RETRYABLE,
        LibraryTimeout: Outcome.TIMEOUT,
        CacheMiss: Outcome.NEUTRAL,
    }
    return verdicts.get(type(error), Outcome.FAILURE)


SETTINGS = GuardSettings(
    timeout_s=0.25,
    max_in_flight=2,
    breaker=BreakerSettings(slow_call_s=10.0, open_jitter=0.0),
    retry=RetrySettings(min_wait_s=0.0, max_wait_s=0.0, p99_s=0.125),
)


class Bench:
    """A guard on a fake clock; `call` drives it from a thread or from asyncio."""

    def __init__(self, clock: FakeClock, mode: str = "async", settings: GuardSettings = SETTINGS) -> None:
        self.clock = clock
        self.sync = mode == "sync"
        self.timeouts: list[float] = []
        self.guard = Guard(
            "store",
            settings,
            classify=classify,
            budget=RetryBudget(1.0),
            clock=clock,
            sleep=clock.sleep,
            sleep_async=clock.sleep_async,
        )

    def call(self, *script: object, seconds: float = 1.0, reserve: float = 0.0) -> object:
        lines = list(script)

        def attempt(timeout_s: float) -> object:
            self.timeouts.append(timeout_s)
            line = lines.pop(0)
            if isinstance(line, BaseException):
                raise line
            return line

        async def attempt_async(timeout_s: float) -> object:
            return attempt(timeout_s)

        deadline = Deadline.after(seconds, self.clock, reserve)
        if self.sync:
            return self.guard.call_sync(attempt, deadline)
        return run(self.clock, self.guard.call(attempt_async, deadline))

    def run(self, fn: Callable[[float], Awaitable[object]], seconds: float = 1.0) -> object:
        return run(self.clock, self.guard.call(fn, Deadline.after(seconds, self.clock)))

    @property
    def counts(self) -> Counts:
        """Succeeded, failed, neutral."""
        snapshot = self.guard.breaker.snapshot()
        return snapshot.succeeded, snapshot.failed, snapshot.neutral


both = pytest.mark.parametrize("mode", ["sync", "async"])


async def hang(timeout_s: float) -> object:
    await asyncio.sleep(3600)
    return "too late"


@both
class TestEndings:
    def test_an_answer_is_a_success(self, clock: FakeClock, mode: str) -> None:
        bench = Bench(clock, mode)

        assert bench.call("answer") == "answer"
        assert bench.counts == (1, 0, 0)

    def test_an_answer_of_nothing_is_a_success_too(self, clock: FakeClock, mode: str) -> None:
        bench = Bench(clock, mode)

        assert bench.call(None) is None
        assert bench.counts == (1, 0, 0)

    def test_a_failure_is_counted_and_raised_as_it_is(self, clock: FakeClock, mode: str) -> None:
        bench, error = Bench(clock, mode), ConnectionResetError()
        with pytest.raises(ConnectionResetError) as caught:
            bench.call(error)

        assert caught.value is error
        assert bench.counts == (0, 1, 0)

    @pytest.mark.parametrize(
        "error", [CacheMiss(), asyncio.CancelledError(), KeyboardInterrupt(), SystemExit()]
    )
    def test_neutral_endings_are_raised_and_not_counted(
        self, clock: FakeClock, mode: str, error: BaseException
    ) -> None:
        bench = Bench(clock, mode)
        with pytest.raises(type(error)):
            bench.call(error)

        assert bench.counts == (0, 0, 1)
        assert bench.guard.bulkhead.in_flight == 0

    @pytest.mark.parametrize("error", [TimeoutError(), LibraryTimeout()])
    def test_a_timeout_after_the_full_time_is_a_failure(
        self, clock: FakeClock, mode: str, error: Exception
    ) -> None:
        bench = Bench(clock, mode)
        with pytest.raises(AttemptTimeout, match=r"store: no answer in 250.0 ms") as caught:
            bench.call(error)

        assert caught.value.code == "attempt_timeout"
        assert caught.value.__cause__ is error
        assert bench.counts == (0, 1, 0)

    def test_time_that_is_exactly_enough_is_the_full_time(self, clock: FakeClock, mode: str) -> None:
        bench = Bench(clock, mode)
        with pytest.raises(AttemptTimeout):
            bench.call(TimeoutError(), seconds=0.25)

        assert bench.counts == (0, 1, 0)

    @pytest.mark.parametrize("error", [TimeoutError(), LibraryTimeout()])
    def test_a_timeout_after_less_than_the_full_time_is_neutral(
        self, clock: FakeClock, mode: str, error: Exception
    ) -> None:
        bench = Bench(clock, mode)
        for _ in range(50):
            with pytest.raises(DeadlineExceeded, match=r"in the 125.0 ms") as caught:
                bench.call(error, seconds=0.25, reserve=0.125)
            assert caught.value.code == "deadline_exceeded"

        assert bench.counts == (0, 0, 50)
        assert bench.guard.breaker.state is BreakerState.CLOSED

    def test_a_reset_within_a_short_deadline_is_still_a_failure(self, clock: FakeClock, mode: str) -> None:
        bench = Bench(clock, mode)
        with pytest.raises(ConnectionResetError):
            bench.call(ConnectionResetError(), seconds=0.125)

        assert bench.counts == (0, 1, 0)

    @pytest.mark.parametrize("reserve", [1.0, 2.0])
    def test_no_time_left_is_refused_before_anything_is_asked(
        self, clock: FakeClock, mode: str, reserve: float
    ) -> None:
        bench = Bench(clock, mode)
        with pytest.raises(DeadlineExceeded, match="no time is left"):
            bench.call("never", seconds=1.0, reserve=reserve)

        assert (bench.timeouts, bench.counts) == ([], (0, 0, 0))

    def test_a_classifier_that_raises_loses_no_permit_and_no_slot(self, clock: FakeClock, mode: str) -> None:
        bench = Bench(clock, mode)

        def broken(error: Exception) -> Outcome:
            raise LookupError("classifier")

        bench.guard = Guard("store", SETTINGS, classify=broken, clock=clock)
        with pytest.raises(LookupError):
            bench.call(ConnectionResetError())

        assert (bench.counts, bench.guard.bulkhead.in_flight) == ((0, 0, 1), 0)

    @pytest.mark.parametrize(("seconds", "expected"), [(1.0, 0.25), (0.25, 0.125)])
    def test_the_call_gets_its_seconds(
        self, clock: FakeClock, mode: str, seconds: float, expected: float
    ) -> None:
        bench = Bench(clock, mode)
        bench.call("answer", seconds=seconds, reserve=0.125)

        assert [expected] == bench.timeouts


@both
class TestOrder:
    def test_every_attempt_is_a_sample(self, clock: FakeClock, mode: str) -> None:
        bench = Bench(clock, mode)
        bench.call(ConnectionRefusedError(), "second")
        with pytest.raises(ConnectionRefusedError):
            bench.call(ConnectionRefusedError(), ConnectionRefusedError())

        assert bench.counts == (1, 3, 0)
        assert WindowCounts(4, 3, 0) == bench.guard.breaker.snapshot().window

    def test_retry_stands_outside_the_breaker(self, clock: FakeClock, mode: str) -> None:
        # Inside it, one permit would cover both attempts: two calls would reach the dependency.
        settings = replace(SETTINGS, breaker=replace(SETTINGS.breaker, consecutive_failures=1))
        bench = Bench(clock, mode, settings)

        with pytest.raises(BreakerOpen):
            bench.call(ConnectionRefusedError(), "second")

        assert (len(bench.timeouts), bench.counts) == (1, (0, 1, 0))
        assert bench.guard.breaker.snapshot().refused == 1

    def test_an_open_breaker_is_asked_once(self, clock: FakeClock, mode: str) -> None:
        bench = Bench(clock, mode)
        bench.guard.breaker.force_open()

        with pytest.raises(BreakerOpen):
            bench.call("never")

        assert (bench.timeouts, bench.guard.breaker.snapshot().refused) == ([], 1)

    def test_a_full_bulkhead_is_asked_once_and_is_no_failure(self, clock: FakeClock, mode: str) -> None:
        bench = Bench(clock, mode)
        bulkhead = bench.guard.bulkhead
        with bulkhead.slot(), bulkhead.slot():
            for _ in range(50):
                with pytest.raises(BulkheadFull):
                    bench.call("never")

        assert (bench.timeouts, bench.counts, bulkhead.refused) == ([], (0, 0, 50), 50)

    def test_the_breaker_stands_outside_the_bulkhead(self, clock: FakeClock, mode: str) -> None:
        bench = Bench(clock, mode)
        bench.guard.breaker.force_open()
        bulkhead = bench.guard.bulkhead
        with bulkhead.slot(), bulkhead.slot(), pytest.raises(BreakerOpen):
            bench.call("never")

        assert bulkhead.refused == 0

    def test_a_timeout_is_never_tried_again(self, clock: FakeClock, mode: str) -> None:
        bench = Bench(clock, mode)
        with pytest.raises(AttemptTimeout):
            bench.call(TimeoutError(), "second")

        assert len(bench.timeouts) == 1

    def test_the_second_attempt_gets_what_is_left(self, clock: FakeClock, mode: str) -> None:
        settings = replace(SETTINGS, retry=replace(SETTINGS.retry, min_wait_s=0.125, max_wait_s=0.125))
        bench = Bench(clock, mode, settings)
        bench.call(ConnectionRefusedError(), "second", seconds=0.3125)

        assert bench.timeouts == [0.25, 0.1875]

    def test_a_guard_within_a_guard_refuses_without_blaming_the_outer_one(
        self, clock: FakeClock, mode: str
    ) -> None:
        bench = Bench(clock, mode)
        with pytest.raises(BreakerOpen):
            bench.call(BreakerOpen("inner"))

        assert (bench.counts, len(bench.timeouts)) == ((0, 0, 1), 1)


class TestTime:
    def test_a_call_that_hangs_is_ended_after_its_time(self, clock: FakeClock) -> None:
        bench, began = Bench(clock), clock.monotonic()
        with pytest.raises(AttemptTimeout):
            bench.run(hang)

        assert (clock.monotonic() - began, bench.counts) == (0.25, (0, 1, 0))

    def test_a_call_that_hangs_is_ended_before_the_reserve(self, clock: FakeClock) -> None:
        bench, began = Bench(clock), clock.monotonic()
        deadline = Deadline.after(0.25, clock, reserve=0.0625)
        with pytest.raises(DeadlineExceeded):
            run(clock, bench.guard.call(hang, deadline))

        assert (clock.monotonic() - began, bench.counts) == (0.1875, (0, 0, 1))

    def test_a_black_hole_is_detected_after_five_attempts(self, clock: FakeClock) -> None:
        bench = Bench(clock)
        for _ in range(5):
            with pytest.raises(AttemptTimeout):
                bench.run(hang)

        with pytest.raises(BreakerOpen):
            bench.run(hang)

    def test_a_client_that_wraps_its_cancellation_still_timed_out(self, clock: FakeClock) -> None:
        async def wrapping(timeout_s: float) -> object:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError as error:
                raise ConnectionRefusedError("cancelled") from error
            return "too late"

        bench = Bench(clock)
        with pytest.raises(AttemptTimeout):
            bench.run(wrapping)

        assert bench.counts == (0, 1, 0)


class TestCancellation:
    def test_a_cancelled_request_is_neutral_and_gives_everything_back(self, clock: FakeClock) -> None:
        bench = Bench(clock)

        async def main() -> None:
            task = asyncio.ensure_future(bench.guard.call(hang, Deadline.after(1.0, clock)))
            await asyncio.sleep(0.125)
            assert bench.guard.bulkhead.in_flight == 1
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert task.cancelled()

        run(clock, main())

        assert (bench.counts, bench.guard.bulkhead.in_flight) == ((0, 0, 1), 0)

    def test_a_cancelled_probe_leaves_room_for_another(self, clock: FakeClock) -> None:
        bench = Bench(clock)
        for _ in range(5):
            with pytest.raises(ConnectionResetError):
                bench.call(ConnectionResetError())
        clock.advance(0.25)

        async def main() -> None:
            probe = asyncio.ensure_future(bench.guard.call(hang, Deadline.after(1.0, clock)))
            await asyncio.sleep(0.0625)
            assert bench.guard.breaker.snapshot().permits_left == 2
            probe.cancel()
            await asyncio.gather(probe, return_exceptions=True)

        run(clock, main())

        assert bench.guard.breaker.snapshot().permits_left == 3

    def test_a_request_cancelled_between_attempts_makes_no_second_one(self, clock: FakeClock) -> None:
        settings = replace(SETTINGS, retry=replace(SETTINGS.retry, min_wait_s=0.25, max_wait_s=0.25))
        attempts: list[float] = []
        guard = Guard("store", settings, classify=classify, budget=RetryBudget(1.0), clock=clock)

        async def refuse(timeout_s: float) -> object:
            attempts.append(timeout_s)
            raise ConnectionRefusedError

        async def main() -> None:
            task = asyncio.ensure_future(guard.call(refuse, Deadline.after(1.0, clock)))
            await asyncio.sleep(0.125)
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled()

        run(clock, main())

        assert len(attempts) == 1

    @pytest.mark.parametrize("moment", [0.0, 0.125, 0.25, 0.375])
    def test_cancelling_at_any_moment_leaves_nothing_behind(self, clock: FakeClock, moment: float) -> None:
        bench = Bench(clock)

        async def main() -> None:
            task = asyncio.ensure_future(bench.guard.call(hang, Deadline.after(1.0, clock)))
            await asyncio.sleep(moment)
            task.cancel()
            await asyncio.wait([task])

        run(clock, main())

        snapshot = bench.guard.breaker.snapshot()
        assert (bench.guard.bulkhead.in_flight, snapshot.succeeded) == (0, 0)
        assert snapshot.failed + snapshot.neutral <= 1


def test_a_thousand_requests_on_a_dead_dependency_make_few_attempts(clock: FakeClock) -> None:
    bench = Bench(clock)
    bench.guard = Guard(
        "store", SETTINGS, classify=classify, clock=clock, sleep=clock.sleep, sleep_async=clock.sleep_async
    )
    bench.sync = True
    for _ in range(1000):  # 10 seconds of them
        with pytest.raises((ConnectionRefusedError, BreakerOpen)):
            bench.call(ConnectionRefusedError(), ConnectionRefusedError())
        clock.advance(0.01)

    # 5 to trip, then a probe after 0.25, 0.75, 1.75, 3.75 and 7.75 s.
    assert len(bench.timeouts) == 10


def test_an_attempt_needs_time() -> None:
    with pytest.raises(ValueError, match="timeout_s"):
        Guard("store", GuardSettings(timeout_s=0.0))
