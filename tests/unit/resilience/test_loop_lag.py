"""How late an event loop is."""

import asyncio
import contextlib

from pillion.resilience import FakeClock, LoopLag
from tests.support.virtual_time import run


def lag_after(clock: FakeClock, *held_up_s: float) -> float:
    """Returns what the probe says after a loop was held up in each of its turns."""

    async def main() -> float:
        lag = LoopLag(clock)
        assert lag.seconds() == 0.0
        watch = asyncio.create_task(lag.watch())
        await asyncio.sleep(0)
        for seconds in held_up_s:
            clock.advance(seconds)  # somebody else had the loop
            await asyncio.sleep(0.005)
        found = lag.seconds()
        watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watch
        return found

    return run(clock, main())


def test_a_loop_that_keeps_up_is_not_late(clock: FakeClock) -> None:
    assert lag_after(clock, *[0.0] * 8) < 0.005


def test_a_loop_that_was_held_up_once_is_not_late(clock: FakeClock) -> None:
    assert lag_after(clock, 0.0, 0.0, 0.5, 0.0, 0.0) < 0.005


def test_the_latest_delay_is_known_while_it_lasts(clock: FakeClock) -> None:
    async def main() -> tuple[float, float]:
        lag = LoopLag(clock)
        before = lag.latest()
        watch = asyncio.create_task(lag.watch())
        await asyncio.sleep(0)
        clock.advance(0.505)
        during = lag.latest()
        watch.cancel()
        return before, during

    assert run(clock, main()) == (0.0, 0.5)


def test_a_loop_that_is_held_up_every_time_is_late(clock: FakeClock) -> None:
    assert lag_after(clock, *[0.125] * 8) >= 0.110
