"""The sidecar over HTTP, on TCP or on a Unix socket."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NoReturn
from urllib.parse import quote

import aiohttp
import orjson
from yarl import URL

from pillion.config import SidecarSettings
from pillion.errors import SidecarError, SidecarLacksItems, SidecarRefused, SidecarUnreachable, SidecarUntrusted
from pillion.scoring import v2
from pillion.scoring.credentials import Credentials
from pillion.scoring.endpoint import Endpoint
from pillion.scoring.rank_request import RankedItems, RankRequest
from pillion.scoring.scorer import ScoreRequest, Scores
from pillion.scoring.v2_rank import decode_rank, encode_rank
from pillion.time_limit import time_limit
from pillion.types import Trace

_SPARE_CONNECTIONS = 2
_KEEP_ALIVE_S = 60.0
"""Below the sidecar's own idle time, so that a connection is not used while it is being closed."""
_OK = 200
_CONFLICT = 409
_TOO_LATE = 504
_LONGEST_EXCERPT = 300
_HEADER_LENGTH = "inference-header-content-length"
_JSON = {"content-type": "application/json"}

Encoding = Literal["json", "binary"]
"""How a request's numbers travel."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A whole response; the headers' names match in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpScorer:
    """A client of the sidecar, which keeps its connections.

    It makes no retries: retrying is the guard's work. A call that is cancelled or times out closes its connection, so
    that a late reply can never be taken for another call's. It belongs to the event loop of its first call.

    Args:
        settings: Address, credentials and limits.
        encoding: How numbers travel; None for the settings' choice, `binary` where that is gRPC.

    Raises:
        ConfigurationError: The address cannot be read, or a file of the credentials cannot be used.
    """

    def __init__(self, settings: SidecarSettings, encoding: Encoding | None = None) -> None:
        self._address = settings.address
        self._endpoint = Endpoint.parse(settings.address)
        self._credentials = Credentials(settings, self._endpoint)
        self._binary = (encoding or settings.encoding) != "json"
        self._unknown_inputs = settings.unknown_inputs
        # aiohttp's own limit is off: where a waiting call is cancelled, it forgets to wake the next one.
        self._slots = asyncio.Semaphore(settings.max_connections + _SPARE_CONNECTIONS)
        self._session: aiohttp.ClientSession | None = None

    async def score(self, request: ScoreRequest, timeout_s: float) -> Scores:
        """See `Scorer.score`; the sidecar is told how much time is left."""
        if self._binary:
            body, header_length = v2.encode_binary(request, self._unknown_inputs)
            headers = {"content-type": "application/octet-stream", _HEADER_LENGTH: str(header_length)}
        else:
            body, headers = v2.encode(request, self._unknown_inputs), _JSON
        response = await self._ask("infer", request, headers, body, timeout_s)
        return v2.decode(response.body, request, _header_length(response))

    async def rank(self, request: RankRequest, timeout_s: float) -> RankedItems:
        """See `Scorer.rank`; the sidecar is told how much time is left."""
        body = encode_rank(request, self._unknown_inputs)
        return decode_rank((await self._ask("rank", request, _JSON, body, timeout_s)).body, request)

    async def _ask(
        self, what: str, request: ScoreRequest | RankRequest, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> HttpResponse:
        """Posts to a route of the request's model; raises where the sidecar declines."""
        sent = {"x-deadline-ms": f"{timeout_s * 1000:.3f}", **headers, **trace_headers(request.trace)}
        if request.request_id:
            sent["x-request-id"] = _header_text(request.request_id)
        async with time_limit(timeout_s):
            response = await self.call("POST", f"/v2/models/{quote(request.model, safe='')}/{what}", sent, body)
        if response.status != _OK:
            _decline(response)
        return response

    async def metadata(self, model: str, timeout_s: float) -> dict[str, Any]:
        """Returns what the sidecar says of a model's serving version, the JSON of V2's metadata.

        Raises:
            SidecarError: There is no such model, or the reply is no metadata.
            SidecarUnreachable: The sidecar does not answer.
            TimeoutError: It takes too long.
        """
        async with time_limit(timeout_s):
            response = await self.call("GET", f"/v2/models/{quote(model, safe='')}", {})
        if response.status != _OK:
            _decline(response)
        try:
            found: dict[str, Any] = dict(orjson.loads(response.body))
        except (ValueError, TypeError) as error:
            raise SidecarError("the sidecar's reply is not one of the V2 protocol") from error
        return found

    async def ping(self, timeout_s: float) -> None:
        """See `Scorer.ping`."""
        async with time_limit(timeout_s):
            response = await self.call("GET", "/v2/health/ready", {})
        if response.status != _OK:
            _decline(response)

    async def close(self) -> None:
        """See `Scorer.close`."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def call(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> HttpResponse:
        """Sends a request and returns the response, whatever its status.

        This is the one place where aiohttp's errors become ours.

        Raises:
            SidecarUnreachable: No byte of a response came.
            SidecarUntrusted: The TLS handshake failed.
            SidecarError: A response began, but is not one of HTTP/1.1 or broke off.
        """
        if self._session is None:
            self._session = _open_session(self._endpoint)
        url = URL(self._endpoint.url + path, encoded=True)
        if (authorization := self._credentials.authorization) is not None:
            headers = {**headers, "authorization": authorization}
        tls = self._credentials.tls
        # aiohttp pools connections by their context, so that new certificates make new connections.
        context = True if tls is None else tls.context
        try:
            async with (
                self._slots,
                self._session.request(
                    method, url, headers=headers, data=body, allow_redirects=False, ssl=context
                ) as response,
            ):
                return HttpResponse(response.status, response.headers, await response.read())
        except aiohttp.ClientError as error:
            if (reason := _handshake_failure(error)) is not None:
                raise SidecarUntrusted(
                    f"the TLS handshake with the sidecar at {self._address} failed: {reason}"
                ) from error
            if _nothing_came(error):
                raise SidecarUnreachable(f"the sidecar at {self._address} cannot be reached: {error}") from error
            raise SidecarError(f"the sidecar at {self._address} broke off: {error}") from error


class _Request(aiohttp.ClientRequest):
    """A request that does not use a connection on which something came unasked, which would be taken for its reply."""

    async def send(self, conn: aiohttp.connector.Connection) -> aiohttp.ClientResponse:
        if conn.protocol is None or conn.protocol.should_close:
            conn.close()
            raise aiohttp.ServerDisconnectedError
        return await super().send(conn)


def _open_session(endpoint: Endpoint) -> aiohttp.ClientSession:
    """Opens a session for the running event loop: no cookies, no redirects, no decompression, no time limits."""
    connector = (
        aiohttp.UnixConnector(endpoint.path, limit=0, keepalive_timeout=_KEEP_ALIVE_S)
        if endpoint.path
        else aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE_S, use_dns_cache=False)
    )
    session = aiohttp.ClientSession(
        connector=connector,
        request_class=_Request,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        skip_auto_headers=("accept", "accept-encoding", "user-agent"),
        auto_decompress=False,
        trust_env=False,
    )
    # aiohttp would send a GET a second time; it has no public switch, and its own test client does the same.
    session._retry_connection = False
    return session


def _handshake_failure(error: BaseException | None) -> str | None:
    """Why TLS failed, where that is the cause; None where a connection merely ended.

    With TLS 1.3 the sidecar's refusal of this client's certificate comes after the handshake, as a read that fails.
    """
    while error is not None:
        # aiohttp's own errors are of ssl's class as well, but without its attributes.
        if isinstance(error, ssl.SSLError) and not isinstance(error, aiohttp.ClientError):
            ended = isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError)
            return None if ended else getattr(error, "verify_message", "") or _words(error)
        error = error.__cause__
    return None


def _words(error: ssl.SSLError) -> str:
    return (error.reason or str(error)).replace("_", " ").lower()


def _nothing_came(error: aiohttp.ClientError) -> bool:
    """Whether the connection failed before the first byte of a response."""
    if isinstance(error, aiohttp.ServerDisconnectedError):
        # A response that had begun is its message.
        return isinstance(error.message, str)
    return isinstance(error, aiohttp.ClientOSError | aiohttp.ClientConnectionResetError)


def _decline(response: HttpResponse) -> NoReturn:
    try:
        message = str(orjson.loads(response.body)["error"])[:_LONGEST_EXCERPT]
    except (ValueError, KeyError, TypeError):
        message = "no reason given"
    sentence = f"the sidecar declined with status {response.status}: {message}"
    if response.status == _TOO_LATE:
        raise TimeoutError(sentence)
    if response.status == _CONFLICT:
        raise SidecarLacksItems(sentence)
    if 400 <= response.status < 500:
        raise SidecarRefused(sentence)
    raise SidecarError(sentence)


def trace_headers(trace: Trace | None) -> dict[str, str]:
    """Returns the headers that pass a trace on."""
    if trace is None:
        return {}
    headers = {"traceparent": trace.parent, "tracestate": trace.state}
    return {name: _header_text(text) for name, text in headers.items() if text}


def _header_text(text: str) -> str:
    """The text without what would end a header."""
    return text if text.isprintable() else "".join(each for each in text if each.isprintable())


def _header_length(response: HttpResponse) -> int | None:
    text = response.headers.get(_HEADER_LENGTH)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or int(text) > len(response.body):
        raise SidecarError("the sidecar's reply is not one of the V2 protocol")
    return int(text)
