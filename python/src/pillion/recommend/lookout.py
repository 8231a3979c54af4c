"""The lookout: sees in the background that a dependency is back, and warms it up, before users' requests try it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from pillion.errors import PillionError
from pillion.resilience import Breaker, BreakerState, Clock, SystemClock
from pillion.scoring import Scorer, ScoreRequest
from pillion.time_limit import time_limit

_log = logging.getLogger("pillion.recommend.lookout")
_EVERY_S = 0.5
_PATIENCE_S = 1.0
_KNOCKS = 10
_ROW = 3

Knock = Callable[[float], Awaitable[None]]


class Rehearsal:
    """A knock at the sidecar: the last request once more, for nobody, so that all of its way is warm.

    Args:
        scorer: The sidecar.

    Attributes:
        request: The last one; None before the first, when the sidecar's health is asked for.
    """

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self.request: ScoreRequest | None = None

    async def __call__(self, timeout_s: float) -> None:
        """Asks the sidecar; raises where it does not answer in time."""
        if self.request is None:
            await self._scorer.ping(timeout_s)
        else:
            await self._scorer.score(self.request, timeout_s)


class Lookout:
    """Knocks at one dependency while its breaker is open.

    A process that has just started answers its first calls slowly. To the breaker, whose probes have the time of
    a user's request, it is still down then, and by that time the open interval has doubled to seconds. So the lookout
    calls with more patience, one call at a time, and has the probes come at once when three in a row were fast. The
    breaker closes by its probes alone.

    Args:
        breaker: The dependency's.
        knock: Calls the dependency as a request would, within some seconds; raises where it does not answer.
        slow_s: Seconds from which a call is slow.
        clock: Seconds.

    Attributes:
        knocks: Calls made so far; they are none of the breaker's attempts.
    """

    def __init__(self, breaker: Breaker, knock: Knock, slow_s: float, clock: Clock | None = None) -> None:
        self.knocks = 0
        self._breaker = breaker
        self._knock = knock
        self._slow_s = slow_s
        self._clock = clock or SystemClock()

    async def watch(self) -> None:
        """Looks every half second, for ever."""
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                await self.look()
            except Exception:  # noqa: BLE001 - whatever a knock finds, the next one is made
                _log.exception("looking for the %s failed", self._breaker.name)

    async def look(self) -> bool:
        """Knocks up to ten times, if the breaker is open; returns whether the dependency was found to be back."""
        if self._breaker.state is not BreakerState.OPEN:
            return False
        row = 0
        for _ in range(_KNOCKS):
            self.knocks += 1
            started_s = self._clock.monotonic()
            try:
                async with time_limit(_PATIENCE_S):
                    await self._knock(_PATIENCE_S)
            except (PillionError, TimeoutError):
                return False
            row = row + 1 if self._clock.monotonic() - started_s <= self._slow_s else 0
            if row == _ROW:
                self._breaker.expect_recovery()
                return True
        return False
