"""The audience of a breaker's changes of state."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable

from pillion.resilience.state import StateChange

_logger = logging.getLogger("pillion.resilience.breaker")

Listener = Callable[[StateChange], None]
"""Gets each change of state. It runs on the thread that noticed the change, so it should be quick; it
may call the breaker. What it raises is logged and goes no further."""


class Listeners:
    """A queue of changes that are delivered in order, one at a time, with no lock held.

    Two threads that change the state one after the other may both come to deliver; whoever is first
    delivers for both, so no listener ever sees changes out of order or twice at once.
    """

    __slots__ = ("_delivering", "_listeners", "_lock", "_pending")

    def __init__(self, listeners: Iterable[Listener] = ()) -> None:
        self._listeners = tuple(listeners)
        self._pending: deque[StateChange] = deque()
        self._delivering = False
        self._lock = threading.Lock()

    def add(self, listener: Listener) -> None:
        """Have `listener` told of the changes from now on."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

    def queue(self, change: StateChange) -> None:
        """Note a change; the caller may hold its own lock."""
        self._pending.append(change)

    def deliver(self) -> None:
        """Tell the listeners what is queued; the caller must hold no lock."""
        while self._pending:
            with self._lock:
                if self._delivering or not self._pending:
                    return
                self._delivering = True
                change = self._pending.popleft()
                listeners = self._listeners
            try:
                for listener in listeners:
                    _tell(listener, change)
            finally:
                self._delivering = False


def _tell(listener: Listener, change: StateChange) -> None:
    try:
        listener(change)
    except Exception:
        _logger.exception("a listener of breaker %s failed", change.breaker)
