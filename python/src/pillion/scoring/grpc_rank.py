"""The messages of `pillion.v1.RankService`: rank requests out, items in order in."""

from collections.abc import Sequence
from typing import Any

from google.protobuf.message import DecodeError

from pillion.config import UnknownInputs
from pillion.errors import InvalidInput, SidecarError
from pillion.scoring.rank_request import RankedItems, RankRequest
from pillion.scoring.stubs import rank_pb2
from pillion.scoring.tensors import column_tensor, packed_texts
from pillion.scoring.v2 import request_parameters, row_errors
from pillion.scoring.v2_rank import require_reply
from pillion.types import Id, Value

RANK = "/pillion.v1.RankService/Rank"


def encode_rank(request: RankRequest, unknown_inputs: UnknownInputs = "fail") -> bytes:
    """Returns a serialized RankRequest.

    Args:
        request: What is asked.
        unknown_inputs: See `pillion.scoring.v2.request_parameters`.

    Raises:
        InvalidInput: A value is not of its input's type; names field and row.
    """
    message = rank_pb2.RankRequest(
        model_name=request.model,
        id=request.request_id,
        k=request.k,
        table_list=request.listed or "",
        table_list_size=request.list_size,
        feature_version=request.feature_version,
        user_vector=request.vectors[0] if request.vectors else "",
        item_vector=request.vectors[1] if request.vectors else "",
    )
    for name, text in request_parameters(unknown_inputs).items():
        message.parameters[name].string_param = text
    for name, value in request.context.items():
        _put(message, message.context, request, name, [value])
    for name, column in request.described_columns().items():
        _put(message, message.candidates, request, name, column)
    for name, value in request.defaults.items():
        _put(message, message.item_defaults, request, name, [value])
    if request.items is not None:
        if request.classes:
            _name(request.items, message.item_ids, message.item_names)
        else:
            _name(request.items, message.table_item_ids, message.table_item_names)
    _name(list(request.described), message.item_ids, message.item_names)
    _name(request.excluded, message.excluded_item_ids, message.excluded_item_names)
    serialized: bytes = message.SerializeToString()
    return serialized


def _put(message: Any, inputs: Any, request: RankRequest, name: str, column: Sequence[Value]) -> None:
    tensor = column_tensor(name, request.types[name], column)
    data, missing = tensor.data, tensor.missing
    if not isinstance(data, bytes):
        try:
            data, missing = packed_texts(data)
        except UnicodeEncodeError as error:
            raise InvalidInput(f"the input '{name}' has text that is not valid Unicode", name) from error
    sent = inputs.add(name=name, datatype=tensor.datatype, shape=[tensor.rows])
    if missing is not None:
        sent.parameters["missing_rows"].string_param = missing
    message.raw_input_contents.append(data)


def _name(items: Sequence[Id], ids: Any, names: Any) -> None:
    if items:
        (names if isinstance(items[0], str) else ids).extend(items)


def decode_rank(message: bytes, request: RankRequest) -> RankedItems:
    """Reads a serialized RankResponse.

    Raises:
        SidecarError: It is not a reply to this request.
    """
    try:
        reply = rank_pb2.RankResponse.FromString(message)
        parameters = {name: parameter.string_param for name, parameter in reply.parameters.items()}
        ranked = RankedItems(
            tuple(reply.item_names or reply.item_ids),
            tuple(reply.scores),
            reply.candidates,
            reply.unscored,
            reply.feature_version or None,
            int(reply.model_version) if reply.model_version else None,
            parameters.get("engine"),
            row_errors(parameters),
            reply.seen_share or None,
        )
    except (DecodeError, ValueError, KeyError, TypeError) as error:
        raise SidecarError("the sidecar's reply is not one of the rank service") from error
    require_reply(ranked, request, reply.id)
    return ranked
