"""What the store's layout takes in a server's memory.

A hash of a bucket is a listpack: a header of 6 bytes, an end of 1, and for each field and value a head, the bytes and
their length once more (`listpack.c`). The server adds an entry of its table, the key, and where the hash expires an
entry of a second table; what that takes together was measured, see `Server`.
"""

from dataclasses import dataclass
from typing import Literal

_FRAME = 7
_SMALL_NUMBER = 2
"""A field of 0 to 127: the number, and its length."""


@dataclass(frozen=True, slots=True)
class Server:
    """A kind of server.

    Attributes:
        title: Which was measured.
        allocator: Whose sizes its memory is counted in.
        key_bytes: Of a key with a hash, besides the listpack; measured by a million users.
        expiry_bytes: What an expiry adds.
    """

    title: str
    allocator: Literal["libc", "jemalloc"]
    key_bytes: float
    expiry_bytes: float


SERVERS = {
    "valkey": Server("Valkey 9.1, libc", "libc", 63.0, 17.0),
    "redis": Server("Redis 7.0 of Debian, jemalloc", "jemalloc", 73.0, 41.0),
}


def bucket_bytes(server: Server, users: int, field_bytes: int | None, value_bytes: int, expires: bool) -> float:
    """Returns the bytes of a bucket.

    Args:
        server: Which kind.
        users: In it.
        field_bytes: Of a user's id as text; None where a field is a small number.
        value_bytes: Of a user's value.
        expires: Whether it does.
    """
    field = _SMALL_NUMBER if field_bytes is None else _entry(field_bytes)
    listpack = _FRAME + users * (field + _entry(value_bytes))
    return _allocated(server, listpack) + server.key_bytes + (server.expiry_bytes if expires else 0.0)


def _entry(size: int) -> int:
    """A text in a listpack."""
    head = 1 if size < 64 else 2 if size < 4096 else 5
    length = 1 if head + size < 128 else 2 if head + size < 16384 else 3
    return head + size + length


def _allocated(server: Server, size: int) -> int:
    """What an allocator hands out for so many bytes."""
    if server.allocator == "libc":
        return max(24, (size + 8 + 15) // 16 * 16 - 8)
    step = 16 if size <= 128 else 1 << (size - 1).bit_length() - 3
    return (size + step - 1) // step * step
