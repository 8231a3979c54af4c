"""What a proxy can do to the bytes between a client and a server."""

import asyncio
import contextlib
import itertools
import random
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import grpc
    import grpc.aio

NONE = "none"
LISTENER_FAULTS = ("refuse", "unlink")
"""Those that concern the listening socket; the others concern connections."""
BYTE_FAULTS = (
    "reset",
    "black_hole",
    "latency",
    "drip",
    "truncate",
    "half_close",
    "garbage",
    "error",
    "stale",
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in force.

    Attributes:
        kind: One of LISTENER_FAULTS or BYTE_FAULTS, or NONE.
        delay_s: Of a reply, for `latency`; between two bytes, for `drip`.
    """

    kind: str = NONE
    delay_s: float = 0.0


class RespRequests:
    """Counts the commands in a stream of Redis requests, however it is cut into pieces."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> int:
        """Takes bytes of the stream; returns how many commands were completed by them."""
        self._rest += data
        done = 0
        while (end := self._command_end()) is not None:
            self._rest = self._rest[end:]
            done += 1
        return done

    def _command_end(self) -> int | None:
        line_end = self._rest.find(b"\r\n")
        if line_end < 0 or not self._rest.startswith(b"*"):
            return None
        at = line_end + 2
        for _ in range(int(self._rest[1:line_end])):
            line_end = self._rest.find(b"\r\n", at)
            if line_end < 0:
                return None
            at = line_end + 2 + int(self._rest[at + 1 : line_end]) + 2
        return at if at <= len(self._rest) else None


class HttpRequests:
    """Counts the requests in a stream of HTTP/1.1 requests with declared lengths."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> int:
        """Takes bytes of the stream; returns how many requests were completed by them."""
        self._rest += data
        done = 0
        while (head_end := self._rest.find(b"\r\n\r\n")) >= 0:
            length = 0
            for line in self._rest[:head_end].lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if len(self._rest) < head_end + 4 + length:
                break
            self._rest = self._rest[head_end + 4 + length :]
            done += 1
        return done


class GrpcRequests:
    """Counts the calls in a client's half of a connection of HTTP/2: the frames that begin a stream."""

    _PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    _HEAD = 9
    _HEADERS = 1

    def __init__(self) -> None:
        self._rest = b""
        self._skip = len(self._PREFACE)

    def feed(self, data: bytes) -> int:
        """Takes bytes of the stream; returns how many calls were begun by them."""
        self._rest += data
        done = 0
        while len(self._rest) >= self._skip + self._HEAD:
            head = self._rest[self._skip : self._skip + self._HEAD]
            done += head[3] == self._HEADERS
            self._rest = self._rest[self._skip + self._HEAD :]
            self._skip = int.from_bytes(head[:3], "big")
        return done


def error_replies(protocol: str) -> Iterator[bytes]:
    """Yields error replies of a protocol, `resp` or `http`, in turn, without end."""
    resp = [
        b"-LOADING Redis is loading the dataset in memory\r\n",
        b"-READONLY You can't write against a read only replica.\r\n",
        b"-OOM command not allowed when used memory > 'maxmemory'.\r\n",
    ]
    texts = [
        (b"503 Service Unavailable", b'{"error":"the queue is full"}'),
        (b"500 Internal", b"<html>no</html>"),
    ]
    http = [
        b"HTTP/1.1 " + status + b"\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
        for status, body in texts
    ]
    replies = resp if protocol == "resp" else http
    at = 0
    while True:
        yield replies[at % len(replies)]
        at += 1


async def serve_grpc_errors() -> "tuple[grpc.aio.Server, str]":
    """Starts a gRPC server that ends every call with UNAVAILABLE and INTERNAL in turn: what 503 and 500 are to HTTP.

    Returns:
        The server, and where it listens, `tcp:HOST:PORT`.
    """
    import grpc

    codes = itertools.cycle((grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL))

    async def refuse(request: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
        await context.abort(next(codes), "no")
        raise AssertionError("abort raises")

    class Anything(grpc.GenericRpcHandler):  # type: ignore[misc]
        def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes]":
            return grpc.unary_unary_rpc_method_handler(refuse)

    server = grpc.aio.server()
    server.add_generic_rpc_handlers((Anything(),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, f"tcp:127.0.0.1:{port}"


def reset(writer: asyncio.StreamWriter) -> None:
    """Closes a connection at once; over TCP with a reset instead of an orderly end."""
    connection = writer.get_extra_info("socket")
    if connection is not None and connection.family != socket.AF_UNIX:
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def garbage(length: int) -> bytes:
    """Returns bytes that mean nothing."""
    return random.randbytes(max(1, length))
