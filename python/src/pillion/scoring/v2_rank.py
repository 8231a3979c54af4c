"""The JSON of the rank route, which the Open Inference Protocol does not have: rank requests out, items in order in."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from pillion.config import UnknownInputs
from pillion.errors import InvalidInput, SidecarError
from pillion.scoring.cells import DATATYPES, NON_FINITE, cell
from pillion.scoring.rank_request import RankedItems, RankRequest
from pillion.scoring.v2 import request_parameters, row_errors
from pillion.types import Value

_ONE = (1,)


def encode_rank(request: RankRequest, unknown_inputs: UnknownInputs = "fail") -> bytes:
    """Returns the body of a POST to `/v2/models/<model>/rank`.

    Args:
        request: What is asked.
        unknown_inputs: See `pillion.scoring.v2.request_parameters`.

    Raises:
        InvalidInput: A value is not of its input's type; names field and row.
    """
    body: dict[str, Any] = {
        "parameters": request_parameters(unknown_inputs),
        "k": request.k,
        "context": _single_values(request, request.context),
    }
    if request.request_id:
        body["id"] = request.request_id
    if request.items is not None:
        body["items" if request.classes else "item_ids"] = request.items
    if request.listed is not None:
        body["list"] = request.listed
        if request.list_size:
            body["list_size"] = request.list_size
    if request.vectors is not None:
        body["user_vector"], body["item_vector"] = request.vectors
    if request.excluded:
        body["exclude"] = request.excluded
    if request.feature_version:
        body["feature_version"] = request.feature_version
    if request.described:
        body["items"] = list(request.described)
        columns = request.described_columns().items()
        body["candidates"] = [_tensor(request, name, column) for name, column in columns]
    if request.defaults:
        body["item_defaults"] = _single_values(request, request.defaults)
    try:
        return orjson.dumps(body)
    except TypeError as error:
        raise InvalidInput("an input or an item has text that is not valid Unicode") from error


def _single_values(request: RankRequest, values: Mapping[str, Value]) -> list[Mapping[str, Any]]:
    """Tensors of one value each; a request has dozens of them."""
    types = request.types
    return [
        {"name": name, "datatype": DATATYPES[types[name]], "shape": _ONE, "data": [cell(name, types[name], 0, value)]}
        for name, value in values.items()
    ]


def _tensor(request: RankRequest, name: str, column: Sequence[Value]) -> Mapping[str, Any]:
    type_ = request.types[name]
    data = [cell(name, type_, row, value) for row, value in enumerate(column)]
    return {"name": name, "datatype": DATATYPES[type_], "shape": [len(data)], "data": data}


def decode_rank(body: bytes, request: RankRequest) -> RankedItems:
    """Reads the reply to a request.

    Raises:
        SidecarError: It is not a reply to this request.
    """
    try:
        reply = orjson.loads(body)
        scores = tuple(NON_FINITE[score] if isinstance(score, str) else float(score) for score in reply["scores"])
        version, parameters = reply.get("model_version"), reply.get("parameters") or {}
        ranked = RankedItems(
            tuple(reply["items"]),
            scores,
            int(reply["candidates"]),
            int(reply["unscored"]),
            reply.get("feature_version"),
            None if version is None else int(version),
            parameters.get("engine"),
            row_errors(parameters),
            reply.get("seen_share"),
        )
        answered = reply.get("id", request.request_id)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SidecarError("the sidecar's reply is not one of the rank route") from error
    require_reply(ranked, request, answered)
    return ranked


def require_reply(ranked: RankedItems, request: RankRequest, answered: str) -> None:
    """Checks that a reply is one to a request, with a score an item.

    Raises:
        SidecarError: It is not.
    """
    if request.request_id and answered != request.request_id:
        raise SidecarError("the sidecar's reply belongs to another request")
    if len(ranked.items) != len(ranked.scores) or len(ranked.items) > request.k:
        raise SidecarError(f"the sidecar's reply has {len(ranked.items)} items and {len(ranked.scores)} scores")
    if request.feature_version and not request.classes and ranked.feature_version != request.feature_version:
        raise SidecarError(
            f"the sidecar ranked items of feature version {ranked.feature_version}, not {request.feature_version}"
        )
