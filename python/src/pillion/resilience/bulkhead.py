"""The bound on how many calls to one dependency are under way at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pillion.resilience.errors import BulkheadFull


class Bulkhead:
    """A counter of slots that refuses at once instead of queueing.

    Usable from threads and from asyncio; no lock is held while a call runs.

    Args:
        name: The dependency, for messages.
        limit: Calls under way at most, at least 1.

    Raises:
        ValueError: `limit` is less than 1.
    """

    __slots__ = ("_in_flight", "_limit", "_lock", "_refused", "name")

    def __init__(self, name: str, limit: int = 64) -> None:
        if limit < 1:
            raise ValueError(f"a bulkhead needs at least 1 slot, not {limit}")
        self.name = name
        self._limit = limit
        self._in_flight = 0
        self._refused = 0
        self._lock = threading.Lock()

    @property
    def in_flight(self) -> int:
        """Calls under way now."""
        return self._in_flight

    @property
    def refused(self) -> int:
        """Calls refused since the start."""
        return self._refused

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold a slot for the length of a `with` block.

        Raises:
            BulkheadFull: Every slot is taken.
        """
        with self._lock:
            full = self._in_flight >= self._limit
            if full:
                self._refused += 1
            else:
                self._in_flight += 1
        if full:
            raise BulkheadFull(f"{self.name}: {self._limit} calls are under way, no more are admitted")
        try:
            yield
        finally:
            with self._lock:
                self._in_flight -= 1
