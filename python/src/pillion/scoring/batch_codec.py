"""The batch codec: a columnar batch as bytes, which cross from Python into a JVM in one call (JPype, py4j).

Little endian. Request: int32 rows, int32 columns; per column int32 length and UTF-8 name, one byte type code, `rows`
bytes of missing flags, then the values: fixed width, or for strings int32 length and UTF-8 each. Reply: the same, then
int32 count of row errors, each int32 row and three strings: field, value, message. Mirrors
`org.pillion.scoring.BatchCodec`.
"""

import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pillion.errors import InvalidInput
from pillion.scoring.row_error import RowError
from pillion.scoring.scorer import Scores
from pillion.types import Value

_NUMPY: dict[str, tuple[int, str]] = {
    "boolean": (1, "u1"),
    "integer": (2, "<i8"),
    "float": (3, "<f4"),
    "double": (4, "<f8"),
}
_ALLOWED: dict[str, set[type]] = {
    "string": {str, type(None)},
    "boolean": {bool, type(None)},
    "integer": {int, type(None)},
    "float": {float, int, type(None)},
    "double": {float, int, type(None)},
}
"""Types of a column's values; NumPy's scalars are taken as they are."""
_STRING = 5
_NAMES = {code: name for name, (code, _) in _NUMPY.items()}


def _text(value: str) -> bytes:
    encoded = value.encode()
    return struct.pack("<i", len(encoded)) + encoded


def encode(columns: Mapping[str, Sequence[Value]], types: Mapping[str, str], rows: int) -> bytes:
    """Packs `columns`, each of `rows` values, by their contract types (`string`, `integer`, `double`, …).

    Raises:
        InvalidInput: a value isn't of its column's type, or a column has another length; names column and row.
    """
    parts = [struct.pack("<ii", rows, len(columns))]
    for name, values in columns.items():
        if len(values) != rows:
            raise InvalidInput(f"{name}: {len(values)} values for {rows} rows", name)
        kind = types[name]
        allowed = _ALLOWED[kind]
        if isinstance(values, np.ndarray) and values.dtype.kind in "fiub" and kind != "string":
            code, dtype = _NUMPY[kind]
            parts.append(_text(name) + bytes([code]) + bytes(rows) + values.astype(dtype).tobytes())
            continue
        missing = np.fromiter((v is None for v in values), np.uint8, rows)
        parts.append(_text(name))
        if not all(type(v) in allowed or isinstance(v, np.generic) for v in values):
            row = next(i for i, v in enumerate(values) if type(v) not in allowed and not isinstance(v, np.generic))
            raise _unfit(name, row, values[row], kind)
        if kind == "string":
            parts.append(bytes([_STRING]) + missing.tobytes())
            parts.extend(_text("" if v is None else str(v)) for v in values)
            continue
        code, dtype = _NUMPY[kind]
        try:
            data = np.array([0 if v is None else v for v in values], dtype=dtype)
        except OverflowError:
            row = next(i for i, v in enumerate(values) if v is not None and not -(2**63) <= int(v) < 2**63)
            raise _unfit(name, row, values[row], kind) from None
        parts.append(bytes([code]) + missing.tobytes() + data.tobytes())
    return b"".join(parts)


def _unfit(name: str, row: int, value: object, kind: str) -> InvalidInput:
    return InvalidInput(f"{name}, row {row}: {value!r} is not of type {kind}", name)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        chunk = self._data[self._at : self._at + count]
        if len(chunk) != count:
            raise InvalidInput(f"packed batch ends at byte {len(self._data)}, {count} more were expected")
        self._at += count
        return chunk

    def int32(self) -> int:
        return int(struct.unpack("<i", self.take(4))[0])

    def text(self) -> str:
        return self.take(self.int32()).decode()


def decode(data: bytes) -> Scores:
    """Unpacks a reply; the columns are lists.

    Raises:
        InvalidInput: It is cut short.
    """
    reader = _Reader(data)
    rows, count = reader.int32(), reader.int32()
    columns: dict[str, list[Any]] = {}
    for _ in range(count):
        name = reader.text()
        code = reader.take(1)[0]
        missing = np.frombuffer(reader.take(rows), np.uint8)
        if code == _STRING:
            values: list[Any] = [reader.text() for _ in range(rows)]
        else:
            kind = _NAMES[code]
            dtype = np.dtype(_NUMPY[kind][1])
            array = np.frombuffer(reader.take(rows * dtype.itemsize), dtype)
            values = (array.astype(bool) if kind == "boolean" else array).tolist()
        for row in np.flatnonzero(missing):
            values[row] = None
        columns[name] = values
    errors = tuple(RowError(reader.int32(), reader.text(), reader.text(), reader.text()) for _ in range(reader.int32()))
    return Scores(columns, errors)
