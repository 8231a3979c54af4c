"""Kept connections to one HTTP/1.1 server: as little as a call to a process on the same machine needs.

Source: RFC 9112. A reply has a length, or comes in chunks; whatever else is an error.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ssl import SSLContext, create_default_context
from urllib.parse import urlsplit

from pillion.config import UNIX
from pillion.errors import ConfigurationError

_KEEP_ALIVE_S = 60.0
"""Below the sidecar's own idle time, so that a connection is not used while it is being closed."""
_MAX_HEAD = 64 << 10
_HEAD_END = b"\r\n\r\n"


class NoReply(ConnectionError):
    """The server could not be reached, or closed the connection before the first byte of a reply."""


class BrokenReply(ConnectionError):
    """A reply began, but is not one of HTTP/1.1 or broke off."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply; the headers' names are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server listens.

    Attributes:
        host: Name or address; for a Unix socket only what the header `Host` says.
        port: Of TCP.
        path: Of the Unix socket; None for TCP.
        tls: Whether the connection is encrypted.
    """

    host: str
    port: int
    path: str | None
    tls: SSLContext | None

    @classmethod
    def parse(cls, address: str) -> "Endpoint":
        """Reads `http://HOST:PORT`, `https://HOST:PORT` or `unix:/PATH`.

        Raises:
            ConfigurationError: It is none of these.
        """
        if address.startswith(UNIX):
            path = address.removeprefix(UNIX)
            path = path.removeprefix("//") if path.startswith("///") else path
            if not path.startswith("/"):
                raise ConfigurationError(f"the sidecar's address '{address}' needs an absolute path: unix:/PATH")
            return cls("sidecar", 0, path, None)
        try:
            parts = urlsplit(address)
            port = parts.port
            valid = parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0
        except ValueError:
            valid = False
        if not valid or parts.hostname is None:
            raise ConfigurationError(f"the sidecar's address '{address}' is neither http://HOST:PORT nor unix:/PATH")
        tls = create_default_context() if parts.scheme == "https" else None
        return cls(parts.hostname, port or (443 if tls else 80), None, tls)


class Connections:
    """A pool of connections to one endpoint, for one event loop.

    A call that is cancelled closes its connection, so that a late reply can never be taken for another call's.

    Args:
        endpoint: The server.
        limit: Connections that may be open at once; further calls wait.
    """

    def __init__(self, endpoint: Endpoint, limit: int) -> None:
        self._endpoint = endpoint
        self._free: list[_Connection] = []
        self._slots = asyncio.Semaphore(limit)
        host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
        self._host = host if endpoint.path else f"{host}:{endpoint.port}"
        self._closed = False

    async def call(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Reply:
        """Sends a request and returns the reply.

        Raises:
            NoReply: No byte of a reply came.
            BrokenReply: What came is no whole reply.
        """
        lines = [f"{method} {path} HTTP/1.1", f"host: {self._host}", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join(lines).encode("latin-1", "replace") + _HEAD_END
        async with self._slots:
            connection = self._take() or await self._open()
            try:
                reply = await connection.exchange(head, body)
            except BaseException:
                connection.close()
                raise
            if connection.reusable and not self._closed:
                connection.idle_since = time.monotonic()
                self._free.append(connection)
            else:
                connection.close()
            return reply

    async def close(self) -> None:
        """Closes every connection."""
        self._closed = True
        while self._free:
            self._free.pop().close()

    def _take(self) -> "_Connection | None":
        oldest = time.monotonic() - _KEEP_ALIVE_S
        while self._free:
            connection = self._free.pop()
            if connection.open and connection.idle_since > oldest:
                return connection
            connection.close()
        return None

    async def _open(self) -> "_Connection":
        loop = asyncio.get_running_loop()
        where = self._endpoint
        try:
            if where.path:
                _, connection = await loop.create_unix_connection(_Connection, where.path)
            else:
                _, connection = await loop.create_connection(_Connection, where.host, where.port, ssl=where.tls)
        except OSError as error:
            raise NoReply(str(error)) from error
        return connection


class _Connection(asyncio.Protocol):
    """One connection, which carries one exchange at a time."""

    def __init__(self) -> None:
        self.open = False
        self.reusable = False
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._reply: asyncio.Future[Reply] | None = None
        self._received = bytearray()
        self._head: tuple[int, dict[str, str]] | None = None
        self._body_at = 0

    async def exchange(self, head: bytes, body: bytes) -> Reply:
        if self._transport is None or not self.open:
            raise NoReply("the connection was closed")
        self._received = bytearray()
        self._head = None
        self._reply = asyncio.get_running_loop().create_future()
        self._transport.writelines([head, body] if body else [head])
        try:
            return await self._reply
        finally:
            self._reply = None

    def close(self) -> None:
        self.open = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.open = True

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        if self._reply is not None and not self._reply.done():
            kind = BrokenReply if self._received else NoReply
            self._reply.set_exception(kind(str(exc) if exc else "the connection was closed"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._reply is None or self._reply.done():
            # Nobody asked: whatever it is, it must not be taken for a later reply.
            self.close()
            return
        try:
            reply = self._parsed()
        except (ValueError, IndexError) as error:
            self._reply.set_exception(BrokenReply(f"the reply is not one of HTTP/1.1: {error}"))
            return
        if reply is not None:
            self._reply.set_result(reply)

    def _parsed(self) -> Reply | None:
        if self._head is None:
            end = self._received.find(_HEAD_END)
            if end < 0:
                if len(self._received) > _MAX_HEAD:
                    raise ValueError("its head is too long")
                return None
            self._head = _head(bytes(self._received[:end]))
            self._body_at = end + len(_HEAD_END)
        status, headers = self._head
        if "transfer-encoding" in headers:
            body = _chunked(self._received, self._body_at)
            if body is None:
                return None
        else:
            length = 0 if status == 204 else int(headers["content-length"]) if "content-length" in headers else -1
            if length < 0:
                raise ValueError("it has no length")
            if len(self._received) < self._body_at + length:
                return None
            body = bytes(memoryview(self._received)[self._body_at : self._body_at + length])
            if len(self._received) > self._body_at + length:
                headers["connection"] = "close"
        self.reusable = headers.get("connection", "").lower() != "close"
        return Reply(status, headers, body)


def _head(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    version, status = first.split(" ", 2)[:2]
    if not version.startswith("HTTP/1."):
        raise ValueError("it does not begin with a status line")
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError("a header has no colon")
        headers[name.lower()] = value.strip()
    if version == "HTTP/1.0":
        headers.setdefault("connection", "close")
    return int(status), headers


def _chunked(received: bytearray, at: int) -> bytes | None:
    parts: list[bytes] = []
    while True:
        line = received.find(b"\r\n", at)
        if line < 0:
            return None
        size = int(received[at:line].split(b";")[0], 16)
        at = line + 2
        if len(received) < at + size + 2:
            return None
        if size == 0:
            # Trailers, of which the sidecar has none, would follow here.
            return b"".join(parts)
        parts.append(bytes(received[at : at + size]))
        at += size + 2
