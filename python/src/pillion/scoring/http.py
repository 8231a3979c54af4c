"""The sidecar over HTTP, on TCP or on a Unix socket."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NoReturn
from urllib.parse import quote

import orjson

from pillion.config import SidecarSettings
from pillion.errors import SidecarError, SidecarRefused, SidecarUnreachable
from pillion.scoring import v2
from pillion.scoring.connections import BrokenReply, Connections, Endpoint, NoReply, Reply
from pillion.scoring.scorer import ScoreRequest, Scores
from pillion.time_limit import time_limit
from pillion.types import Trace

_SPARE_CONNECTIONS = 2
_OK = 200
_TOO_LATE = 504
_LONGEST_EXCERPT = 300
_HEADER_LENGTH = "inference-header-content-length"

Encoding = Literal["json", "binary"]
"""How a request's numbers travel."""


class HttpScorer:
    """A client of the sidecar, which keeps its connections.

    It makes no retries: retrying is the guard's work. A call that is cancelled or times out closes its connection, so
    that a late reply can never be taken for another call's.

    Args:
        settings: Address and limits.
        encoding: How numbers travel; None for the settings' choice, `binary` where that is gRPC.

    Raises:
        ConfigurationError: The address cannot be read.
    """

    def __init__(self, settings: SidecarSettings, encoding: Encoding | None = None) -> None:
        self._address = settings.address
        self._binary = (encoding or settings.encoding) != "json"
        self._connections = Connections(Endpoint.parse(settings.address), settings.max_connections + _SPARE_CONNECTIONS)

    async def score(self, request: ScoreRequest, timeout_s: float) -> Scores:
        """See `Scorer.score`; the sidecar is told how much time is left."""
        headers = {"x-deadline-ms": f"{timeout_s * 1000:.3f}"}
        if self._binary:
            body, header_length = v2.encode_binary(request)
            headers |= {"content-type": "application/octet-stream", _HEADER_LENGTH: str(header_length)}
        else:
            body = v2.encode(request)
            headers["content-type"] = "application/json"
        if request.request_id:
            headers["x-request-id"] = _header_text(request.request_id)
        headers |= trace_headers(request.trace)
        path = f"/v2/models/{quote(request.model, safe='')}/infer"
        with self._translated():
            async with time_limit(timeout_s):
                reply = await self._connections.call("POST", path, headers, body)
        if reply.status != _OK:
            self._decline(reply)
        return v2.decode(reply.body, request, _header_length(reply))

    async def ping(self, timeout_s: float) -> None:
        """See `Scorer.ping`."""
        with self._translated():
            async with time_limit(timeout_s):
                reply = await self._connections.call("GET", "/v2/health/ready", {})
        if reply.status != _OK:
            self._decline(reply)

    async def close(self) -> None:
        """See `Scorer.close`."""
        await self._connections.close()

    def _decline(self, reply: Reply) -> NoReturn:
        try:
            message = str(orjson.loads(reply.body)["error"])[:_LONGEST_EXCERPT]
        except (ValueError, KeyError, TypeError):
            message = "no reason given"
        sentence = f"the sidecar declined with status {reply.status}: {message}"
        if reply.status == _TOO_LATE:
            raise TimeoutError(sentence)
        if 400 <= reply.status < 500:
            raise SidecarRefused(sentence)
        raise SidecarError(sentence)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """The one place where the connections' errors become ours."""
        try:
            yield
        except NoReply as error:
            raise SidecarUnreachable(f"the sidecar at {self._address} cannot be reached: {error}") from error
        except BrokenReply as error:
            raise SidecarError(f"the sidecar at {self._address} broke off: {error}") from error


def trace_headers(trace: Trace | None) -> dict[str, str]:
    """Returns the headers that pass a trace on."""
    if trace is None:
        return {}
    headers = {"traceparent": trace.parent, "tracestate": trace.state}
    return {name: _header_text(text) for name, text in headers.items() if text}


def _header_text(text: str) -> str:
    """The text without what would end a header."""
    return "".join(character for character in text if character.isprintable())


def _header_length(reply: Reply) -> int | None:
    text = reply.headers.get(_HEADER_LENGTH)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or int(text) > len(reply.body):
        raise SidecarError("the sidecar's reply is not one of the V2 protocol")
    return int(text)
