"""The JSON of the Open Inference Protocol V2: score requests out, scores in.

Source: Open Inference Protocol, "inference_rest" (kserve/open-inference-protocol). It has no missing value
    and no
non-finite number; here `null` in a tensor's data is a missing value, and "NaN", "Infinity" and "-Infinity"
are strings in FP64 and FP32 data.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from pillion.errors import InvalidInput, SidecarError
from pillion.scoring.scorer import RowError, ScoreRequest, Scores
from pillion.types import FieldType, Repeated, Value

_DATATYPES: Mapping[FieldType, str] = {
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
_NON_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_EXACT_WHOLE = 1 << 53


def encode(request: ScoreRequest) -> bytes:
    """Returns the body of a POST to `/v2/models/<model>/infer`.

    Raises:
        InvalidInput: A column is absent or too short, or a value is not of its input's type; names field and
            row.
    """
    tensors: list[bytes] = []
    for name, type_ in request.types.items():
        column = request.columns.get(name)
        if column is None or len(column) != request.rows:
            raise InvalidInput(f"the input '{name}' does not have {request.rows} values", name)
        head = {"name": name, "datatype": _DATATYPES[type_], "shape": [request.rows]}
        tensors.append(orjson.dumps(head)[:-1] + b',"data":' + _data(name, type_, column) + b"}")
    outputs = orjson.dumps([{"name": name} for name in request.outputs])
    identity = orjson.dumps(request.request_id)
    return b"".join(
        [
            b'{"id":' + identity if request.request_id else b"{",
            b"," if request.request_id else b"",
            b'"parameters":{"on_row_error":"null"},"inputs":[',
            b",".join(tensors),
            b'],"outputs":' + outputs + b"}" if request.outputs else b"]}",
        ]
    )


def _data(name: str, type_: FieldType, column: Sequence[Any]) -> bytes:
    if isinstance(column, Repeated):
        one = orjson.dumps(_cell(name, type_, 0, column.value))
        return b"[" + (one + b",") * (column.rows - 1) + one + b"]" if column.rows else b"[]"
    if isinstance(column, np.ndarray):
        if (array := _plain(type_, column)) is not None:
            return orjson.dumps(array, option=orjson.OPT_SERIALIZE_NUMPY)
        column = column.tolist()
    elif type_ == "double" and _all_plain(column):
        return orjson.dumps(column)
    return orjson.dumps([_cell(name, type_, row, value) for row, value in enumerate(column)])


def _plain(type_: FieldType, array: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any] | None":
    """The array in its tensor's own dtype, where that changes no value and JSON has a literal for each."""
    if array.dtype.kind not in _KINDS[type_]:
        return None
    cast = np.ascontiguousarray(array.astype(_DTYPES[type_], copy=False))
    if type_ in ("double", "float") and not np.isfinite(cast).all():
        return None
    kept = cast.dtype == array.dtype or bool((cast.astype(array.dtype) == array).all())
    return cast if kept else None


def _all_plain(column: Sequence[Any]) -> bool:
    """Whether a column is a list of nothing but floats that JSON has literals for, and None."""
    if not isinstance(column, list) or not set(map(type, column)) <= {float, type(None)}:
        return False
    numbers = np.array(column, dtype=np.float64)
    return int(np.count_nonzero(~np.isfinite(numbers))) == column.count(None)


def _cell(name: str, type_: FieldType, row: int, value: Any) -> Value:
    if value is None:
        return None
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


def decode(body: bytes, request: ScoreRequest) -> Scores:
    """Reads the reply to a request.

    Raises:
        SidecarError: It is not a reply to this request.
    """
    try:
        reply = orjson.loads(body)
        columns = {tensor["name"]: _values(tensor) for tensor in reply["outputs"]}
        parameters = reply.get("parameters") or {}
        errors = orjson.loads(parameters.get("row_errors") or "[]")
        row_errors = tuple(
            RowError(int(e["row"]), str(e.get("field")), str(e.get("value")), str(e.get("message"))) for e in errors
        )
        version = reply.get("model_version")
        engine = parameters.get("engine")
        answered = reply.get("id", request.request_id)
        scores = Scores(columns, row_errors, None if version is None else int(version), engine)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SidecarError("the sidecar's reply is not one of the V2 protocol") from error
    if request.request_id and answered != request.request_id:
        raise SidecarError("the sidecar's reply belongs to another request")
    for name in request.outputs or columns:
        if name not in columns:
            raise SidecarError(f"the sidecar's reply lacks the output '{name}'")
        if len(columns[name]) != request.rows:
            raise SidecarError(f"the output '{name}' has {len(columns[name])} values for {request.rows} rows")
    return scores


def _values(tensor: Mapping[str, Any]) -> list[Value]:
    data: list[Value] = tensor["data"]
    if not isinstance(data, list):
        raise TypeError("data is not a list")
    if tensor["datatype"] in ("FP64", "FP32"):
        return [_number(value) if isinstance(value, str) else value for value in data]
    return data


def _number(text: str) -> float:
    return _NON_FINITE[text]
