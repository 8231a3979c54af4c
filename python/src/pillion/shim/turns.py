"""Whose turn it is in the event loop: replies of store and sidecar first, then a few callers.

With more requests than the shim can answer, dozens of connections are readable at once, and an event loop that serves
them all before it looks for replies is late for each of the several steps that a call to the store or the sidecar
takes: such calls time out, their breakers open, and the model answers nobody, though both are well.
"""

import asyncio
import selectors
import time
from collections.abc import Iterable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_CALLERS_A_TURN = 8

Event = tuple[selectors.SelectorKey, int]


class DependenciesFirst(selectors.DefaultSelector):
    """A selector that reports a few callers' connections at a time, and all others.

    Half of those few have waited longest, so that nobody is forgotten, and half came last, so that some are answered
    in time where more come than can be. A connection that is left out stays readable, and is reported at a later turn.

    Attributes:
        callers: File descriptors of the callers' connections.
        waited_s: How long each connection of this turn had been readable, where it was left out before.
    """

    def __init__(self, at_once: int = _CALLERS_A_TURN) -> None:
        super().__init__()
        self.callers: set[int] = set()
        self.waited_s: dict[int, float] = {}
        self._at_once = at_once
        self._since_s: dict[int, float] = {}

    def select(self, timeout: float | None = None) -> list[Event]:
        """See `selectors.BaseSelector.select`."""
        events = super().select(timeout)
        if len(events) <= self._at_once:
            return self._all(events, [event[0].fd for event in events])
        callers = {event[0].fd: event for event in events if event[0].fd in self.callers}
        if len(callers) <= self._at_once:
            return self._all(events, callers)
        now_s = time.monotonic()
        since_s = {number: at_s for number, at_s in self._since_s.items() if number in callers}
        for number in callers:
            since_s.setdefault(number, now_s)
        waiting = list(since_s)  # in the order in which they came
        oldest = (self._at_once + 1) // 2
        chosen = waiting[:oldest] + waiting[len(waiting) - (self._at_once - oldest) :]
        self.waited_s = {number: now_s - since_s.pop(number) for number in chosen}
        self._since_s = since_s
        others = [event for event in events if event[0].fd not in self.callers]
        return others + [callers[number] for number in chosen]

    def _all(self, events: list[Event], callers: Iterable[int]) -> list[Event]:
        self.waited_s = {}
        if self._since_s:
            now_s = time.monotonic()
            self.waited_s = {number: now_s - self._since_s[number] for number in callers if number in self._since_s}
            self._since_s = {}
        return events


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

        def data_received(self, data: bytes) -> None:
            waited_s = 0.0 if self._descriptor is None else selector.waited_s.get(self._descriptor, 0.0)
            self.app_state["waited_ms"] = waited_s * 1000  # copied into the state of a request that begins here
            super().data_received(data)

        def connection_lost(self, exc: Exception | None) -> None:
            if self._descriptor is not None:
                selector.callers.discard(self._descriptor)
            super().connection_lost(exc)

    return CallerProtocol
