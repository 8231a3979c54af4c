"""The health prober: sees in the background that a dependency is back, and warms it up before requests try it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from pillion.errors import PillionError
from pillion.resilience import Breaker, BreakerState, Clock, SystemClock
from pillion.scoring import RankRequest, Scorer
from pillion.time_limit import time_limit

_log = logging.getLogger("pillion.recommend.prober")
_INTERVAL_S = 0.5
_TIMEOUT_S = 1.0
_MOST_PROBES = 10
_FAST_PROBES = 3

Probe = Callable[[float], Awaitable[None]]


class ReplayProbe:
    """A probe of the sidecar: the last request once more, for nobody, so that all of its way is warm.

    Args:
        scorer: The sidecar.

    Attributes:
        request: The last one; None before the first, when the sidecar's health is asked for.
    """

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self.request: RankRequest | None = None

    async def __call__(self, timeout_s: float) -> None:
        """Asks the sidecar; raises where it does not answer in time."""
        if self.request is None:
            await self._scorer.ping(timeout_s)
        else:
            await self._scorer.rank(self.request, timeout_s)


class HealthProber:
    """Probes one dependency while its breaker is open.

    A process that has just started answers its first calls slowly. The breaker's own probes have the time of a
    user's request, so the dependency still counts as down, and by that time the open interval has doubled to seconds.
    The prober calls with more patience, one call at a time. Once three consecutive calls were fast, it has the
    breaker's probes come at once. The breaker closes by its own probes alone.

    Args:
        breaker: The dependency's.
        probe: Calls the dependency as a request would, within some seconds; raises where it does not answer.
        slow_s: Seconds from which a call is slow.
        clock: Seconds.

    Attributes:
        probes: Calls made so far; the breaker does not count them.
    """

    def __init__(self, breaker: Breaker, probe: Probe, slow_s: float, clock: Clock | None = None) -> None:
        self.probes = 0
        self._breaker = breaker
        self._probe = probe
        self._slow_s = slow_s
        self._clock = clock or SystemClock()

    async def run(self) -> None:
        """Checks every half second, for ever."""
        while True:
            await asyncio.sleep(_INTERVAL_S)
            try:
                await self.check()
            except Exception:  # noqa: BLE001 - whatever a probe finds, the next one is made
                _log.exception("probing the %s failed", self._breaker.name)

    async def check(self) -> bool:
        """Probes up to ten times, if the breaker is open; returns whether the dependency was found to be back."""
        if self._breaker.state is not BreakerState.OPEN:
            return False
        fast = 0
        for _ in range(_MOST_PROBES):
            self.probes += 1
            started_s = self._clock.monotonic()
            try:
                async with time_limit(_TIMEOUT_S):
                    await self._probe(_TIMEOUT_S)
            except (PillionError, TimeoutError):
                return False
            fast = fast + 1 if self._clock.monotonic() - started_s <= self._slow_s else 0
            if fast == _FAST_PROBES:
                self._breaker.expect_recovery()
                return True
        return False
