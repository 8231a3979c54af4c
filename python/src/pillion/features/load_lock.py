"""The lock of a load: one loader at a time writes a feature version; one that was killed holds it for a while only."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from pillion.errors import StoreError
from pillion.features import keys
from pillion.features.store import Store

_RENEWALS = 3
"""Times that the lock is renewed within its life."""


class LoadLock:
    """A lock that is held.

    Args:
        store: Where it is.
        token: This loader's own.
        ttl_s: Seconds after which it ends where it is not renewed.
        timeout_s: Of each trip.
    """

    def __init__(self, store: Store, token: str, ttl_s: float, timeout_s: float) -> None:
        self._store = store
        self._token = token
        self._ttl_s = ttl_s
        self._timeout_s = timeout_s

    async def renew(self) -> None:
        """Has it last from now on.

        Raises:
            StoreError: It ended meanwhile, so that another loader may have it.
        """
        if not await self._store.renew(keys.LOADING, self._token, self._ttl_s, self._timeout_s):
            raise StoreError(
                f"the load lost its lock, for it was not renewed for {self._ttl_s:g} seconds: load again; the version"
                " before stays active"
            )

    async def keep(self) -> None:
        """Renews it until it is lost, or this is cancelled."""
        with suppress(StoreError, TimeoutError):
            while True:
                await asyncio.sleep(self._ttl_s / _RENEWALS)
                await self.renew()


@asynccontextmanager
async def hold_lock(store: Store, ttl_s: float, timeout_s: float) -> AsyncIterator[LoadLock]:
    """Holds the lock as long as the block runs.

    Args:
        store: Where features are loaded.
        ttl_s: Seconds after which it ends where this process does not renew it, for it was killed.
        timeout_s: Of each trip.

    Raises:
        StoreError: Another loader has it; the message says which, or the store failed.
    """
    token = f"{socket.gethostname()}, process {os.getpid()}, {secrets.token_hex(8)}"
    if not await store.acquire(keys.LOADING, token, ttl_s, timeout_s):
        (holder,) = (await store.read([], [keys.LOADING], timeout_s)).strings
        who = "" if holder is None else f" (on {holder.decode(errors='replace').rpartition(', ')[0]})"
        raise StoreError(
            f"another loader{who} writes a feature version: wait for it; if it was killed, its lock ends within"
            f" {ttl_s:g} seconds"
        )
    lock = LoadLock(store, token, ttl_s, timeout_s)
    renewing = asyncio.create_task(lock.keep())
    try:
        yield lock
    finally:
        renewing.cancel()
        with suppress(StoreError, TimeoutError):
            await store.release(keys.LOADING, token, timeout_s)
