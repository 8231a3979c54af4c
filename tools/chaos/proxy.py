"""The fault proxy: stands between a client and a server, over TCP and Unix sockets, and does harm when told.

Run as a process of its own (`python -m tools.chaos.proxy`), it takes a JSON command a line on standard input and
answers each with a JSON line; `ProxyProcess` is its other end.
"""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Self

from tools.chaos.faults import (
    LISTENER_FAULTS,
    NONE,
    Fault,
    GrpcRequests,
    HttpRequests,
    RespRequests,
    error_replies,
    garbage,
    reset,
    serve_grpc_errors,
)
from tools.checkout import ROOT

_BLOCK = 1 << 16
_COUNTERS: dict[str, type[RespRequests] | type[HttpRequests] | type[GrpcRequests]] = {
    "resp": RespRequests,
    "http": HttpRequests,
    "grpc": GrpcRequests,
}
_FIRST_BYTES = 10
"""Bytes of a reply that pass before it is reset."""


class Link:
    """One way through the proxy, with one fault in force on all of its connections.

    Args:
        name: For commands.
        protocol: `resp`, `http` or `grpc`: the form of error replies, and what counts as a request.
        listen: Addresses, `tcp:HOST:PORT` (port 0 for any) or `unix:PATH`.
        upstream: The server's address.

    Attributes:
        connections: Accepted so far.
        requests: Forwarded, or answered with an error, so far.
        addresses: Where it listens.
    """

    def __init__(self, name: str, protocol: str, listen: list[str], upstream: str) -> None:
        self.name = name
        self.connections = self.requests = 0
        self.addresses = list(listen)
        self._protocol = protocol
        self._upstream = upstream
        self._fault = Fault()
        self._changed = asyncio.Event()
        self._servers: dict[str, asyncio.Server] = {}
        self._open: set[asyncio.StreamWriter] = set()
        self._errors = error_replies(protocol)
        self._grpc_errors: Any = None
        self._failing = ""

    async def start(self) -> None:
        """Listens on every address."""
        if self._protocol == "grpc" and self._grpc_errors is None:
            self._grpc_errors, self._failing = await serve_grpc_errors()
        for place, address in enumerate(self.addresses):
            if address not in self._servers:
                server, bound = await _listen(address, self._serve)
                self.addresses[place] = bound
                self._servers[bound] = server

    async def set(self, fault: Fault) -> None:
        """Puts a fault in force in the place of the one before it."""
        before, self._fault = self._fault, fault
        self._changed.set()
        self._changed = asyncio.Event()
        if fault.kind in LISTENER_FAULTS:
            await self._close_listeners(unlink=fault.kind == "unlink")
            self.drop()
        elif before.kind in LISTENER_FAULTS:
            await self.start()
        elif self._protocol == "grpc" and "error" in (before.kind, fault.kind):
            # A connection of HTTP/2 has one server from its beginning to its end.
            self.drop()

    def drop(self) -> None:
        """Resets every connection."""
        for writer in list(self._open):
            reset(writer)

    async def close(self) -> None:
        """Stops listening and resets every connection."""
        await self._close_listeners(unlink=True)
        self.drop()
        if self._grpc_errors is not None:
            await self._grpc_errors.stop(None)

    async def _close_listeners(self, *, unlink: bool) -> None:
        for address, server in self._servers.items():
            path = Path(address.removeprefix("unix:"))
            server.close()
            if address.startswith("unix:"):
                # Newer Pythons unlink the file themselves, older ones leave it.
                _remove(path)
                if not unlink:
                    _leave_dead_socket(path)
        self._servers.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        upstream: asyncio.StreamWriter | None = None
        try:
            failing = self._protocol == "grpc" and self._fault.kind == "error"
            replies, upstream = await _connect(self._failing if failing else self._upstream)
            pumps = [
                asyncio.create_task(self._pump_requests(reader, writer, upstream)),
                asyncio.create_task(self._pump_replies(replies, writer)),
            ]
            _, pending = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pending:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        except OSError:
            reset(writer)
        finally:
            self._open.discard(writer)
            for end in (writer, upstream):
                if end is not None:
                    end.close()

    async def _pump_requests(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        upstream: asyncio.StreamWriter,
    ) -> None:
        counter = _COUNTERS[self._protocol]()
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(_BLOCK):
                requests = counter.feed(data)
                self.requests += requests
                if self._fault.kind == "error" and self._protocol != "grpc":
                    writer.write(b"".join(next(self._errors) for _ in range(requests)))
                    await writer.drain()
                else:
                    upstream.write(data)
                    await upstream.drain()

    async def _pump_replies(self, replies: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        last = b""
        with contextlib.suppress(ConnectionError):
            while data := await replies.read(_BLOCK):
                if not await self._forward(data, last, writer):
                    return
                last = data

    async def _forward(self, data: bytes, last: bytes, writer: asyncio.StreamWriter) -> bool:
        """Passes a piece of a reply on, in the way of the fault; returns whether the connection lives on."""
        fault = self._fault
        while self._fault.kind == "black_hole":
            await self._changed.wait()
        if fault.kind == "latency":
            await asyncio.sleep(fault.delay_s)
        elif fault.kind == "drip":
            while data and self._fault is fault:
                writer.write(data[:1])
                data = data[1:]
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), fault.delay_s)
        elif fault.kind == "reset":
            writer.write(data[:_FIRST_BYTES])
            await asyncio.sleep(0)
            reset(writer)
            return False
        elif fault.kind == "truncate":
            writer.write(data[: len(data) // 2])
            await writer.drain()
            return False
        elif fault.kind == "half_close":
            writer.write_eof()
            await asyncio.sleep(0.05)
            return False
        elif fault.kind == "garbage":
            data = garbage(len(data))
        elif fault.kind == "stale":
            data = last or data
        writer.write(data)
        await writer.drain()
        return True


async def _listen(address: str, serve: Any) -> tuple[asyncio.Server, str]:
    kind, _, rest = address.partition(":")
    if kind == "unix":
        _remove(Path(rest))
        return await asyncio.start_unix_server(serve, rest), address
    host, _, port = rest.rpartition(":")
    server = await asyncio.start_server(serve, host, int(port), backlog=1024)
    return server, f"tcp:{host}:{server.sockets[0].getsockname()[1]}"


async def _connect(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    kind, _, rest = address.partition(":")
    if kind == "unix":
        return await asyncio.open_unix_connection(rest)
    host, _, port = rest.rpartition(":")
    return await asyncio.open_connection(host, int(port))


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _leave_dead_socket(path: Path) -> None:
    """Leaves a socket file that nobody listens on, which is what refuses over a Unix socket."""
    import socket

    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))


async def _main() -> None:
    links: dict[str, Link] = {}
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        command = json.loads(line)
        operation = command.pop("op")
        answer: dict[str, Any] = {}
        if operation == "link":
            link = Link(**command)
            await link.start()
            links[link.name] = link
            answer = {"addresses": link.addresses}
        elif operation == "fault":
            await links[command.pop("link")].set(Fault(**command))
        elif operation == "drop":
            links[command["link"]].drop()
        elif operation == "counts":
            answer = {
                name: {"connections": link.connections, "requests": link.requests} for name, link in links.items()
            }
        print(json.dumps(answer), flush=True)
    for link in links.values():
        await link.close()


class ProxyProcess:
    """A proxy in a process of its own; ends with this one."""

    def __init__(self) -> None:
        environment = dict(os.environ)
        environment.pop("LD_PRELOAD", None)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tools.chaos.proxy"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment,
        )
        self._lock = threading.Lock()

    def link(self, name: str, protocol: str, listen: list[str], upstream: str) -> list[str]:
        """Adds a way through; returns where it listens."""
        found = self._ask(op="link", name=name, protocol=protocol, listen=listen, upstream=upstream)
        addresses: list[str] = found["addresses"]
        return addresses

    def set(self, link: str, kind: str = NONE, delay_s: float = 0.0) -> None:
        """Puts a fault in force."""
        self._ask(op="fault", link=link, kind=kind, delay_s=delay_s)

    def drop(self, link: str) -> None:
        """Resets the connections of a link."""
        self._ask(op="drop", link=link)

    def counts(self) -> dict[str, dict[str, int]]:
        """Returns connections and requests by link."""
        counted: dict[str, dict[str, int]] = self._ask(op="counts")
        return counted

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def _ask(self, **command: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the proxy has gone")
        return json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


if __name__ == "__main__":
    asyncio.run(_main())
