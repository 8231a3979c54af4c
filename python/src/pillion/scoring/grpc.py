"""The sidecar over gRPC, on TCP or on a Unix socket; needs the extra `grpc`.

Source: Open Inference Protocol, "inference_grpc". Values travel as raw contents, one run of bytes a tensor, or as typed
contents within each tensor; the reply has the request's form.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np

from pillion.config import SidecarSettings, UnknownInputs
from pillion.errors import (
    ConfigurationError,
    InvalidInput,
    SidecarError,
    SidecarLacksItems,
    SidecarRefused,
    SidecarUnreachable,
    SidecarUntrusted,
)
from pillion.scoring.credentials import Credentials, Tls
from pillion.scoring.endpoint import Endpoint
from pillion.scoring.http import trace_headers
from pillion.scoring.rank_request import RankedItems, RankRequest
from pillion.scoring.scorer import ScoreRequest, Scores
from pillion.scoring.tensors import Tensor, complete, packed_texts, read, tensors
from pillion.scoring.v2 import request_parameters, require_outputs, row_errors

try:
    import grpc
    import grpc.aio
    from google.protobuf.message import DecodeError

    from pillion.scoring.grpc_rank import RANK, decode_rank, encode_rank
    from pillion.scoring.stubs.health_pb2 import HealthCheckResponse
    from pillion.scoring.stubs.inference_pb2 import ModelInferRequest, ModelInferResponse
except ImportError as error:
    raise ConfigurationError("gRPC needs the packages grpcio and protobuf: pip install 'pillion[grpc]'") from error

ContentsKind = Literal["raw", "typed"]
"""How values travel."""

_INFER = "/inference.GRPCInferenceService/ModelInfer"
_HEALTH = "/grpc.health.v1.Health/Check"
_LONGEST_EXCERPT = 300
_LONGEST_CALL_S = 60.0
_OPTIONS = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    # A sidecar on the same machine is asked directly, whatever proxy the environment names.
    ("grpc.enable_http_proxy", 0),
    # One that was restarted is found again at once; the default waits for up to two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    # The time of one attempt to connect.
    ("grpc.min_reconnect_backoff_ms", 1_000),
    ("grpc.max_reconnect_backoff_ms", 500),
)
_REFUSALS = (
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "UNAUTHENTICATED",
    "UNIMPLEMENTED",
)
_HANDSHAKE_FAILURES = ("SSL_ERROR_SSL", "verification check failed", "Unwrap failed")
"""What gRPC, which has no code for it, says of a TLS handshake in which one side did not accept the other."""
_CONTENTS = {
    "BOOL": ("bool_contents", "?"),
    "INT64": ("int64_contents", "<i8"),
    "FP32": ("fp32_contents", "<f4"),
    "FP64": ("fp64_contents", "<f8"),
    "BYTES": ("bytes_contents", ""),
}
"""Typed contents by datatype: a message's field, and the dtype of numbers."""


class GrpcScorer:
    """A client of the sidecar with one connection, which carries all calls.

    It makes no retries: retrying is the guard's work.

    Args:
        settings: Address, credentials and limits; an address of TCP is that of the sidecar's gRPC.
        contents: How values travel: `raw`, which is faster, or `typed`.

    Raises:
        ConfigurationError: The address cannot be read, or a file of the credentials cannot be used.
    """

    def __init__(self, settings: SidecarSettings, contents: ContentsKind = "raw") -> None:
        endpoint = Endpoint.parse(settings.address)
        self._credentials = Credentials(settings, endpoint)
        self._target = endpoint.target
        self._address = settings.address
        self._contents: ContentsKind = contents
        self._unknown_inputs = settings.unknown_inputs
        self._channel: grpc.aio.Channel | None = None
        self._tls: Tls | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def score(self, request: ScoreRequest, timeout_s: float) -> Scores:
        """See `Scorer.score`; the sidecar is told how much time is left."""
        message = encode(request, self._contents, self._unknown_inputs)
        return decode(await self._call(_INFER, message, timeout_s, _metadata(request)), request)

    async def rank(self, request: RankRequest, timeout_s: float) -> RankedItems:
        """See `Scorer.rank`; the sidecar is told how much time is left."""
        message = encode_rank(request, self._unknown_inputs)
        return decode_rank(await self._call(RANK, message, timeout_s, _metadata(request)), request)

    async def ping(self, timeout_s: float) -> None:
        """See `Scorer.ping`."""
        reply = await self._call(_HEALTH, b"", timeout_s, [])
        try:
            status = HealthCheckResponse.FromString(reply).status
        except DecodeError as error:
            raise SidecarError("the sidecar's reply is not one of gRPC's health protocol") from error
        if status != HealthCheckResponse.SERVING:
            raise SidecarError("the sidecar is not ready")

    async def close(self) -> None:
        """See `Scorer.close`."""
        channel, self._channel = self._channel, None
        if channel is not None:
            await channel.close()
        await asyncio.gather(*self._closing)

    async def _call(self, path: str, message: bytes, timeout_s: float, metadata: list[tuple[str, str]]) -> bytes:
        if (authorization := self._credentials.authorization) is not None:
            metadata = [*metadata, ("authorization", authorization)]
        with self._translated():
            call = self._current_channel().unary_unary(path)
            reply: bytes = await call(message, timeout=timeout_s, metadata=metadata)
            return reply

    def _current_channel(self) -> "grpc.aio.Channel":
        """The channel, made here, since it belongs to the event loop that it was made in; another for new certificates.

        Calls under way on the one before go on.
        """
        tls = self._credentials.tls
        if self._channel is not None and tls is not self._tls:
            closing = asyncio.create_task(self._channel.close(_LONGEST_CALL_S))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
            self._channel = None
        if self._channel is None:
            self._tls = tls
            if tls is None:
                self._channel = grpc.aio.insecure_channel(self._target, options=_OPTIONS)
            else:
                credentials = grpc.ssl_channel_credentials(tls.authorities, tls.key, tls.certificate)
                self._channel = grpc.aio.secure_channel(self._target, credentials, options=_OPTIONS)
        return self._channel

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """The one place where gRPC's errors become ours."""
        try:
            yield
        except grpc.aio.AioRpcError as error:
            code = error.code().name
            details = str(error.details())[:_LONGEST_EXCERPT]
            unconnected = code == "UNAVAILABLE" and "connect" in details
            if unconnected and any(words in details for words in _HANDSHAKE_FAILURES):
                raise SidecarUntrusted(
                    f"the TLS handshake with the sidecar at {self._address} failed: {details}"
                ) from error
            if unconnected:
                raise SidecarUnreachable(f"the sidecar at {self._address} cannot be reached: {details}") from error
            sentence = f"the sidecar declined with status {code}: {details}"
            if code == "DEADLINE_EXCEEDED":
                raise TimeoutError(sentence) from error
            if code == "FAILED_PRECONDITION":
                raise SidecarLacksItems(sentence) from error
            raise (SidecarRefused if code in _REFUSALS else SidecarError)(sentence) from error


def _metadata(request: ScoreRequest | RankRequest) -> list[tuple[str, str]]:
    metadata = [(name, text) for name, text in trace_headers(request.trace).items()]
    if request_id := "".join(character for character in request.request_id if " " <= character <= "~"):
        metadata.append(("x-request-id", request_id))
    return metadata


def encode(request: ScoreRequest, contents: ContentsKind = "raw", unknown_inputs: UnknownInputs = "fail") -> bytes:
    """Returns a serialized ModelInferRequest.

    Args:
        request: What is asked.
        contents: How values travel.
        unknown_inputs: See `pillion.scoring.v2.request_parameters`.

    Raises:
        InvalidInput: A column is absent or too short, or a value is not of its input's type; names field and row.
    """
    message = ModelInferRequest(model_name=request.model, id=request.request_id)
    for name, value in request_parameters(unknown_inputs).items():
        message.parameters[name].string_param = value
    for name in request.outputs:
        message.outputs.add(name=name)
    for tensor in tensors(request):
        data, missing = _bytes(tensor)
        sent = message.inputs.add(name=tensor.name, datatype=tensor.datatype, shape=[tensor.rows])
        if missing is not None:
            sent.parameters["missing_rows"].string_param = missing
        if tensor.context:
            sent.parameters["context"].bool_param = True
        if contents == "raw":
            message.raw_input_contents.append(data)
            continue
        field, dtype = _CONTENTS[tensor.datatype]
        if dtype:
            values = np.frombuffer(data, dtype).tolist()
        else:
            values = [(text or "").encode() for text in tensor.data if isinstance(text, str | None)]
        getattr(sent.contents, field).extend(values)
    serialized: bytes = message.SerializeToString()
    return serialized


def _bytes(tensor: Tensor) -> tuple[bytes, str | None]:
    if isinstance(tensor.data, bytes):
        return tensor.data, tensor.missing
    try:
        return packed_texts(tensor.data)
    except UnicodeEncodeError as error:
        raise InvalidInput(f"the input '{tensor.name}' has text that is not valid Unicode", tensor.name) from error


def decode(message: bytes, request: ScoreRequest) -> Scores:
    """Reads a serialized ModelInferResponse.

    Raises:
        SidecarError: It is not a reply to this request.
    """
    try:
        reply = ModelInferResponse.FromString(message)
        raw: Sequence[bytes | None] = reply.raw_output_contents or [None] * len(reply.outputs)
        columns = {output.name: _values(output, data) for output, data in zip(reply.outputs, raw, strict=True)}
        parameters = {name: parameter.string_param for name, parameter in reply.parameters.items()}
        version = int(reply.model_version) if reply.model_version else None
        scores = Scores(columns, row_errors(parameters), version, parameters.get("engine"))
    except (DecodeError, ValueError, KeyError, TypeError, IndexError) as error:
        raise SidecarError("the sidecar's reply is not one of the V2 protocol") from error
    if request.request_id and reply.id != request.request_id:
        raise SidecarError("the sidecar's reply belongs to another request")
    require_outputs(scores, request)
    return scores


def _values(output: ModelInferResponse.InferOutputTensor, raw: bytes | None) -> Sequence[Any]:
    rows = output.shape[0]
    missing = output.parameters["missing_rows"].string_param or None
    if raw is not None:
        return read(output.datatype, rows, raw, missing)
    field, dtype = _CONTENTS[output.datatype]
    values = getattr(output.contents, field)
    return complete(np.array(values, dtype) if dtype else [value.decode() for value in values], rows, missing)
