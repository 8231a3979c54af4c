"""The wire format of protobuf, as far as unary calls to the sidecar need it.

Source: "Protocol Buffers: Encoding". A message is a row of fields, each a number, a wire type and a value.
"""

from collections.abc import Iterable, Iterator
from struct import unpack_from

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
_WORD = (1 << 64) - 1
_SIGN = 1 << 63
_LONGEST_VARINT = 10


def varint(number: int) -> bytes:
    """Returns a whole number of at most 64 bits; a negative one is its two's complement."""
    number &= _WORD
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number: int, value: bytes) -> bytes:
    """Returns a field of bytes, text or a message; an empty one as well, since it counts where it is repeated."""
    return b"".join((varint(number << 3 | LENGTH), varint(len(value)), value))


def text(number: int, value: str) -> bytes:
    """Returns a field of text; nothing where that is its default, no text."""
    return field(number, value.encode()) if value else b""


def fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yields the number and value of each field: a whole number, or the bytes of whatever has a length.

    Raises:
        ValueError: It is no message.
    """
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == VARINT:
            number, at = _varint(message, at)
            yield tag >> 3, number
            continue
        if kind in (FIXED64, FIXED32):
            size = 8 if kind == FIXED64 else 4
        elif kind == LENGTH:
            size, at = _varint(message, at)
        else:
            raise ValueError(f"the message has a field of the wire type {kind}")
        if at + size > len(message):
            raise ValueError("the message is cut off")
        if kind == LENGTH:
            yield tag >> 3, message[at : at + size]
        else:
            yield tag >> 3, unpack_from("<Q" if size == 8 else "<I", message, at)[0]
        at += size


def packed(message: memoryview) -> Iterable[int]:
    """Yields the signed whole numbers of a packed field.

    Raises:
        ValueError: It is no such field.
    """
    at = 0
    while at < len(message):
        number, at = _varint(message, at)
        yield number - (_SIGN << 1) if number & _SIGN else number


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    number = 0
    for place in range(_LONGEST_VARINT):
        if at + place >= len(message):
            raise ValueError("the message is cut off")
        byte = message[at + place]
        number |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return number & _WORD, at + place + 1
    raise ValueError("the message has a whole number of more than 64 bits")
