"""The admission limit: how many requests may use the dependencies at once, learned from how long they take."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pillion.resilience.clock import Clock, SystemClock
from pillion.resilience.errors import Overloaded


@dataclass(frozen=True, slots=True)
class AdmissionSettings:
    """How far the limit may move, and what moves it.

    Attributes:
        least: Requests that are always admitted at once; where the limit starts.
        most: Requests admitted at once, at most.
        target_s: Seconds; a request that took longer says that too many are under way.
        backoff: Factor, above 0 and below 1, that the limit is cut by then.
        lag_s: Seconds; while the event loop is later than that, nobody is admitted.
    """

    least: int = 8
    most: int = 64
    target_s: float = 0.020
    backoff: float = 0.8
    lag_s: float = 0.010

    def __post_init__(self) -> None:
        """Refuse settings that make no limit.

        Raises:
            ValueError: A field is outside its range.
        """
        if not 1 <= self.least <= self.most:
            raise ValueError(f"limits must be 1 ≤ least ≤ most, not {self.least} and {self.most}")
        if not self.target_s > 0:
            raise ValueError(f"target_s must be above 0, not {self.target_s}")
        if not 0 < self.backoff < 1:
            raise ValueError(f"backoff must be above 0 and below 1, not {self.backoff}")
        if not self.lag_s > 0:
            raise ValueError(f"lag_s must be above 0, not {self.lag_s}")


class Slot:
    """A place among the requests under way.

    Attributes:
        saturated: Set by its holder where a dependency refused, since too many calls were under way; counts as slow.
    """

    __slots__ = ("saturated",)

    def __init__(self) -> None:
        self.saturated = False


class AdmissionLimit:
    """A bulkhead in front of the whole ladder whose size follows the time that requests take.

    Additive increase, multiplicative decrease: a request within the target adds 1/limit where at least half
    of the limit was in use; a slower one, or one that found a dependency saturated, multiplies the limit by `backoff`,
    once per generation of requests: those that began before the last cut do not cut again. It starts small: a burst
    that is let through before anything was learned makes a dependency late, and its breaker opens. It refuses at once
    and never queues, since a queue would only spend the deadline of those who wait in it. Usable from threads and from
    asyncio.

    Args:
        settings: Numbers.
        clock: The clock that is read.
        lag: Returns how late the event loop is, in seconds.
    """

    __slots__ = ("_clock", "_cut_s", "_in_flight", "_lag", "_limit", "_lock", "_refused", "_settings")

    def __init__(
        self,
        settings: AdmissionSettings | None = None,
        clock: Clock | None = None,
        lag: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._settings = settings or AdmissionSettings()
        self._clock = clock or SystemClock()
        self._limit = float(self._settings.least)
        self._in_flight = 0
        self._refused = 0
        self._cut_s = self._clock.monotonic()
        self._lag = lag
        self._lock = threading.Lock()

    @property
    def limit(self) -> int:
        """Requests that may be under way now."""
        return int(self._limit)

    @property
    def in_flight(self) -> int:
        """Requests under way now."""
        return self._in_flight

    @property
    def refused(self) -> int:
        """Requests refused since the start."""
        return self._refused

    @contextmanager
    def slot(self) -> Iterator[Slot]:
        """Hold a slot for the length of a `with` block, and learn from its length.

        Raises:
            Overloaded: Every slot is taken, or the event loop is late.
        """
        late = self._lag() > self._settings.lag_s
        with self._lock:
            full = late or self._in_flight >= int(self._limit)
            if full:
                self._refused += 1
            else:
                self._in_flight += 1
            busy = self._in_flight * 2 >= self._limit
            started_s = self._clock.monotonic()
        if full:
            cause = "the event loop is late" if late else f"{self.limit} requests are under way"
            raise Overloaded(f"{cause}, no more are admitted")
        slot = Slot()
        try:
            yield slot
        finally:
            with self._lock:
                self._in_flight -= 1
                self._learn(started_s, self._clock.monotonic(), busy, slot.saturated)

    def _learn(self, started_s: float, ended_s: float, busy: bool, saturated: bool) -> None:
        settings = self._settings
        if saturated or ended_s - started_s > settings.target_s:
            if started_s >= self._cut_s:
                self._limit = max(float(settings.least), self._limit * settings.backoff)
                self._cut_s = ended_s
        elif busy:
            self._limit = min(float(settings.most), self._limit + 1.0 / self._limit)
