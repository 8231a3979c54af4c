"""The record codec: feature records and lists of ids as bytes, as docs/store-layout.md has them.

A record is a MessagePack array: the schema's id, then the fields' values; nil is missing. NaN is a number and keeps its
bits. Everything comes back as it was written.
"""

import struct
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import repeat
from operator import is_
from types import GenericAlias
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt

from pillion.errors import CorruptRecord, InvalidInput
from pillion.types import Value

Kind = Literal["f64", "f32", "i64", "bool", "str"]
_LONG = 1 << 63
_DTYPES: Mapping[str, Any] = {"f64": np.float64, "f32": np.float32, "i64": np.int64, "bool": np.bool_, "str": object}
_TYPES: Mapping[Kind, Any] = {
    "f64": float | None,
    "f32": float | None,
    "i64": Annotated[int, msgspec.Meta(ge=-_LONG, le=_LONG - 1)] | None,
    "bool": bool | None,
    "str": str | None,
}
_PLAIN: Mapping[Kind, type] = {"f64": float, "i64": int, "bool": bool, "str": str}
"""Python's type of each kind whose values the encoder takes as they are; it has no float32."""
_FLOAT32 = struct.Struct(">Bf")
_FLOAT32_MARK = 0xCA
_ARRAY32 = struct.Struct(">BI")
_ARRAY32_MARK = 0xDD
_TOGETHER = 4096
"""Records decoded at once: their values are objects before they are arrays."""
_encode = msgspec.msgpack.Encoder().encode
UINT24 = 3
INT32 = 4
INT64 = 8


@dataclass(frozen=True, slots=True)
class Schema:
    """The names and kinds of a record's fields, in the order in which they are packed.

    Attributes:
        fields: Name and kind of each.
        id: CRC-32 of the names and kinds; the first value of each record.
        names: The fields' names.
    """

    fields: tuple[tuple[str, Kind], ...]
    id: int = field(init=False)
    names: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _head: bytes = field(init=False, repr=False, compare=False)
    _plain: tuple[type | None, ...] = field(init=False, repr=False, compare=False)
    _whole: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _one: "msgspec.msgpack.Decoder[tuple[Any, ...]]" = field(init=False, repr=False, compare=False)
    _many: "msgspec.msgpack.Decoder[list[tuple[Any, ...]]]" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = tuple(name for name, _ in self.fields)
        if len(set(names)) != len(names):
            raise InvalidInput("a schema has a field twice")
        text = "\n".join(f"{name}:{kind}" for name, kind in self.fields)
        put = object.__setattr__
        put(self, "id", zlib.crc32(text.encode()))
        put(self, "names", names)
        nothing = _encode((self.id, *repeat(None, len(names))))
        put(self, "_head", nothing[: len(nothing) - len(names)])
        put(self, "_plain", tuple(_PLAIN.get(kind) for _, kind in self.fields))
        put(self, "_whole", tuple(at for at, (_, kind) in enumerate(self.fields) if kind == "i64"))
        record: Any = GenericAlias(tuple, (int, *(_TYPES[kind] for _, kind in self.fields)))
        put(self, "_one", msgspec.msgpack.Decoder(record))
        put(self, "_many", msgspec.msgpack.Decoder(GenericAlias(list, (record,))))

    def __reduce__(self) -> tuple[Any, ...]:
        """A schema is pickled as its fields; decoders are not."""
        return Schema, (self.fields,)

    @property
    def least_size(self) -> int:
        """Bytes of a record that lacks no number, where its whole numbers and texts are the shortest."""
        sizes = {"f64": 9, "f32": 5}
        return len(self._head) + sum(sizes.get(kind, 1) for _, kind in self.fields)

    def pack(self, values: Sequence[Value]) -> bytes:
        """Returns the record of one value per field.

        Raises:
            InvalidInput: A value is not exactly one of its field's kind.
        """
        cells: Sequence[Any] = values
        if tuple(map(type, cells)) != self._plain or not all(-_LONG <= cells[at] < _LONG for at in self._whole):
            cells = [
                each if each is None or (type(each) is plain and plain is not int) else _exact(name, kind, each)
                for (name, kind), plain, each in zip(self.fields, self._plain, cells, strict=True)
            ]
        try:
            return _encode((self.id, *cells))
        except UnicodeEncodeError as error:
            name = next(name for name, text in zip(self.names, cells, strict=True) if text is error.object)
            raise InvalidInput(f"the field '{name}' is not valid text", name) from error

    def unpack(self, record: bytes) -> dict[str, Value]:
        """Returns the values by name; every field is there.

        Raises:
            CorruptRecord: The record is of another schema, cut short or too long, or has a value of another kind.
        """
        self._check(record)
        try:
            _, *values = self._one.decode(record)
        except msgspec.DecodeError as error:
            raise CorruptRecord(f"a record cannot be read: {error}") from error
        return dict(zip(self.names, values, strict=True))

    def unpack_columns(self, records: Sequence[bytes]) -> dict[str, tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]]:
        """Returns the values of many records by field.

        Returns:
            Per field its values, shape (n,), float64, float32, int64, bool or object, zero or empty where one is
            missing, and a mask, bool, shape (n,), that is true there.

        Raises:
            CorruptRecord: A record is of another schema, cut short or too long, or has a value of another kind.
        """
        count = len(records)
        columns = {
            name: (np.zeros(count, dtype=_DTYPES[kind]), np.zeros(count, dtype=np.bool_)) for name, kind in self.fields
        }
        for start in range(0, count, _TOGETHER):
            part = records[start : start + _TOGETHER]
            for record in part:
                self._check(record)
            try:
                rows = self._many.decode(b"".join((_ARRAY32.pack(_ARRAY32_MARK, len(part)), *part)))
            except msgspec.DecodeError as error:
                raise CorruptRecord(f"a record cannot be read: {error}") from error
            _, *cells = zip(*rows, strict=True)
            for (values, mask), column in zip(columns.values(), cells, strict=True):
                _put(column, values[start : start + len(part)], mask[start : start + len(part)])
        return columns

    def _check(self, record: bytes) -> None:
        if not record.startswith(self._head):
            raise CorruptRecord("a record is of another schema than its version's")


def _put(cells: Sequence[Any], values: npt.NDArray[Any], mask: npt.NDArray[np.bool_]) -> None:
    """Puts a column's values into an array, and into a mask which are missing."""
    if values.dtype.kind == "f":
        values[:] = cells  # None becomes NaN
        if not np.isnan(values).any():
            return
    mask[:] = np.fromiter(map(is_, cells, repeat(None)), dtype=np.bool_, count=len(cells))
    if values.dtype.kind == "f":
        values[mask] = 0.0
    elif mask.any():
        nothing: Any = "" if values.dtype.kind == "O" else 0
        values[:] = [nothing if cell is None else cell for cell in cells]
    else:
        values[:] = cells


def _exact(name: str, kind: Kind, value: Any) -> Any:
    """A value that is there, as the encoder takes it."""
    if kind == "str":
        if isinstance(value, str):
            return str(value)
        raise InvalidInput(f"the field '{name}' is a string, not {value!r}", name)
    if kind == "bool":
        if isinstance(value, bool | np.bool_):
            return bool(value)
    elif kind == "i64":
        if isinstance(value, int | np.integer) and not isinstance(value, bool) and -_LONG <= value < _LONG:
            return int(value)
    elif isinstance(value, float | int | np.floating | np.integer) and not isinstance(value, bool):
        with suppress(OverflowError):
            packed = _FLOAT32.pack(_FLOAT32_MARK, value) if kind == "f32" else None
            number = float(value) if packed is None else _FLOAT32.unpack(packed)[1]
            if number == value or number != number:
                return number if packed is None else msgspec.Raw(packed)
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
        if kind not in _DTYPES:
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
