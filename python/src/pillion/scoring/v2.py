"""The JSON of the Open Inference Protocol V2: score requests out, scores in.

Source: Open Inference Protocol, "inference_rest" (kserve/open-inference-protocol). It has no missing value and no
non-finite number; here `null` in a tensor's data is a missing value, and "NaN", "Infinity" and "-Infinity"
are strings in FP64 and FP32 data.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from pillion.config import UnknownInputs
from pillion.errors import InvalidInput, SidecarError
from pillion.scoring.cells import DATATYPES, NON_FINITE, cell, plain
from pillion.scoring.row_error import RowError
from pillion.scoring.scorer import ScoreRequest, Scores
from pillion.scoring.tensors import read, tensors
from pillion.types import FieldType, Repeated


def request_parameters(unknown_inputs: UnknownInputs) -> dict[str, Any]:
    """Returns the parameters of every request: a row that cannot be scored does not fail the others.

    Args:
        unknown_inputs: What becomes of inputs that the version does not have; it fails them where it is not told.
    """
    return {"on_row_error": "null"} | ({} if unknown_inputs == "fail" else {"unknown_inputs": unknown_inputs})


def encode(request: ScoreRequest, unknown_inputs: UnknownInputs = "fail") -> bytes:
    """Returns the body of a POST to `/v2/models/<model>/infer`.

    Args:
        request: What is asked.
        unknown_inputs: See `request_parameters`.

    Raises:
        InvalidInput: A column is absent or too short, or a value is not of its input's type; names field and
            row.
    """
    tensors: list[bytes] = []
    for name, type_ in request.types.items():
        column = request.columns.get(name)
        if column is None or len(column) != request.rows:
            raise InvalidInput(f"the input '{name}' does not have {request.rows} values", name)
        head = {"name": name, "datatype": DATATYPES[type_], "shape": [request.rows]}
        tensors.append(orjson.dumps(head)[:-1] + b',"data":' + _data(name, type_, column) + b"}")
    return _body(request, request_parameters(unknown_inputs), tensors)


def _body(request: ScoreRequest, parameters: Mapping[str, Any], tensors: Sequence[bytes]) -> bytes:
    outputs = orjson.dumps([{"name": name} for name in request.outputs])
    return b"".join(
        [
            b'{"id":' + orjson.dumps(request.request_id) + b"," if request.request_id else b"{",
            b'"parameters":' + orjson.dumps(parameters) + b',"inputs":[',
            b",".join(tensors),
            b'],"outputs":' + outputs + b"}" if request.outputs else b"]}",
        ]
    )


def encode_binary(request: ScoreRequest, unknown_inputs: UnknownInputs = "fail") -> tuple[bytes, int]:
    """Returns the body of a POST to `/v2/models/<model>/infer` with binary tensors, and how long its JSON is.

    Texts stay in the JSON, which is the faster way for them; a column of one value travels once.

    Args:
        request: What is asked.
        unknown_inputs: See `request_parameters`.

    Raises:
        InvalidInput: A column is absent or too short, or a value is not of its input's type; names field and row.
    """
    heads: list[bytes] = []
    tail: list[bytes] = []
    for tensor in tensors(request):
        head: dict[str, Any] = {"name": tensor.name, "datatype": tensor.datatype, "shape": [tensor.rows]}
        parameters: dict[str, Any] = {"context": True} if tensor.context else {}
        if isinstance(tensor.data, bytes):
            parameters["binary_data_size"] = len(tensor.data)
            tail.append(tensor.data)
        else:
            head["data"] = tensor.data
        if tensor.missing is not None:
            parameters["missing_rows"] = tensor.missing
        if parameters:
            head["parameters"] = parameters
        heads.append(_dumps(head, tensor.name))
    json = _body(request, {**request_parameters(unknown_inputs), "binary_data_output": True}, heads)
    return b"".join([json, *tail]), len(json)


def _dumps(head: Mapping[str, Any], name: str) -> bytes:
    try:
        return orjson.dumps(head)
    except TypeError as error:
        raise InvalidInput(f"the input '{name}' has text that is not valid Unicode", name) from error


def _data(name: str, type_: FieldType, column: Sequence[Any]) -> bytes:
    if isinstance(column, Repeated):
        one = orjson.dumps(cell(name, type_, 0, column.value))
        return b"[" + (one + b",") * (column.rows - 1) + one + b"]" if column.rows else b"[]"
    if isinstance(column, np.ndarray):
        array = plain(type_, column)
        if array is not None and (array.dtype.kind != "f" or np.isfinite(array).all()):
            return orjson.dumps(array, option=orjson.OPT_SERIALIZE_NUMPY)
        column = column.tolist()
    elif type_ == "double" and _all_plain(column):
        return orjson.dumps(column)
    return orjson.dumps([cell(name, type_, row, value) for row, value in enumerate(column)])


def _all_plain(column: Sequence[Any]) -> bool:
    """Whether a column is a list of nothing but floats that JSON has literals for, and None."""
    if not isinstance(column, list) or not set(map(type, column)) <= {float, type(None)}:
        return False
    numbers = np.array(column, dtype=np.float64)
    return int(np.count_nonzero(~np.isfinite(numbers))) == column.count(None)


def decode(body: bytes, request: ScoreRequest, header_length: int | None = None) -> Scores:
    """Reads the reply to a request.

    Args:
        body: JSON, and after it the bytes of binary tensors.
        request: What was asked.
        header_length: How many bytes are JSON; None for all.

    Raises:
        SidecarError: It is not a reply to this request.
    """
    try:
        reply = orjson.loads(body if header_length is None else body[:header_length])
        tail = _Tail(memoryview(body), len(body) if header_length is None else header_length)
        columns = {tensor["name"]: _values(tensor, tail) for tensor in reply["outputs"]}
        tail.require_end()
        parameters = reply.get("parameters") or {}
        version = reply.get("model_version")
        answered = reply.get("id", request.request_id)
        scores = Scores(
            columns, row_errors(parameters), None if version is None else int(version), parameters.get("engine")
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SidecarError("the sidecar's reply is not one of the V2 protocol") from error
    if request.request_id and answered != request.request_id:
        raise SidecarError("the sidecar's reply belongs to another request")
    require_outputs(scores, request)
    return scores


def row_errors(parameters: Mapping[str, Any]) -> tuple[RowError, ...]:
    """Returns the rows that could not be scored, as a reply's parameters tell them."""
    return tuple(
        RowError(int(e["row"]), str(e.get("field")), str(e.get("value")), str(e.get("message")))
        for e in orjson.loads(parameters.get("row_errors") or "[]")
    )


def require_outputs(scores: Scores, request: ScoreRequest) -> None:
    """Checks that every wanted output is there, with a value a row.

    Raises:
        SidecarError: It is not so; names the output.
    """
    columns = scores.columns
    for name in request.outputs or columns:
        if name not in columns:
            raise SidecarError(f"the sidecar's reply lacks the output '{name}'")
        if len(columns[name]) != request.rows:
            raise SidecarError(f"the output '{name}' has {len(columns[name])} values for {request.rows} rows")


class _Tail:
    """The bytes after a reply's JSON, handed out tensor by tensor."""

    def __init__(self, body: memoryview, at: int) -> None:
        self._body = body
        self._at = at

    def take(self, size: int) -> memoryview:
        part = self._body[self._at : self._at + size]
        if size < 0 or len(part) != size:
            raise ValueError("the reply's bytes are cut off")
        self._at += size
        return part

    def require_end(self) -> None:
        if self._at != len(self._body):
            raise ValueError("the reply has bytes that belong to no tensor")


def _values(tensor: Mapping[str, Any], tail: _Tail) -> Sequence[Any]:
    parameters = tensor.get("parameters") or {}
    if "binary_data_size" in parameters:
        rows = int(tensor["shape"][0])
        data = tail.take(int(parameters["binary_data_size"]))
        return read(tensor["datatype"], rows, data, parameters.get("missing_rows"))
    data_list: list[Any] = tensor["data"]
    if not isinstance(data_list, list):
        raise TypeError("data is not a list")
    if tensor["datatype"] in ("FP64", "FP32"):
        return [NON_FINITE[value] if isinstance(value, str) else value for value in data_list]
    return data_list
