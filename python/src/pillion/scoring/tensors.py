"""Columns as a tensor's little-endian bytes, and back; shared by binary tensors over HTTP and by gRPC.

Source: Triton, "Binary Tensor Data Extension". It has no missing value; here the tensor parameter `missing_rows` names
the rows without one, as in `0,3,7-9`, and `context` says that a tensor's one value counts for every row.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import is_
from typing import Any

import numpy as np
import numpy.typing as npt

from pillion.errors import InvalidInput
from pillion.scoring.cells import DATATYPES, NON_FINITE, cell, plain
from pillion.scoring.scorer import ScoreRequest
from pillion.types import FieldType, Repeated, Value

_DTYPES: Mapping[FieldType, str] = {"double": "<f8", "float": "<f4", "integer": "<i8", "boolean": "?"}
_TYPES: Mapping[FieldType, type] = {"double": float, "float": float, "integer": int, "boolean": bool}
_READ = {
    "FP64": "<f8", "FP32": "<f4", "BOOL": "?", "INT64": "<i8", "INT32": "<i4", "INT16": "<i2", "INT8": "<i1",
    "UINT64": "<u8", "UINT32": "<u4", "UINT16": "<u2", "UINT8": "<u1",
}  # fmt: skip
_LENGTH = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input as it travels.

    Attributes:
        name: The field's.
        datatype: Of V2.
        rows: Values that it has; 1 where it is of the context.
        context: Whether its one value counts for every row.
        missing: Which rows have none, as `missing_rows` spells it; None for no row.
        data: The values: bytes of numbers, or text with None for a missing one.
    """

    name: str
    datatype: str
    rows: int
    context: bool
    missing: str | None
    data: bytes | Sequence[str | None]


def tensors(request: ScoreRequest) -> list[Tensor]:
    """Returns a request's inputs.

    Raises:
        InvalidInput: A column is absent or too short, or a value is not of its input's type; names field and row.
    """
    made = []
    whole = any(not isinstance(request.columns.get(name), Repeated) for name in request.types)
    for name, type_ in request.types.items():
        column = request.columns.get(name)
        if column is None or len(column) != request.rows:
            raise InvalidInput(f"the input '{name}' does not have {request.rows} values", name)
        context = isinstance(column, Repeated) and (whole or request.rows == 1)
        if isinstance(column, Repeated):
            column = [column.value] * (1 if context else request.rows)
        # One column has to say how many rows there are.
        whole = True
        made.append(column_tensor(name, type_, column, context))
    return made


def column_tensor(name: str, type_: FieldType, column: Sequence[Any], context: bool = False) -> Tensor:
    """Returns a column as it travels.

    Args:
        name: The input's.
        type_: The input's.
        column: Its values; None is missing.
        context: Whether its one value counts for every row.

    Raises:
        InvalidInput: A value is not of the type; names field and row.
    """
    rows = len(column)
    if type_ == "string":
        if set(map(type, column)) <= {str, type(None)}:
            data = column if isinstance(column, list) else list(column)
        else:
            data = [cell(name, type_, row, value) for row, value in enumerate(column)]
        return Tensor(name, DATATYPES[type_], rows, context, None, data)
    array, missing = _numbers(name, type_, column)
    return Tensor(name, DATATYPES[type_], rows, context, missing, array.tobytes())


def _numbers(name: str, type_: FieldType, column: Sequence[Any]) -> tuple[npt.NDArray[Any], str | None]:
    if isinstance(column, np.ndarray):
        if (array := plain(type_, column)) is not None:
            return array.astype(_DTYPES[type_], copy=False), None
        column = column.tolist()
    kinds = set(map(type, column))
    if not kinds <= {_TYPES[type_], type(None)} or type_ == "float":
        column = [_number(cell(name, type_, row, value)) for row, value in enumerate(column)]
    none = type(None) in kinds
    mask = np.fromiter(map(is_, column, repeat(None)), dtype=bool, count=len(column)) if none else None
    if none and type_ in ("integer", "boolean"):
        column = [0 if value is None else value for value in column]
    try:
        array = np.array(column, dtype=_DTYPES[type_])
    except OverflowError as error:
        raise InvalidInput(f"the input '{name}' has a whole number that needs more than 64 bits", name) from error
    return array, None if mask is None else rows_text(mask)


def _number(value: Value) -> Value:
    return NON_FINITE[value] if isinstance(value, str) else value


def rows_text(mask: npt.NDArray[np.bool_]) -> str | None:
    """Returns the marked rows as `0,3,7-9`, or None where there is none."""
    rows = np.flatnonzero(mask)
    if not rows.size:
        return None
    breaks = np.flatnonzero(np.diff(rows) != 1)
    starts = rows[np.concatenate(([0], breaks + 1))].tolist()
    ends = rows[np.concatenate((breaks, [-1]))].tolist()
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in zip(starts, ends, strict=True))


def _rows_mask(text: str, rows: int) -> npt.NDArray[np.bool_]:
    """Returns the mask of the rows that a `missing_rows` names.

    Raises:
        ValueError: It is no such list.
    """
    mask = np.zeros(rows, dtype=bool)
    for part in text.split(","):
        first, _, last = part.partition("-")
        start, end = int(first), int(last or first)
        if not 0 <= start <= end < rows:
            raise ValueError(f"{part} is not among {rows} rows")
        mask[start : end + 1] = True
    return mask


def read(datatype: str, rows: int, data: bytes | memoryview, missing: str | None) -> Sequence[Any]:
    """Returns a tensor's values: an array in which nothing is missing, or a list in which None is.

    Raises:
        ValueError: The bytes are not so many values of the datatype.
    """
    values = _texts(bytes(data), rows) if datatype == "BYTES" else np.frombuffer(data, dtype=_READ[datatype])
    return complete(values, rows, missing)


def complete(values: list[Any] | npt.NDArray[Any], rows: int, missing: str | None) -> Sequence[Any]:
    """Returns an output's values with None in the rows that `missing` names; an array where it names none.

    Raises:
        ValueError: There are more or fewer than `rows`, or `missing` is no list of rows.
    """
    if len(values) != rows:
        raise ValueError(f"{len(values)} values for {rows} rows")
    if missing is None:
        return values  # type: ignore[return-value]
    listed = values if isinstance(values, list) else values.tolist()
    for row in np.flatnonzero(_rows_mask(missing, rows)).tolist():
        listed[row] = None
    return listed


def _texts(data: bytes, rows: int) -> list[str]:
    texts = []
    at = 0
    for _ in range(rows):
        (length,) = _LENGTH.unpack_from(data, at)
        at += _LENGTH.size
        if at + length > len(data):
            raise ValueError("the text is cut off")
        texts.append(data[at : at + length].decode())
        at += length
    if at != len(data):
        raise ValueError("bytes are left over")
    return texts


def packed_texts(texts: Sequence[str | None]) -> tuple[bytes, str | None]:
    """Returns texts as a BYTES tensor's bytes, and which of them are missing."""
    encoded = [b"" if text is None else text.encode() for text in texts]
    mask = np.fromiter(map(is_, texts, repeat(None)), dtype=bool, count=len(encoded))
    return b"".join([_LENGTH.pack(len(text)) + text for text in encoded]), rows_text(mask)
