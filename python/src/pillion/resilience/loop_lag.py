"""How late an event loop is: the delay of a timer that is set again and again."""

import asyncio
from collections import deque

from pillion.resilience.clock import Clock, SystemClock

_EVERY_S = 0.005
_TURNS = 4


class LoopLag:
    """A probe of the running event loop, for an `AdmissionLimit`.

    A loop that has more to do than time for it is late for every reply of store and sidecar, so that their calls time
    out and their breakers open though both are well. It has to refuse requests before that. What counts is the least
    of the last four delays: a loop that was held up once is not overloaded.

    Args:
        clock: The clock that is read.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._delays_s = deque([0.0] * _TURNS, maxlen=_TURNS)
        self._due_s: float | None = None

    async def watch(self) -> None:
        """Sets the timer, for ever."""
        while True:
            self._due_s = self._clock.monotonic() + _EVERY_S
            await asyncio.sleep(_EVERY_S)
            self._delays_s.append(self._clock.monotonic() - self._due_s)

    def seconds(self) -> float:
        """Return how late the loop is; 0 where nobody watches."""
        return min(self._delays_s)

    def latest(self) -> float:
        """Return how late the timer was last, or is by now; 0 where nobody watches."""
        overdue_s = 0.0 if self._due_s is None else self._clock.monotonic() - self._due_s
        return max(self._delays_s[-1], overdue_s)
