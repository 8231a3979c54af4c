"""Whose turn it is in the event loop: replies of store and sidecar first, then a few callers.

With more requests than the shim can answer, hundreds of connections are readable at once, and an event loop that serves
them all before it looks for replies is late for each of the several steps that a call to the store or the sidecar
takes: such calls time out, their breakers open, and the model answers nobody, though both are well.
"""

import contextlib
import select
import selectors
import time
from collections import ChainMap
from collections.abc import Mapping
from itertools import islice
from typing import Any

_CALLERS_A_TURN = 32

Event = tuple[selectors.SelectorKey, int]


class DependenciesFirst(selectors.BaseSelector):
    """A selector that reports a few callers' connections at a time, and all others; for Linux, which has epoll.

    Half of those few have waited longest, so that nobody is forgotten, and half came last, so that some are answered
    in time where more come than can be. The kernel tells of each caller's connection once, until that had its turn: a
    turn costs the same however many wait.

    Attributes:
        callers: File descriptors of the callers' connections, as known before they are registered.
        waited_s: How long each connection of this turn had been ready, where it was left out before.
        late_s: How long the one that has waited longest had.
    """

    def __init__(self, at_once: int = _CALLERS_A_TURN) -> None:
        self.callers: set[int] = set()
        self.waited_s: dict[int, float] = {}
        self.late_s = 0.0
        self._oldest, self._newest = (at_once + 1) // 2, at_once // 2
        self._others = selectors.DefaultSelector()
        self._crowd = select.epoll()
        self._crowd_key = self._others.register(self._crowd, selectors.EVENT_READ)
        self._keys: dict[int, selectors.SelectorKey] = {}
        self._ready: dict[int, tuple[float, int]] = {}
        """When each caller's connection was found ready, and for what, in that order."""
        self._had_turn: list[int] = []

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """See `selectors.BaseSelector.register`."""
        number = _descriptor(fileobj)
        if number not in self.callers:
            return self._others.register(fileobj, events, data)
        if number in self._keys:
            raise KeyError(f"{fileobj!r} (FD {number}) is already registered")
        key = self._keys[number] = selectors.SelectorKey(fileobj, number, events, data)
        self._crowd.register(number, _mask(events))
        return key

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """See `selectors.BaseSelector.modify`."""
        number = _descriptor(fileobj)
        if number not in self._keys:
            return self._others.modify(fileobj, events, data)
        key = self._keys[number] = selectors.SelectorKey(fileobj, number, events, data)
        self._ready.pop(number, None)
        self._crowd.modify(number, _mask(events))
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """See `selectors.BaseSelector.unregister`."""
        number = _descriptor(fileobj)
        if number not in self._keys:
            return self._others.unregister(fileobj)
        self._ready.pop(number, None)
        with contextlib.suppress(OSError):  # it may be closed already
            self._crowd.unregister(number)
        return self._keys.pop(number)

    def select(self, timeout: float | None = None) -> list[Event]:
        """See `selectors.BaseSelector.select`."""
        for number in self._had_turn:
            if (key := self._keys.get(number)) is not None:
                self._crowd.modify(number, _mask(key.events))
        self._had_turn = []
        events = self._others.select(0 if self._ready else timeout)
        for place, (key, _) in enumerate(events):
            if key is self._crowd_key:
                del events[place]
                now_s = time.monotonic()
                for number, mask in self._crowd.poll(0, max(1, len(self._keys))):
                    self._ready[number] = (now_s, mask)
                break
        self.waited_s, self.late_s = {}, 0.0
        return events + self._next_callers() if self._ready else events

    def _next_callers(self) -> list[Event]:
        chosen = list(islice(self._ready, self._oldest))
        newest = list(islice(reversed(self._ready), min(self._newest, len(self._ready) - len(chosen))))
        chosen += reversed(newest)
        now_s = time.monotonic()
        events = []
        for number in chosen:
            since_s, mask = self._ready.pop(number)
            self.waited_s[number] = now_s - since_s
            key = self._keys[number]
            events.append((key, _events(mask) & key.events))
        self._had_turn = chosen
        self.late_s = self.waited_s[chosen[0]]
        return events

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        """See `selectors.BaseSelector.get_map`."""
        return ChainMap(self._keys, self._others.get_map())  # type: ignore[arg-type]

    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        """See `selectors.BaseSelector.get_key`."""
        key = self._keys.get(_descriptor(fileobj))
        return self._others.get_key(fileobj) if key is None else key

    def close(self) -> None:
        """See `selectors.BaseSelector.close`."""
        self._others.close()
        self._crowd.close()
        self._keys.clear()
        self._ready.clear()


def _descriptor(fileobj: Any) -> int:
    return fileobj if isinstance(fileobj, int) else int(fileobj.fileno())


def _mask(events: int) -> int:
    """Returns the kernel's form of what to look for; it tells once, and has to be asked again."""
    mask = select.EPOLLONESHOT
    mask |= select.EPOLLIN if events & selectors.EVENT_READ else 0
    return mask | (select.EPOLLOUT if events & selectors.EVENT_WRITE else 0)


def _events(mask: int) -> int:
    """Returns what was found, in the selectors' form; an error or the end counts as both, as it does there."""
    events = selectors.EVENT_WRITE if mask & ~select.EPOLLIN else 0
    return events | (selectors.EVENT_READ if mask & ~select.EPOLLOUT else 0)
