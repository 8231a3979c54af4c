"""The clock that this package reads: a Protocol, the system's, and a fake for tests."""

import asyncio
import threading
import time
from typing import Protocol


class Clock(Protocol):
    """A source of seconds that never go back."""

    def monotonic(self) -> float:
        """Return seconds since some fixed, unspecified moment."""
        ...


class SystemClock:
    """The monotonic clock of the operating system; a step of the wall clock does not move it."""

    __slots__ = ()

    def monotonic(self) -> float:
        """Return `time.monotonic()`, in seconds."""
        return time.monotonic()


class FakeClock:
    """A clock that moves only when told, or when something sleeps on it.

    Args:
        start_s: The first reading, in seconds.
    """

    __slots__ = ("_lock", "_now_s")

    def __init__(self, start_s: float = 0.0) -> None:
        self._now_s = start_s
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        """Return the current reading, in seconds."""
        return self._now_s

    def advance(self, seconds: float) -> None:
        """Move the clock forward.

        Args:
            seconds: How far, at least 0.

        Raises:
            ValueError: `seconds` is negative.
        """
        if seconds < 0:
            raise ValueError(f"a clock can't go back: {seconds} s")
        with self._lock:
            self._now_s += seconds

    async def sleep(self, seconds: float) -> None:
        """Advance by `seconds` and let other tasks run once; stands in for `asyncio.sleep`."""
        self.advance(seconds)
        await asyncio.sleep(0)
