"""The time limit of an attempt, on a loop that is on time and on one that is late."""

import asyncio
import socket
import time
from typing import Any

import pytest

from pillion.resilience import Deadline, FakeClock, Guard, GuardSettings
from pillion.time_limit import time_limit
from tests.support.virtual_time import VirtualTimeLoop, run


def test_it_ends_what_takes_too_long_at_the_time(clock: FakeClock) -> None:
    async def late() -> None:
        async with time_limit(0.25):
            await asyncio.sleep(1.0)

    with pytest.raises(TimeoutError):
        run(clock, late())
    assert clock.monotonic() == 1024.25


def test_it_leaves_what_is_quick_alone_and_leaves_nothing_behind(clock: FakeClock) -> None:
    async def quick() -> tuple[str, bool]:
        async with time_limit(0.25) as scope:
            await asyncio.sleep(0.125)
        await asyncio.sleep(1.0)
        return "done", scope.expired()

    assert run(clock, quick()) == ("done", False)


def test_a_cancellation_from_outside_stays_one(clock: FakeClock) -> None:
    async def cancelled() -> None:
        async def body() -> None:
            async with time_limit(0.25):
                await asyncio.sleep(1.0)

        task = asyncio.ensure_future(body())
        await asyncio.sleep(0.125)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        run(clock, cancelled())


def test_no_time_at_all_still_ends(clock: FakeClock) -> None:
    async def none() -> None:
        async with time_limit(-1.0):
            await asyncio.sleep(1.0)

    with pytest.raises(TimeoutError):
        run(clock, none())
    assert clock.monotonic() == 1024.0


@pytest.mark.parametrize(("inner", "armed"), [(0.5, 1), (0.25, 1), (0.125, 2)])
def test_a_limit_within_another_that_ends_no_later_arms_nothing(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch, inner: float, armed: int
) -> None:
    timers: list[float] = []
    call_later = VirtualTimeLoop.call_later

    def counting(loop: VirtualTimeLoop, delay: float, *args: Any, **options: Any) -> asyncio.TimerHandle:
        timers.append(delay)
        return call_later(loop, delay, *args, **options)

    async def nested() -> None:
        monkeypatch.setattr(VirtualTimeLoop, "call_later", counting)
        async with time_limit(0.25), time_limit(inner):
            await asyncio.get_running_loop().create_future()

    with pytest.raises(TimeoutError):
        run(clock, nested())
    assert (len(timers), clock.monotonic()) == (armed, 1024.0 + min(inner, 0.25))


def test_a_limit_counts_in_its_own_task_alone_and_not_after_its_end(clock: FakeClock) -> None:
    async def bounded(seconds: float) -> float:
        with pytest.raises(TimeoutError):
            async with time_limit(seconds):
                await asyncio.sleep(10.0)
        return clock.monotonic()

    async def main() -> list[float]:
        async with time_limit(0.25):
            other = asyncio.ensure_future(bounded(1.0))
        return [await bounded(0.5), await other]

    assert run(clock, main()) == [1024.5, 1025.0]


async def test_a_reply_that_is_there_is_taken_though_the_loop_noticed_it_late() -> None:
    here, there = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=here)
    guard = Guard("store", GuardSettings(timeout_s=0.05))

    def hold_the_loop() -> None:
        there.sendall(b"+PONG\r\n")
        time.sleep(0.2)

    async def call(timeout_s: float) -> bytes:
        asyncio.get_running_loop().call_soon(hold_the_loop)
        return await reader.readuntil(b"\r\n")

    try:
        assert await guard.call(call, Deadline.after(10.0)) == b"+PONG\r\n"
        assert guard.breaker.snapshot().failed == 0
    finally:
        writer.close()
        there.close()
