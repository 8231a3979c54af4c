"""A time limit that does not blame a reply which is there for an event loop that is late."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_TURNS = 2
"""Turns of the loop between the end of the time and the cancellation."""


@asynccontextmanager
async def time_limit(seconds: float) -> AsyncIterator[asyncio.Timeout]:
    """Cancel the body after `seconds`, as `asyncio.timeout` does, but a few turns of the loop later.

    A loop that was busy for long finds in one turn both a reply in the socket's buffer and a timer that is over,
    and `asyncio.timeout` would cancel the task before it sees the reply: a healthy dependency would fail because this
    process had no time. The extra turns let what has arrived be read. They cost microseconds where nothing has.

    Args:
        seconds: From now.

    Yields:
        The timeout, to be asked whether it `expired`.

    Raises:
        TimeoutError: The time was up.
    """
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(None) as scope:
        timer: asyncio.Handle

        def end(turns: int) -> None:
            nonlocal timer
            if turns:
                timer = loop.call_soon(end, turns - 1)
            else:
                scope.reschedule(loop.time())

        timer = loop.call_later(max(0.0, seconds), end, _TURNS)
        try:
            yield scope
        finally:
            timer.cancel()
