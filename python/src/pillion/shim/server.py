"""The shim as a server: it binds, says where it listens, and drains when it is told to stop."""

import asyncio
import contextlib
import errno
import gc
import select
import socket
import struct
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import uvicorn
import uvloop
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pillion.config import ShimSettings
from pillion.errors import ConfigurationError
from pillion.recommend import Recommender
from pillion.shim.app import create_app
from pillion.shim.workers import SIGNALS, supervise

_BACKLOG = 2048
_MOST_TURNS = 1000
_UNDER_WAY_S = 0.1
"""Time for what callers have sent before they can know that the shim is being stopped."""
_MANY, _TOO_LATE_S = 64, 0.25
"""A worker with so many connections whose event loop is later than that resets new ones, to answer the others soon."""
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
Announce = Callable[[str], None]


def _print(line: str) -> None:
    print(line, flush=True)


def serve(
    make: Callable[[], Recommender],
    settings: ShimSettings | None = None,
    *,
    announce: Announce = _print,
    log_requests: bool = False,
) -> None:
    """Runs the shim until SIGTERM or Ctrl-C; blocks.

    Args:
        make: Makes the data plane of a worker, which starts and closes it; must be picklable where there are several.
        settings: Where to listen, workers, limits.
        announce: Gets `LISTENING shim http://HOST:PORT` once, when every worker accepts requests.
        log_requests: Whether each request gets a line in the log.

    Raises:
        ConfigurationError: The address cannot be had, or a data plane cannot start as it is set up.
        InvalidModel: The model's manifest is bad.
    """
    settings = settings or ShimSettings()
    with contextlib.closing(bind(settings.host, settings.port)) as listener:
        host, port = listener.getsockname()[:2]
        ready = partial(announce, f"LISTENING shim http://{f'[{host}]' if ':' in host else host}:{port}")
        if settings.workers == 1:
            _work(make, settings, log_requests, listener, None, ready)
        else:
            work = partial(_work, make, settings, log_requests)
            supervise(work, settings.workers, listener, ready, settings.drain_s)


def _work(
    make: Callable[[], Recommender],
    settings: ShimSettings,
    log_requests: bool,
    listener: socket.socket,
    folder: Path | None,
    ready: Callable[[], None],
) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve_async(make(), settings, listener, folder, ready, log_requests))


async def serve_async(
    recommender: Recommender,
    settings: ShimSettings,
    listener: socket.socket,
    folder: Path | None,
    ready: Callable[[], None],
    log_requests: bool = False,
) -> None:
    """Is one worker, in uvloop's event loop of the main thread, until SIGTERM or Ctrl-C.

    Args:
        recommender: The data plane; started and closed here.
        settings: Limits.
        listener: Where connections are accepted.
        folder: Where the workers of the shim meet; None where there is but this one.
        ready: Called once requests are accepted, and the model answers them if store and sidecar are there.
        log_requests: Whether each request gets a line in the log.
    """
    loop = asyncio.get_running_loop()
    try:
        await recommender.start()
        await recommender.warm_up()
        app = create_app(recommender, settings, log_requests, folder)
        # What lives as long as the process is not looked at again: a collection would take longer than a request has.
        gc.collect()
        gc.freeze()
        server = _Server(app, settings, ready, recommender)
        for number in SIGNALS:
            loop.add_signal_handler(number, server.stop)
        exchange = asyncio.create_task(app.state.peers.exchange(), name="exchange")
        try:
            await server.serve(sockets=[listener])
        finally:
            exchange.cancel()
            for number in SIGNALS:
                loop.remove_signal_handler(number)
    finally:
        await recommender.close()


def bind(host: str, port: int) -> socket.socket:
    """Returns a socket bound to an address; it does not listen yet.

    Raises:
        ConfigurationError: The address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(f"port {port} of {host} is in use: choose another, or 0 for any") from error
        raise ConfigurationError(f"cannot listen on {host}, port {port}: {error.strerror or error}") from error
    return listener


class _BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol for a caller's connection, which is reset where the worker takes no more."""

    @staticmethod
    def is_full() -> bool:
        """Whether the worker takes no more connections; the server's to say."""
        return False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        if not self.is_full():
            super().connection_made(transport)
            return
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        transport.abort()


class _Server(uvicorn.Server):
    """A server that says when it is ready, and leaves signals to its caller."""

    def __init__(
        self, app: FastAPI, settings: ShimSettings, ready: Callable[[], None], recommender: Recommender
    ) -> None:
        def is_full() -> bool:
            count = len(self.server_state.connections)
            return count >= settings.max_connections or (count >= _MANY and recommender.lag_s > _TOO_LATE_S)

        protocol = type("_Protocol", (_BoundedProtocol,), {"is_full": staticmethod(is_full)})
        super().__init__(
            uvicorn.Config(
                app,
                http=protocol,
                log_config=None,
                access_log=False,
                lifespan="off",
                backlog=_BACKLOG,
                server_header=False,
                timeout_graceful_shutdown=max(1, round(settings.drain_s) - 1),
            )
        )
        self._ready = ready
        self._app = app

    def stop(self) -> None:
        """Has no more connections accepted, and ends once the requests under way are answered."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answers what is on its way, each as the last one of its connection, before idle connections are closed.

        uvicorn closes them at once, and with them requests that were sent already but not read yet.
        """
        self._app.state.draining = True
        await asyncio.sleep(_UNDER_WAY_S)  # connections are accepted still
        await self._stop_accepting(sockets or [])
        await asyncio.sleep(_UNDER_WAY_S)
        await _until_quiet(self._callers)
        await super().shutdown(sockets)

    async def _stop_accepting(self, sockets: list[socket.socket]) -> None:
        """Closes the listening sockets, and takes over the connections that wait there."""
        loop = asyncio.get_running_loop()
        listeners = [each.dup() for each in sockets]
        for server in self.servers:
            server.close()
        for listener in listeners:
            with contextlib.closing(listener):
                for connection in _accept_all(listener):
                    await loop.connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> asyncio.Protocol:
        return self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    def _callers(self) -> list[socket.socket]:
        transports = [getattr(connection, "transport", None) for connection in self.server_state.connections]
        found = [transport.get_extra_info("socket") for transport in transports if transport is not None]
        return [connection for connection in found if connection is not None and connection.fileno() >= 0]

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's own would raise the signal again at the end, before anything is closed.
        yield


def _accept_all(listener: socket.socket) -> Iterator[socket.socket]:
    """Returns the connections that wait at a listening socket, which does not block."""
    with contextlib.suppress(BlockingIOError):
        while True:
            yield listener.accept()[0]


async def _until_quiet(sockets: Callable[[], Sequence[socket.socket]]) -> None:
    """Lets the loop run until nothing is left to be read; the caller can close them at once then."""
    for _ in range(_MOST_TURNS):
        poll = select.poll()
        for each in sockets():
            poll.register(each, select.POLLIN)
        if not poll.poll(0):
            return
        await asyncio.sleep(0)
