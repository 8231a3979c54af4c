"""A tensor's values, one by one: which of Python's values are exact values of a field's type."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from pillion.errors import InvalidInput
from pillion.types import FieldType

DATATYPES: Mapping[FieldType, str] = {
    "string": "BYTES",
    "integer": "INT64",
    "float": "FP32",
    "double": "FP64",
    "boolean": "BOOL",
}
_DTYPES: Mapping[FieldType, str] = {"double": "f8", "float": "f4", "integer": "i8", "boolean": "?"}
_KINDS: Mapping[FieldType, str] = {
    "string": "",
    "integer": "i",
    "float": "fi",
    "double": "fi",
    "boolean": "b",
}
NON_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_EXACT_WHOLE = 1 << 53


def plain(type_: FieldType, array: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any] | None":
    """Returns the array in its tensor's own dtype, where that changes no value; else None."""
    if array.dtype.kind not in _KINDS[type_]:
        return None
    if array.dtype == _DTYPES[type_]:
        return np.ascontiguousarray(array)
    with np.errstate(over="ignore"):
        cast = np.ascontiguousarray(array.astype(_DTYPES[type_]))
    same = cast.astype(array.dtype) == array
    if array.dtype.kind == "f":
        same |= np.isnan(array)
    return cast if bool(same.all()) else None


def cell(name: str, type_: FieldType, row: int, value: Any) -> Any:
    """Returns a value as JSON spells it: non-finite numbers as text.

    Raises:
        InvalidInput: It is not of the type; names field and row.
    """
    if value is None or (type(value) is float and type_ == "double" and math.isfinite(value)):
        return value
    if type_ in ("double", "float"):
        if isinstance(value, float | int | np.number) and not isinstance(value, bool):
            number = float(value)
            if number != number:
                return "NaN"
            if number in (float("inf"), float("-inf")):
                return "Infinity" if number > 0 else "-Infinity"
            exact = float(np.float32(number)) == number if type_ == "float" else True
            if exact and (isinstance(value, float | np.floating) or abs(int(value)) <= _EXACT_WHOLE):
                return number
    elif type_ == "integer":
        if isinstance(value, int | np.integer) and not isinstance(value, bool):
            return int(value)
    elif type_ == "boolean":
        if isinstance(value, bool | np.bool_):
            return bool(value)
    elif isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise InvalidInput(f"the input '{name}', row {row}: not valid Unicode text", name) from error
        return value
    raise InvalidInput(f"the input '{name}', row {row}: {value!r} is not of type {type_}", name)
