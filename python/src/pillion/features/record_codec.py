"""The record codec: feature records and lists of ids as bytes.

A record, little-endian:

```
uint32 schema id | missing bits, lowest first | fixed fields | for each string: uint16 length, UTF-8
```

A missing field is a set bit and zeros; NaN is a number and keeps its bits. Everything comes back as it was
written.
"""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from pillion.errors import CorruptRecord, InvalidInput
from pillion.types import Value

Kind = Literal["f64", "f32", "i64", "bool", "str"]
_FORMATS = {"f64": "d", "f32": "f", "i64": "q", "bool": "?"}
_DTYPES = {"f64": "<f8", "f32": "<f4", "i64": "<i8", "bool": "?"}
_LONGEST = 0xFFFF
UINT24 = 3
INT32 = 4
INT64 = 8


@dataclass(frozen=True, slots=True)
class Schema:
    """The names and kinds of a record's fields, in the order in which they are packed.

    Attributes:
        fields: Name and kind of each.
        id: CRC-32 of the names and kinds; the first four bytes of each record.
    """

    fields: tuple[tuple[str, Kind], ...]
    id: int = field(init=False)
    _fixed: struct.Struct = field(init=False, repr=False, compare=False)
    _fixed_at: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _text_at: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = [name for name, _ in self.fields]
        if len(set(names)) != len(names):
            raise InvalidInput("a schema has a field twice")
        text = "\n".join(f"{name}:{kind}" for name, kind in self.fields)
        fixed = [i for i, (_, kind) in enumerate(self.fields) if kind != "str"]
        layout = "".join(_FORMATS[self.fields[i][1]] for i in fixed)
        put = object.__setattr__
        put(self, "id", zlib.crc32(text.encode()))
        put(self, "_fixed", struct.Struct(f"<I{self._bytes_of_bits}s{layout}"))
        put(self, "_fixed_at", tuple(fixed))
        put(self, "_text_at", tuple(i for i, (_, kind) in enumerate(self.fields) if kind == "str"))

    @property
    def _bytes_of_bits(self) -> int:
        return (len(self.fields) + 7) // 8

    @property
    def names(self) -> tuple[str, ...]:
        """The fields' names."""
        return tuple(name for name, _ in self.fields)

    def pack(self, values: Sequence[Value]) -> bytes:
        """Returns the record of one value per field.

        Raises:
            InvalidInput: A value is not exactly one of its field's kind.
        """
        bits = 0
        fixed: list[Any] = []
        texts: list[bytes] = []
        for position, ((name, kind), value) in enumerate(zip(self.fields, values, strict=True)):
            if value is None:
                bits |= 1 << position
                if kind == "str":
                    texts.append(b"\0\0")
                else:
                    fixed.append(0)
            elif kind == "str":
                texts.append(_text(name, value))
            else:
                fixed.append(_exact(name, kind, value))
        head = bits.to_bytes(self._bytes_of_bits, "little")
        return self._fixed.pack(self.id, head, *fixed) + b"".join(texts)

    def unpack(self, record: bytes) -> dict[str, Value]:
        """Returns the values by name; every field is there.

        Raises:
            CorruptRecord: The record is of another schema, or cut short, or too long.
        """
        self._check(record)
        _, head, *fixed = self._fixed.unpack_from(record)
        bits = int.from_bytes(head, "little")
        values: list[Value] = [None] * len(self.fields)
        for position, value in zip(self._fixed_at, fixed, strict=True):
            values[position] = value
        for position, value in zip(self._text_at, self._texts(record), strict=True):
            values[position] = value
        for position in range(len(values)) if bits else ():
            if bits >> position & 1:
                values[position] = None
        return dict(zip(self.names, values, strict=True))

    def unpack_columns(self, records: Sequence[bytes]) -> dict[str, tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]]:
        """Returns the values of many records by field.

        Returns:
            Per field its values, shape (n,), float64, float32, int64, bool or object, and a mask, bool, shape
            (n,), that is true where a value is missing.

        Raises:
            CorruptRecord: A record is of another schema, or cut short, or too long.
        """
        for record in records:
            self._check(record)
        if not records:
            dtypes: dict[str, Any] = {**_DTYPES, "str": object}
            nothing = np.zeros(0, dtype=bool)
            return {name: (np.zeros(0, dtype=dtypes[kind]), nothing) for name, kind in self.fields}
        size = self._fixed.size
        kinds = [(f"f{i}", _DTYPES[self.fields[i][1]]) for i in self._fixed_at]
        dtype = np.dtype([("id", "<u4"), ("bits", "u1", (self._bytes_of_bits,)), *kinds])
        table = np.frombuffer(b"".join(record[:size] for record in records), dtype=dtype)
        bits = np.unpackbits(table["bits"].reshape(len(records), -1), axis=1, bitorder="little").astype(bool)
        texts = [self._texts(record) for record in records] if self._text_at else []
        columns: dict[str, tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]] = {}
        for position, (name, kind) in enumerate(self.fields):
            if kind == "str":
                values = np.empty(len(records), dtype=object)
                values[:] = [row[self._text_at.index(position)] for row in texts]
            else:
                values = np.ascontiguousarray(table[f"f{position}"])
            columns[name] = values, bits[:, position].copy()
        return columns

    def _check(self, record: bytes) -> None:
        if len(record) < self._fixed.size:
            raise CorruptRecord(f"a record has {len(record)} bytes, but {self._fixed.size} are the least")
        if int.from_bytes(record[:4], "little") != self.id:
            raise CorruptRecord("a record is of another schema than its version's")
        if not self._text_at and len(record) != self._fixed.size:
            raise CorruptRecord(f"a record has {len(record)} bytes, but {self._fixed.size} are expected")

    def _texts(self, record: bytes) -> list[str]:
        at = self._fixed.size
        texts = []
        try:
            for _ in self._text_at:
                (length,) = struct.unpack_from("<H", record, at)
                if at + 2 + length > len(record):
                    raise CorruptRecord("a record ends within a string")
                texts.append(record[at + 2 : at + 2 + length].decode())
                at += 2 + length
        except (struct.error, UnicodeDecodeError) as error:
            raise CorruptRecord("a record has a string that cannot be read") from error
        if at != len(record):
            raise CorruptRecord("a record goes on after its last string")
        return texts


def _text(name: str, value: Value) -> bytes:
    if not isinstance(value, str):
        raise InvalidInput(f"the field '{name}' is a string, not {value!r}", name)
    try:
        encoded = value.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(f"the field '{name}' is not valid text", name) from error
    if len(encoded) > _LONGEST:
        raise InvalidInput(f"the field '{name}' has {len(encoded)} bytes, but {_LONGEST} are the most", name)
    return struct.pack("<H", len(encoded)) + encoded


def _exact(name: str, kind: Kind, value: Any) -> float | int | bool:
    if kind == "bool":
        if isinstance(value, bool | np.bool_):
            return bool(value)
    elif kind == "i64":
        if isinstance(value, int | np.integer) and not isinstance(value, bool) and -(1 << 63) <= value < 1 << 63:
            return int(value)
    elif isinstance(value, float | int | np.floating | np.integer) and not isinstance(value, bool):
        number = float(value)
        rounded = float(np.float32(number)) if kind == "f32" else number
        if rounded == value or number != number:
            return number
    raise InvalidInput(f"the field '{name}' of kind {kind} cannot hold {value!r} exactly", name)


def schema_to_json(schema: Schema) -> list[list[str]]:
    """Returns the schema as JSON values."""
    return [[name, kind] for name, kind in schema.fields]


def schema_from_json(raw: object) -> Schema:
    """Returns the schema of JSON values.

    Raises:
        CorruptRecord: They are not a schema.
    """
    try:
        fields = tuple((str(name), kind) for name, kind in raw)  # type: ignore[attr-defined]
    except (TypeError, ValueError) as error:
        raise CorruptRecord("a schema in the store cannot be read") from error
    for name, kind in fields:
        if kind != "str" and kind not in _FORMATS:
            raise CorruptRecord(f"a schema in the store has a field '{name}' of unknown kind '{kind}'")
    return Schema(fields)


def id_width(largest: int) -> int:
    """Returns the bytes that an item id takes: 3 up to 16.7 million, 4 up to 4.2 thousand million, else 8."""
    return UINT24 if largest < 1 << 24 else INT32 if largest < 1 << 32 else INT64


def pack_ids(ids: Sequence[int] | npt.NDArray[np.int64], width: int) -> bytes:
    """Returns the ids, little-endian, `width` bytes each (1 to 8).

    Raises:
        InvalidInput: An id is negative or does not fit.
    """
    array = np.asarray(ids, dtype="<i8").reshape(-1)
    if len(array) and (array.min() < 0 or (width < 8 and int(array.max()) >> (8 * width))):
        raise InvalidInput(f"an id is negative or takes more than {width} bytes")
    return array.view("u1").reshape(-1, 8)[:, :width].tobytes()


def unpack_ids(packed: bytes, width: int) -> npt.NDArray[np.int64]:
    """Returns the ids, int64, shape (n,).

    Raises:
        CorruptRecord: The length is not a multiple of the width.
    """
    if len(packed) % width:
        raise CorruptRecord(f"a list of ids has {len(packed)} bytes, which {width} does not divide")
    wide = np.zeros((len(packed) // width, 8), dtype="u1")
    wide[:, :width] = np.frombuffer(packed, dtype="u1").reshape(-1, width)
    return wide.reshape(-1).view("<i8").astype(np.int64, copy=False)


def pack_counts(counts: Mapping[int, int] | Sequence[tuple[int, int]]) -> bytes:
    """Returns items with their counts, in the order given: 8 bytes an id, then 8 bytes a count."""
    pairs = list(counts.items() if isinstance(counts, Mapping) else counts)
    return pack_ids([item for item, _ in pairs], 8) + pack_ids([count for _, count in pairs], 8)


def unpack_counts(packed: bytes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Returns the items and their counts, int64, shape (n,) each.

    Raises:
        CorruptRecord: The length does not fit.
    """
    if len(packed) % 16:
        raise CorruptRecord(f"a popularity list has {len(packed)} bytes, which 16 does not divide")
    half = len(packed) // 2
    return unpack_ids(packed[:half], 8), unpack_ids(packed[half:], 8)
