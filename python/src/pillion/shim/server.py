"""The shim as a server: it binds, says where it listens, and drains when it is told to stop."""

import asyncio
import contextlib
import errno
import gc
import select
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import uvicorn
from fastapi import FastAPI

from pillion.config import ShimSettings
from pillion.errors import ConfigurationError
from pillion.recommend import Recommender
from pillion.shim.app import create_app

_BACKLOG = 2048
_MOST_TURNS = 1000
_TURNS_TO_ACCEPT = 4
_UNDER_WAY_S = 0.1
"""Time for what callers have sent before they can know that the shim is being stopped."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
Announce = Callable[[str], None]


def _print(line: str) -> None:
    print(line, flush=True)


def serve(
    recommender: Recommender,
    settings: ShimSettings | None = None,
    *,
    announce: Announce = _print,
    log_requests: bool = False,
) -> None:
    """Runs the shim until SIGTERM or Ctrl-C; blocks.

    Args:
        recommender: The data plane; started and closed here.
        settings: Where to listen, limits.
        announce: Gets `LISTENING shim http://HOST:PORT` once requests are accepted.
        log_requests: Whether each request gets a line in the log.

    Raises:
        ConfigurationError: The address cannot be had, or the data plane cannot start as it is set up.
        InvalidModel: The model's manifest is bad.
    """
    # What lives as long as the process is not looked at again: a collection would take longer than a request has.
    gc.collect()
    gc.freeze()
    asyncio.run(serve_async(recommender, settings, announce=announce, log_requests=log_requests))


async def serve_async(
    recommender: Recommender,
    settings: ShimSettings | None = None,
    *,
    announce: Announce = _print,
    log_requests: bool = False,
) -> None:
    """Does as `serve` does, in a running event loop of the main thread."""
    settings = settings or ShimSettings()
    listener = bind(settings.host, settings.port)
    with contextlib.closing(listener):
        try:
            await recommender.start()
            app = create_app(recommender, settings, log_requests)
            host, port = listener.getsockname()[:2]
            address = f"[{host}]" if ":" in host else host
            ready = partial(announce, f"LISTENING shim http://{address}:{port}")
            server = _Server(app, settings, ready)
            loop = asyncio.get_running_loop()
            for number in _SIGNALS:
                loop.add_signal_handler(number, server.stop)
            try:
                await server.serve(sockets=[listener])
            finally:
                for number in _SIGNALS:
                    loop.remove_signal_handler(number)
        finally:
            await recommender.close()


def bind(host: str, port: int) -> socket.socket:
    """Returns a socket bound to an address; it does not listen yet.

    Raises:
        ConfigurationError: The address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol spelled out, or asyncio leaves Nagle's algorithm on, which costs up to 40 ms an answer.
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


class _Server(uvicorn.Server):
    """A server that says when it is ready, and leaves signals to its caller."""

    def __init__(self, app: FastAPI, settings: ShimSettings, ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http="httptools",
                log_config=None,
                access_log=False,
                lifespan="off",
                backlog=_BACKLOG,
                server_header=False,
                timeout_graceful_shutdown=max(1, round(settings.drain_s)),
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
        """Closes the listening sockets, once each connection that was made is one of ours.

        asyncio takes two turns for a connection, and forgets those whose server is closed between them.
        """
        loop = asyncio.get_running_loop()
        for each in sockets:
            loop.remove_reader(each)
        for _ in range(_TURNS_TO_ACCEPT):
            await asyncio.sleep(0)
        late = [connection for each in sockets for connection in _accept_all(each)]
        for server in self.servers:
            server.close()
        for connection in late:
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
