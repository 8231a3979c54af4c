"""The online store as the data plane sees it: a few kinds of trip, bytes in and out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class HashEntry:
    """Fields to be put into a hash.

    Attributes:
        key: The hash.
        fields: Values by field.
        ttl_s: Seconds until the whole hash is dropped; None for never.
    """

    key: str
    fields: Mapping[int | str, bytes]
    ttl_s: float | None = None


@dataclass(frozen=True, slots=True)
class StringEntry:
    """A value to be put under a key.

    Attributes:
        key: The key.
        value: The value.
        ttl_s: Seconds until it is dropped; None for never.
    """

    key: str
    value: bytes
    ttl_s: float | None = None


@dataclass(frozen=True, slots=True)
class Values:
    """What one trip brought; None where the store has nothing.

    Attributes:
        fields: In the order asked for.
        strings: In the order asked for.
    """

    fields: list[bytes | None]
    strings: list[bytes | None]


class Store(Protocol):
    """An online store.

    Every method raises `StoreUnreachable` where nothing was processed, another `StoreError` where the store
    declined or answered nonsense, and `TimeoutError` after `timeout_s` seconds.
    """

    async def read(self, fields: Sequence[tuple[str, int | str]], keys: Sequence[str], timeout_s: float) -> Values:
        """Returns fields of hashes and values of keys, in one trip."""
        ...

    async def read_hashes(self, keys: Sequence[str], timeout_s: float) -> list[dict[bytes, bytes]]:
        """Returns all fields of hashes, in one trip; of an absent one there are none."""
        ...

    async def write(self, entries: Sequence[HashEntry | StringEntry], timeout_s: float) -> None:
        """Puts entries, in as many trips as it takes; `timeout_s` is for each."""
        ...

    async def expire(self, keys: Sequence[str], ttl_s: float, timeout_s: float) -> None:
        """Has keys dropped after `ttl_s` seconds, likewise; an absent key is no error."""
        ...

    async def increment(self, key: str, timeout_s: float, by: int = 1) -> int:
        """Adds to a counter that starts at 0, and returns it, in one trip."""
        ...

    async def replace_field(
        self, key: str, field: int | str, old: bytes | None, new: bytes, timeout_s: float, ttl_s: float | None = None
    ) -> bool:
        """Puts a field of a hash where it still has the old value, None for none; returns whether it had.

        A hash that was not there is dropped after `ttl_s` seconds; None for never.
        """
        ...

    async def take_lock(self, key: str, holder: bytes, ttl_s: float, timeout_s: float) -> bytes | None:
        """Takes a lock that expires; returns who holds it where somebody else does."""
        ...

    async def renew_lock(self, key: str, holder: bytes, ttl_s: float, timeout_s: float) -> bool:
        """Has a lock expire later; returns whether it was still held by `holder`."""
        ...

    async def drop_lock(self, key: str, holder: bytes, timeout_s: float) -> None:
        """Gives a lock back, where `holder` still holds it."""
        ...

    async def value_limit(self, entries: int, timeout_s: float) -> int:
        """Returns how many bytes a field of a hash may have for the hash to be kept compactly, as a listpack.

        Args:
            entries: Fields that a hash has, at most.
            timeout_s: Of each trip.

        Raises:
            ConfigurationError: The server does not keep a hash of so many fields compactly; says what to set.
        """
        ...

    async def read_start(self, key: str, size: int, timeout_s: float) -> bytes:
        """Returns the first bytes of a key's value, `size` at most; none where it is absent."""
        ...

    async def encoding(self, key: str, timeout_s: float) -> str | None:
        """Returns how a value is kept, e.g. `listpack` or `hashtable`; None where there is none, or it won't tell."""
        ...

    async def ping(self, timeout_s: float) -> None:
        """Returns once the store has answered."""
        ...

    async def close(self) -> None:
        """Gives the connections back."""
        ...
