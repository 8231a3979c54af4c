"""The online store as a dictionary: for tests, and for hosts without a store."""

import sys
import time
from collections.abc import Callable, Sequence

from pillion.errors import StoreUnreachable
from pillion.features.store import HashEntry, StringEntry, Values


class MemoryStore:
    """A store in this process.

    Args:
        now: Seconds, for expiry.

    Attributes:
        down: Set it to have every call raise `StoreUnreachable`.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.down = False
        self._now = now
        self._hashes: dict[str, dict[int | str, bytes]] = {}
        self._strings: dict[str, bytes] = {}
        self._ends: dict[str, float] = {}

    async def read(self, fields: Sequence[tuple[str, int | str]], keys: Sequence[str], timeout_s: float) -> Values:
        """See `Store.read`."""
        self._visit()
        return Values(
            [self._hashes.get(key, {}).get(number) for key, number in fields],
            [self._strings.get(key) for key in keys],
        )

    async def read_hashes(self, keys: Sequence[str], timeout_s: float) -> list[dict[bytes, bytes]]:
        """See `Store.read_hashes`."""
        self._visit()
        found = [self._hashes.get(key, {}) for key in keys]
        return [{str(field).encode(): value for field, value in fields.items()} for fields in found]

    async def write(self, entries: Sequence[HashEntry | StringEntry], timeout_s: float) -> None:
        """See `Store.write`."""
        self._visit()
        for entry in entries:
            self._ends.pop(entry.key, None)
            if isinstance(entry, HashEntry):
                self._hashes.setdefault(entry.key, {}).update(entry.fields)
            else:
                self._strings[entry.key] = entry.value
            if entry.ttl_s is not None:
                self._ends[entry.key] = self._now() + entry.ttl_s

    async def expire(self, keys: Sequence[str], ttl_s: float, timeout_s: float) -> None:
        """See `Store.expire`."""
        self._visit()
        for key in keys:
            if key in self._hashes or key in self._strings:
                self._ends[key] = self._now() + ttl_s

    async def increment(self, key: str, timeout_s: float, by: int = 1) -> int:
        """See `Store.increment`."""
        self._visit()
        count = int(self._strings.get(key, b"0")) + by
        self._strings[key] = str(count).encode()
        return count

    async def replace_field(
        self, key: str, field: int | str, old: bytes | None, new: bytes, timeout_s: float, ttl_s: float | None = None
    ) -> bool:
        """See `Store.replace_field`."""
        self._visit()
        if self._hashes.get(key, {}).get(field) != old:
            return False
        if key not in self._hashes and ttl_s is not None:
            self._ends[key] = self._now() + ttl_s
        self._hashes.setdefault(key, {})[field] = new
        return True

    async def take_lock(self, key: str, holder: bytes, ttl_s: float, timeout_s: float) -> bytes | None:
        """See `Store.take_lock`."""
        self._visit()
        if key in self._strings:
            return self._strings[key]
        await self.write([StringEntry(key, holder, ttl_s)], timeout_s)
        return None

    async def renew_lock(self, key: str, holder: bytes, ttl_s: float, timeout_s: float) -> bool:
        """See `Store.renew_lock`."""
        self._visit()
        if self._strings.get(key) != holder:
            return False
        await self.expire([key], ttl_s, timeout_s)
        return True

    async def drop_lock(self, key: str, holder: bytes, timeout_s: float) -> None:
        """See `Store.drop_lock`."""
        await self.renew_lock(key, holder, 0.0, timeout_s)
        self._visit()

    async def value_limit(self, entries: int, timeout_s: float) -> int:
        """Returns the largest number, since a dictionary has no limit."""
        return sys.maxsize

    async def read_start(self, key: str, size: int, timeout_s: float) -> bytes:
        """See `Store.read_start`."""
        self._visit()
        return self._strings.get(key, b"")[:size]

    async def encoding(self, key: str, timeout_s: float) -> str | None:
        """Returns None, since a dictionary has no encodings."""
        self._visit()
        return None

    async def ping(self, timeout_s: float) -> None:
        """See `Store.ping`."""
        self._visit()

    async def close(self) -> None:
        """Does nothing; the contents stay."""

    def _visit(self) -> None:
        if self.down:
            raise StoreUnreachable("the store in memory is set to be down")
        now = self._now()
        for key in [key for key, end in self._ends.items() if end <= now]:
            del self._ends[key]
            self._hashes.pop(key, None)
            self._strings.pop(key, None)
