"""The sidecar over gRPC, on TCP or on a Unix socket; needs the extra `grpc`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pillion.config import SidecarSettings
from pillion.errors import ConfigurationError, SidecarError, SidecarRefused, SidecarUnreachable
from pillion.scoring import infer_messages, protobuf
from pillion.scoring.connections import Endpoint
from pillion.scoring.http import trace_headers
from pillion.scoring.infer_messages import ContentsKind
from pillion.scoring.scorer import ScoreRequest, Scores
from pillion.time_limit import time_limit

_INFER = "/inference.GRPCInferenceService/ModelInfer"
_HEALTH = "/grpc.health.v1.Health/Check"
_SERVING = 1
_LONGEST_EXCERPT = 300
_OPTIONS = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    # A sidecar on the same machine is asked directly, whatever proxy the environment names.
    ("grpc.enable_http_proxy", 0),
    # One that was restarted is found again at once; the default waits for up to two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
)
_REFUSALS = ("INVALID_ARGUMENT", "NOT_FOUND", "PERMISSION_DENIED", "UNAUTHENTICATED", "UNIMPLEMENTED")


class GrpcScorer:
    """A client of the sidecar with one connection, which carries all calls.

    It makes no retries: retrying is the guard's work.

    Args:
        settings: Address and limits; an address of TCP is that of the sidecar's gRPC.
        contents: How values travel: `raw`, which is faster, or `typed`.

    Raises:
        ConfigurationError: The address cannot be read, or grpcio is not installed.
    """

    def __init__(self, settings: SidecarSettings, contents: ContentsKind = "raw") -> None:
        try:
            import grpc
            import grpc.aio
        except ImportError as error:
            raise ConfigurationError("gRPC needs the package grpcio: pip install 'pillion[grpc]'") from error
        endpoint = Endpoint.parse(settings.address)
        if endpoint.tls is not None:
            raise ConfigurationError(f"the sidecar's address '{settings.address}' is not one of gRPC without TLS")
        host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
        self._target = f"unix:{endpoint.path}" if endpoint.path else f"{host}:{endpoint.port}"
        self._address = settings.address
        self._contents: ContentsKind = contents
        self._grpc = grpc
        self._channel: Any = None

    async def score(self, request: ScoreRequest, timeout_s: float) -> Scores:
        """See `Scorer.score`; the sidecar is told how much time is left."""
        message = infer_messages.encode(request, self._contents)
        metadata = [(name, text) for name, text in trace_headers(request.trace).items()]
        if request_id := "".join(character for character in request.request_id if " " <= character <= "~"):
            metadata.append(("x-request-id", request_id))
        reply = await self._call(_INFER, message, timeout_s, metadata)
        return infer_messages.decode(reply, request)

    async def ping(self, timeout_s: float) -> None:
        """See `Scorer.ping`."""
        reply = await self._call(_HEALTH, b"", timeout_s, [])
        try:
            status = dict(protobuf.fields(memoryview(reply))).get(1)
        except ValueError as error:
            raise SidecarError("the sidecar's reply is not one of gRPC's health protocol") from error
        if status != _SERVING:
            raise SidecarError("the sidecar is not ready")

    async def close(self) -> None:
        """See `Scorer.close`."""
        channel, self._channel = self._channel, None
        if channel is not None:
            await channel.close()

    async def _call(self, path: str, message: bytes, timeout_s: float, metadata: list[tuple[str, str]]) -> bytes:
        if self._channel is None:
            # Made here, since a channel belongs to the event loop that it was made in.
            self._channel = self._grpc.aio.insecure_channel(self._target, options=_OPTIONS)
        with self._translated():
            async with time_limit(timeout_s):
                reply: bytes = await self._channel.unary_unary(path)(message, timeout=timeout_s, metadata=metadata)
                return reply

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """The one place where gRPC's errors become ours."""
        try:
            yield
        except self._grpc.aio.AioRpcError as error:
            code = error.code().name
            details = str(error.details())[:_LONGEST_EXCERPT]
            if code == "UNAVAILABLE" and "connect" in details:
                raise SidecarUnreachable(f"the sidecar at {self._address} cannot be reached: {details}") from error
            sentence = f"the sidecar declined with status {code}: {details}"
            if code == "DEADLINE_EXCEEDED":
                raise TimeoutError(sentence) from error
            raise (SidecarRefused if code in _REFUSALS else SidecarError)(sentence) from error
