"""Time limits and cancellation, in asyncio."""

import asyncio
from dataclasses import replace

import pytest

from pillion.resilience import (
    AttemptTimeout,
    BreakerOpen,
    Deadline,
    DeadlineExceeded,
    FakeClock,
    Guard,
    RetryBudget,
)
from tests.support.guard_bench import SETTINGS, Bench, classify, hang
from tests.support.virtual_time import run


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
