"""An asyncio loop whose time is a FakeClock: waiting costs nothing and takes exactly what it says."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from pillion.resilience import FakeClock

T = TypeVar("T")


class _Selector(selectors.SelectSelector):
    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("every task waits for something that will never happen")
            self._clock.advance(max(0.0, timeout))
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A loop that jumps to the next timer instead of waiting for it."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(_Selector(clock))
        self._clock = clock

    def time(self) -> float:
        return self._clock.monotonic()


def run(clock: FakeClock, main: Coroutine[Any, Any, T]) -> T:
    """Run `main` to its end in the time of `clock`."""
    with asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(clock)) as runner:
        return runner.run(main)
