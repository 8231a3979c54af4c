"""A time limit that does not blame a reply which is there for an event loop that is late."""

import asyncio
from types import TracebackType

_TURNS = 2
"""Turns of the loop between the end of the time and the cancellation."""


def time_limit(seconds: float) -> "TimeLimit":
    """Cancel the body after `seconds`, as `asyncio.timeout` does, but a few turns of the loop later.

    A loop that was busy for long finds in one turn both a reply in the socket's buffer and a timer that is over,
    and `asyncio.timeout` would cancel the task before it sees the reply: a healthy dependency would fail because this
    process had no time. The extra turns let what has arrived be read. They cost microseconds where nothing has.

    Args:
        seconds: From now.

    Returns:
        An asynchronous context manager. It yields the timeout, to be asked whether it `expired`, and raises
        TimeoutError where the time was up.
    """
    return TimeLimit(seconds)


class TimeLimit:
    """What `time_limit` returns; a class, since each call to a dependency passes several, and a generator is slower."""

    __slots__ = ("_loop", "_scope", "_seconds", "_timer")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def __aenter__(self) -> asyncio.Timeout:
        self._loop = asyncio.get_running_loop()
        self._scope = asyncio.timeout(None)
        await self._scope.__aenter__()
        self._timer: asyncio.Handle = self._loop.call_later(max(0.0, self._seconds), self._end, _TURNS)
        return self._scope

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._timer.cancel()
        await self._scope.__aexit__(kind, error, traceback)  # it raises TimeoutError, or lets the error go on

    def _end(self, turns: int) -> None:
        if turns:
            self._timer = self._loop.call_soon(self._end, turns - 1)
        else:
            self._scope.reschedule(self._loop.time())
