"""What the workers of a shim tell each other: files in a folder of their own, which each of them looks at in turn.

A file `<pid>.json` is what `/v1/status` says of a worker. A file `<dependency>.mode` is what an operator wants of that
dependency's breakers; a worker that starts later finds it as well.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from pillion.recommend import Recommender
from pillion.resilience import Breaker
from pillion.shim.bodies import status_json, watch_json
from pillion.shim.metrics import RequestMetrics
from pillion.watch import watch_of

_log = logging.getLogger("pillion.shim.peers")
_EVERY_S = 0.2
MODES: dict[str, Callable[[Breaker], None]] = {
    "open": Breaker.force_open,
    "closed": Breaker.metrics_only,
    "auto": Breaker.reset,
}
"""What an operator can want of a breaker."""


class Peers:
    """One worker among those of its shim.

    Args:
        recommender: The worker's data plane.
        metrics: The worker's metrics.
        folder: Where the workers' files are; None for a shim of one process.
    """

    def __init__(self, recommender: Recommender, metrics: RequestMetrics, folder: Path | None = None) -> None:
        self._recommender = recommender
        self._metrics = metrics
        self._folder = folder
        self._followed: dict[str, int] = {}

    def status(self) -> dict[str, Any]:
        """Returns this worker's status, with those of the others, at most a fifth of a second old, as `others`."""
        own = self._own_status()
        others = []
        for path in sorted(self._folder.glob("*.json")) if self._folder else ():
            if path.stem != str(own["pid"]):
                try:
                    others.append(orjson.loads(path.read_bytes()))
                except FileNotFoundError:
                    continue  # that worker ended meanwhile
        return {**own, "others": others}

    def force(self, name: str, mode: str) -> None:
        """Forces the breaker of a dependency in this worker now, and in the others within a fifth of a second."""
        if self._folder is None:
            MODES[mode](self._recommender.breakers[name])
        else:
            _replace(self._folder / f"{name}.mode", mode.encode())
            self._follow()

    async def exchange(self) -> None:
        """Tells and looks, for ever; returns at once where there are no others."""
        while self._folder is not None:
            try:
                self._follow()
                self._metrics.publish()
                _replace(self._folder / f"{os.getpid()}.json", orjson.dumps(self._own_status()))
            except OSError:
                # The disk may have room again at the next turn.
                _log.exception("the exchange with the other workers failed")
            await asyncio.sleep(_EVERY_S)

    def _own_status(self) -> dict[str, Any]:
        watch = watch_of(self._recommender)
        watched = {} if watch is None else {"watch": watch_json(watch.status())}
        return {"pid": os.getpid(), **status_json(self._recommender.status()), **watched}

    def _follow(self) -> None:
        assert self._folder is not None
        for name, breaker in self._recommender.breakers.items():
            path = self._folder / f"{name}.mode"
            try:
                mode, changed = path.read_text(), path.stat().st_mtime_ns
            except FileNotFoundError:
                continue
            if self._followed.get(name) != changed:
                self._followed[name] = changed
                MODES[mode](breaker)


def _replace(path: Path, content: bytes) -> None:
    """Writes a file so that nobody reads half of it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)
