"""The messages of the call ModelInfer: score requests out, scores in.

Source: Open Inference Protocol, "inference_grpc". Values travel as raw contents, one run of bytes a tensor, or as typed
contents within each tensor; the reply has the request's form.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from pillion.errors import InvalidInput, SidecarError
from pillion.scoring import protobuf
from pillion.scoring.scorer import ScoreRequest, Scores
from pillion.scoring.tensors import Tensor, packed_texts, read, rows_mask, tensors
from pillion.scoring.v2 import require_outputs, row_errors

ContentsKind = Literal["raw", "typed"]
"""How values travel."""

_CONTENTS = {"BOOL": 1, "INT64": 3, "FP32": 6, "FP64": 7, "BYTES": 8}
"""Numbers of a message's fields that hold typed contents, by datatype."""


def encode(request: ScoreRequest, contents: ContentsKind = "raw") -> bytes:
    """Returns a ModelInferRequest.

    Raises:
        InvalidInput: A column is absent or too short, or a value is not of its input's type; names field and row.
    """
    parts = [protobuf.text(1, request.model), protobuf.text(3, request.request_id)]
    parts.append(_parameter(4, "on_row_error", "null"))
    tail: list[bytes] = []
    for tensor in tensors(request):
        data, missing = _bytes(tensor)
        message = [protobuf.text(1, tensor.name), protobuf.text(2, tensor.datatype)]
        message.append(protobuf.field(3, protobuf.varint(tensor.rows)))
        if missing is not None:
            message.append(_parameter(4, "missing_rows", missing))
        if tensor.context:
            message.append(_entry(4, "context", b"\x08\x01"))
        if contents == "typed":
            message.append(protobuf.field(5, _typed(tensor, data)))
        else:
            tail.append(protobuf.field(7, data))
        parts.append(protobuf.field(5, b"".join(message)))
    parts += [protobuf.field(6, protobuf.text(1, name)) for name in request.outputs]
    return b"".join([*parts, *tail])


def _bytes(tensor: Tensor) -> tuple[bytes, str | None]:
    if isinstance(tensor.data, bytes):
        return tensor.data, tensor.missing
    try:
        return packed_texts(tensor.data)
    except UnicodeEncodeError as error:
        raise InvalidInput(f"the input '{tensor.name}' has text that is not valid Unicode", tensor.name) from error


def _typed(tensor: Tensor, data: bytes) -> bytes:
    number = _CONTENTS[tensor.datatype]
    if tensor.datatype == "BYTES":
        return b"".join(
            protobuf.field(number, (text or "").encode()) for text in tensor.data if isinstance(text, str | None)
        )
    if tensor.datatype == "INT64":
        data = b"".join(protobuf.varint(value) for value in np.frombuffer(data, dtype="<i8").tolist())
    # Doubles, floats and flags are packed as they are in raw contents.
    return protobuf.field(number, data)


def _parameter(number: int, name: str, value: str) -> bytes:
    return _entry(number, name, protobuf.field(3, value.encode()))


def _entry(number: int, name: str, parameter: bytes) -> bytes:
    return protobuf.field(number, protobuf.text(1, name) + protobuf.field(2, parameter))


@dataclass(slots=True)
class _Output:
    name: str = ""
    datatype: str = ""
    rows: int = 0
    missing: str | None = None
    contents: memoryview | None = None


@dataclass(slots=True)
class _Reply:
    version: int | None = None
    id: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    outputs: list[_Output] = field(default_factory=list)
    raw: list[memoryview] = field(default_factory=list)


def decode(message: bytes, request: ScoreRequest) -> Scores:
    """Reads a ModelInferResponse.

    Raises:
        SidecarError: It is not a reply to this request.
    """
    try:
        reply = _reply(memoryview(message))
        if reply.raw and len(reply.raw) != len(reply.outputs):
            raise ValueError("there are more or fewer raw contents than outputs")
        columns = {
            output.name: _values(output, reply.raw[place] if reply.raw else None)
            for place, output in enumerate(reply.outputs)
        }
        scores = Scores(columns, row_errors(reply.parameters), reply.version, reply.parameters.get("engine"))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise SidecarError("the sidecar's reply is not one of the V2 protocol") from error
    if request.request_id and reply.id != request.request_id:
        raise SidecarError("the sidecar's reply belongs to another request")
    require_outputs(scores, request)
    return scores


def _reply(message: memoryview) -> _Reply:
    reply = _Reply()
    for number, value in protobuf.fields(message):
        if isinstance(value, int):
            continue
        if number == 2:
            reply.version = int(str(value, "utf-8"))
        elif number == 3:
            reply.id = str(value, "utf-8")
        elif number == 4:
            name, text = _read_parameter(value)
            reply.parameters[name] = text
        elif number == 5:
            reply.outputs.append(_output(value))
        elif number == 6:
            reply.raw.append(value)
    return reply


def _output(message: memoryview) -> _Output:
    output = _Output()
    for number, value in protobuf.fields(message):
        if isinstance(value, int):
            continue
        if number == 1:
            output.name = str(value, "utf-8")
        elif number == 2:
            output.datatype = str(value, "utf-8")
        elif number == 3:
            output.rows = next(iter(protobuf.packed(value)))
        elif number == 4:
            name, text = _read_parameter(value)
            output.missing = text if name == "missing_rows" else output.missing
        elif number == 5:
            output.contents = value
    return output


def _read_parameter(entry: memoryview) -> tuple[str, str]:
    """Returns a parameter's name, and its text where it is one."""
    name = text = ""
    for number, value in protobuf.fields(entry):
        if isinstance(value, int):
            continue
        if number == 1:
            name = str(value, "utf-8")
        elif number == 2:
            for kind, one in protobuf.fields(value):
                text = str(one, "utf-8") if kind == 3 and not isinstance(one, int) else text
    return name, text


def _values(output: _Output, raw: memoryview | None) -> Sequence[Any]:
    if raw is not None:
        return read(output.datatype, output.rows, raw, output.missing)
    found = [value for _, value in protobuf.fields(output.contents or memoryview(b"")) if not isinstance(value, int)]
    if output.datatype == "BYTES":
        values: Any = [str(value, "utf-8") for value in found]
    elif output.datatype == "INT64":
        values = [number for value in found for number in protobuf.packed(value)]
    else:
        return read(output.datatype, output.rows, b"".join(found), output.missing)
    if len(values) != output.rows:
        raise ValueError(f"{len(values)} values for {output.rows} rows")
    if output.missing is not None:
        for row in np.flatnonzero(rows_mask(output.missing, output.rows)).tolist():
            values[row] = None
    return values  # type: ignore[no-any-return]
