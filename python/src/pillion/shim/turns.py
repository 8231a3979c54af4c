"""Whose turn it is in the event loop: replies of store and sidecar first, then a few callers.

With more requests than the shim can answer, dozens of connections are readable at once, and an event loop that serves
them all before it looks for replies is late for each of the several steps that a call to the store or the sidecar
takes: such calls time out, their breakers open, and the model answers nobody, though both are well.
"""

import asyncio
import selectors
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_CALLERS_A_TURN = 8

Event = tuple[selectors.SelectorKey, int]


class DependenciesFirst(selectors.DefaultSelector):
    """A selector that reports a few callers' connections at a time, those that have waited longest, and all others.

    A connection that is left out stays readable, and is reported at a later turn.

    Attributes:
        callers: File descriptors of the callers' connections.
    """

    def __init__(self, at_once: int = _CALLERS_A_TURN) -> None:
        super().__init__()
        self.callers: set[int] = set()
        self._at_once = at_once
        self._waiting: list[int] = []

    def select(self, timeout: float | None = None) -> list[Event]:
        """See `selectors.BaseSelector.select`."""
        events = super().select(timeout)
        if len(events) <= self._at_once:
            return events
        callers = {event[0].fd: event for event in events if event[0].fd in self.callers}
        if len(callers) <= self._at_once:
            return events
        before = [number for number in self._waiting if number in callers]
        known = set(before)
        waiting = before + [number for number in callers if number not in known]
        self._waiting = waiting[self._at_once :]
        others = [event for event in events if event[0].fd not in self.callers]
        return others + [callers[number] for number in waiting[: self._at_once]]


def caller_protocol(selector: DependenciesFirst) -> type[HttpToolsProtocol]:
    """Returns the protocol of callers' connections, which tells the selector of each."""

    class CallerProtocol(HttpToolsProtocol):
        _descriptor: int | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            connection: Any = transport.get_extra_info("socket")
            if connection is not None:
                self._descriptor = connection.fileno()
                selector.callers.add(connection.fileno())

        def connection_lost(self, exc: Exception | None) -> None:
            if self._descriptor is not None:
                selector.callers.discard(self._descriptor)
            super().connection_lost(exc)

    return CallerProtocol
