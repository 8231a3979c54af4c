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

from pillion.config import ShimSettings
from pillion.errors import ConfigurationError
from pillion.recommend import Recommender
from pillion.shim.app import create_app
from pillion.shim.workers import SIGNALS, supervise

_BACKLOG = 2048
_MOST_TURNS = 1000
_UNDER_WAY_S = 0.1
"""Time for what callers have sent before they can know that the shim is being stopped."""
_ACCEPTED_A_TURN = 64
_MANY, _TOO_LATE_S = 64, 0.1
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
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted connections have it as well
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(f"port {port} of {host} is in use: choose another, or 0 for any") from error
        raise ConfigurationError(f"cannot listen on {host}, port {port}: {error.strerror or error}") from error
    return listener


def uvicorn_config(app: FastAPI, settings: ShimSettings) -> uvicorn.Config:
    """Returns how uvicorn serves an application."""
    return uvicorn.Config(
        app,
        http="httptools",
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=max(1, round(settings.drain_s) - 1),
    )


class _Server(uvicorn.Server):
    """A server that says when it is ready, and leaves signals to its caller."""

    def __init__(
        self, app: FastAPI, settings: ShimSettings, ready: Callable[[], None], recommender: Recommender
    ) -> None:
        super().__init__(uvicorn_config(app, settings))
        self._ready = ready
        self._app = app
        self._most = settings.max_connections
        self._recommender = recommender
        self._taking: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        """Has no more connections accepted, and ends once the requests under way are answered."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listens; uvloop would accept one connection a turn, and a worker with much to do has few turns."""
        await super().startup([])
        for listener in sockets or []:
            listener.setblocking(False)
            listener.listen(_BACKLOG)
            asyncio.get_running_loop().add_reader(listener, self._accept, listener)
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

    def _accept(self, listener: socket.socket) -> None:
        """Takes connections that wait, a few at a time to leave the other workers some; resets what is too much."""
        taken = 0
        for connection in _waiting(listener):
            if self._is_full():
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                connection.close()
                continue
            self._take(connection)
            taken += 1
            if taken == _ACCEPTED_A_TURN:
                return

    def _is_full(self) -> bool:
        count = len(self.server_state.connections) + len(self._taking)
        return count >= self._most or (count >= _MANY and self._recommender.lag_s > _TOO_LATE_S)

    def _take(self, connection: socket.socket) -> None:
        async def connect() -> None:
            with contextlib.suppress(OSError):  # its caller may have gone
                await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)

        task = asyncio.create_task(connect())
        self._taking.add(task)
        task.add_done_callback(self._taking.discard)

    async def _stop_accepting(self, sockets: list[socket.socket]) -> None:
        """Takes over the connections that wait at the listening sockets, and closes those."""
        for listener in sockets:
            asyncio.get_running_loop().remove_reader(listener)
            for connection in _waiting(listener):
                self._take(connection)
            listener.close()
        await asyncio.gather(*self._taking)

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


def _waiting(listener: socket.socket) -> Iterator[socket.socket]:
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
