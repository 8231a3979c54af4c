"""A time limit that does not blame a reply which is there for an event loop that is late."""

import asyncio
from types import TracebackType
from typing import Any

_TURNS = 2
"""Turns of the loop between the end of the time and the cancellation."""

_ends: dict[asyncio.Task[Any], float] = {}
"""When the innermost limit that is armed in a task ends, in seconds of its loop's clock."""


def time_limit(seconds: float) -> "TimeLimit":
    """Cancel the body after `seconds`, as `asyncio.timeout` does, but a few turns of the loop later.

    A loop that was busy for long finds in one turn both a reply in the socket's buffer and a timer that is over,
    and `asyncio.timeout` would cancel the task before it sees the reply: a healthy dependency would fail because this
    process had no time. The extra turns let what has arrived be read. They cost microseconds where nothing has.

    A limit within another one of the same task that ends no later arms nothing, since the outer one ends the body: a
    client bounds its calls for callers who don't, and a guarded call is timed once.

    Args:
        seconds: From now.

    Returns:
        An asynchronous context manager. It yields the timeout, to be asked whether it `expired`, and raises
        TimeoutError where the time was up.
    """
    return TimeLimit(seconds)


class TimeLimit:
    """What `time_limit` returns; a class, since a generator is slower."""

    __slots__ = ("_loop", "_outer", "_scope", "_seconds", "_task", "_timer")

    def __init__(self, seconds: float) -> None:
        self._seconds = max(0.0, seconds)
        self._timer: asyncio.Handle | None = None

    async def __aenter__(self) -> asyncio.Timeout:
        self._scope = asyncio.timeout(None)
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        if self._task is None:
            raise RuntimeError("a time limit is for tasks")
        end = self._loop.time() + self._seconds
        self._outer = _ends.get(self._task)
        if self._outer is None or end < self._outer:
            await self._scope.__aenter__()
            self._timer = self._loop.call_later(self._seconds, self._end, _TURNS)
            _ends[self._task] = end
        return self._scope

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._timer is None or self._task is None:
            return
        self._timer.cancel()
        if self._outer is None:
            del _ends[self._task]
        else:
            _ends[self._task] = self._outer
        await self._scope.__aexit__(kind, error, traceback)  # it raises TimeoutError, or lets the error go on

    def _end(self, turns: int) -> None:
        if turns:
            self._timer = self._loop.call_soon(self._end, turns - 1)
        else:
            self._scope.reschedule(self._loop.time())
