"""The lock of whoever writes into the store what only one process may write at a time: it expires with its holder."""

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pillion.errors import StoreError, StoreLocked
from pillion.features import keys
from pillion.features.store import Store

LOCK_TTL_S = 30.0
"""Seconds from the death of a holder until another process can take its lock."""
_RENEWALS = 3


@dataclass(frozen=True, slots=True)
class HeldLock:
    """A lock that this process holds."""

    _store: Store
    _what: str
    _holder: bytes
    _ttl_s: float
    _timeout_s: float

    async def require(self) -> None:
        """Returns where this process still holds the lock; ask before what must not be done twice.

        Raises:
            StoreError: It was lost, since the store could not be reached for so long, or the store failed.
        """
        if not await self._store.renew_lock(keys.lock(self._what), self._holder, self._ttl_s, self._timeout_s):
            raise StoreError(
                f"the lock of {self._what} was lost: for {self._ttl_s:g} s it could not be renewed, so that another"
                " process may write now"
            )


@asynccontextmanager
async def hold_lock(store: Store, what: str, timeout_s: float, ttl_s: float = LOCK_TTL_S) -> AsyncIterator[HeldLock]:
    """Holds a lock while the block runs, renewed in the background.

    Args:
        store: Where it is.
        what: What is written, as `batch`.
        timeout_s: Of each trip.
        ttl_s: Seconds after which it expires where this process has died.

    Raises:
        StoreLocked: Another process holds it; says which.
        StoreError: The store failed.
    """
    key, holder = keys.lock(what), f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}".encode()
    other = await store.take_lock(key, holder, ttl_s, timeout_s)
    if other is not None:
        host, process = other.decode(errors="replace").split(":")[:2]
        raise StoreLocked(
            f"process {process} on {host} holds the lock of {what} in this store: wait until it ends, or {ttl_s:g} s"
            " where it has died"
        )
    held = HeldLock(store, what, holder, ttl_s, timeout_s)
    renewal = asyncio.create_task(_renew(held, ttl_s / _RENEWALS))
    try:
        yield held
    finally:
        renewal.cancel()
        await asyncio.gather(renewal, return_exceptions=True)
        with contextlib.suppress(StoreError, TimeoutError):  # it expires
            await store.drop_lock(key, holder, timeout_s)


async def _renew(held: HeldLock, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        with contextlib.suppress(StoreError, TimeoutError):  # `require` tells
            await held.require()
