"""The sidecar over HTTP, on TCP or on a Unix socket."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn
from urllib.parse import quote, urlsplit

import httpx
import orjson

from pillion.config import SidecarSettings
from pillion.errors import ConfigurationError, SidecarError, SidecarRefused, SidecarUnreachable
from pillion.scoring import v2
from pillion.scoring.scorer import ScoreRequest, Scores

_UNIX = "unix:"
_KEEP_ALIVE_S = 60.0
"""Below the sidecar's own idle time, so that a connection is not used while it is being closed."""
_SPARE_CONNECTIONS = 2
_NO_BYTE = "disconnected without sending a response"
"""How the client words a connection that was closed before the first byte of a reply."""
_TOO_LATE = 504
_LONGEST_EXCERPT = 300


class HttpScorer:
    """A client of the sidecar, which keeps its connections.

    The client's own retries are off: retrying is the guard's work. A call that is cancelled or times out
    closes its connection, so that a late reply can never be taken for another call's.

    Args:
        settings: Address and limits.

    Raises:
        ConfigurationError: The address cannot be read.
    """

    def __init__(self, settings: SidecarSettings) -> None:
        self._address = settings.address
        base, path = _endpoint(settings.address)
        limits = httpx.Limits(
            max_connections=settings.max_connections + _SPARE_CONNECTIONS,
            max_keepalive_connections=settings.max_connections + _SPARE_CONNECTIONS,
            keepalive_expiry=_KEEP_ALIVE_S,
        )
        transport = httpx.AsyncHTTPTransport(uds=path, limits=limits, retries=0, trust_env=False)
        self._client = httpx.AsyncClient(base_url=base, transport=transport, timeout=None, trust_env=False)

    async def score(self, request: ScoreRequest, timeout_s: float) -> Scores:
        """See `Scorer.score`; the sidecar is told how much time is left."""
        body = v2.encode(request)
        headers = {"Content-Type": "application/json", "X-Deadline-Ms": f"{timeout_s * 1000:.3f}"}
        if request.request_id:
            headers["X-Request-Id"] = request.request_id
        path = f"/v2/models/{quote(request.model, safe='')}/infer"
        with self._translated():
            async with asyncio.timeout(timeout_s):
                response = await self._client.post(path, content=body, headers=headers)
        if response.status_code != httpx.codes.OK:
            self._decline(response)
        return v2.decode(response.content, request)

    async def ping(self, timeout_s: float) -> None:
        """See `Scorer.ping`."""
        with self._translated():
            async with asyncio.timeout(timeout_s):
                response = await self._client.get("/v2/health/ready")
        if response.status_code != httpx.codes.OK:
            self._decline(response)

    async def close(self) -> None:
        """See `Scorer.close`."""
        await self._client.aclose()

    def _decline(self, response: httpx.Response) -> NoReturn:
        try:
            message = str(orjson.loads(response.content)["error"])[:_LONGEST_EXCERPT]
        except (ValueError, KeyError, TypeError):
            message = "no reason given"
        sentence = f"the sidecar declined with status {response.status_code}: {message}"
        if response.status_code == _TOO_LATE:
            raise TimeoutError(sentence)
        if 400 <= response.status_code < 500:
            raise SidecarRefused(sentence)
        raise SidecarError(sentence)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """The one place where the client's errors become ours."""
        try:
            yield
        except (httpx.ConnectError, httpx.RemoteProtocolError) as error:
            if isinstance(error, httpx.RemoteProtocolError) and _NO_BYTE not in str(error):
                raise SidecarError(f"the sidecar at {self._address} broke off: {error}") from error
            raise SidecarUnreachable(f"the sidecar at {self._address} cannot be reached: {error}") from error
        except httpx.TimeoutException as error:
            raise TimeoutError(f"the sidecar at {self._address} took too long") from error
        except httpx.HTTPError as error:
            raise SidecarError(f"the sidecar at {self._address} broke off: {error}") from error


def _endpoint(address: str) -> tuple[str, str | None]:
    """The base URL, and the path of the Unix socket where there is one."""
    if address.startswith(_UNIX):
        path = address.removeprefix(_UNIX)
        path = path.removeprefix("//") if path.startswith("///") else path
        if not path.startswith("/"):
            raise ConfigurationError(f"the sidecar's address '{address}' needs an absolute path: unix:/PATH")
        return "http://sidecar", path
    try:
        parts = urlsplit(address)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise ConfigurationError(f"the sidecar's address '{address}' is neither http://HOST:PORT nor unix:/PATH")
    return address.rstrip("/"), None
