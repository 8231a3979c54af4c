"""The sidecar as a child process: started, waited for, stopped, and never left behind."""

import logging
import queue
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from pillion.config import SidecarSettings
from pillion.errors import ConfigurationError
from pillion.scoring.java import find_java

_log = logging.getLogger("pillion.sidecar")
_READY = "LISTENING sidecar-http "
_STOP_S = 5.0
_POLL_S = 0.2
_LAST_LINES = 20
Progress = Callable[[str], None]


class SidecarProcess:
    """A sidecar of one's own.

    It ends with this process, however that ends: it watches a pipe that only this process holds. What it
    writes to standard error goes to the logger `pillion.sidecar`.

    Args:
        settings: Jar, models, Java, time to start.
        http: Where it listens; port 0 for any that is free.
        uds: A Unix socket to listen on as well.
        options: More options of the sidecar's command line.
    """

    def __init__(
        self,
        settings: SidecarSettings,
        http: str = "127.0.0.1:0",
        uds: Path | None = None,
        options: tuple[str, ...] = (),
    ) -> None:
        self._settings = settings
        self._options = [*options, "--http", http, *(["--uds", str(uds)] if uds else [])]
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._errors: deque[str] = deque(maxlen=_LAST_LINES)
        self._readers: list[threading.Thread] = []
        self.addresses: list[str] = []
        """The lines that say where it listens, without `LISTENING `."""

    def start(self, progress: Progress = lambda text: None) -> str:
        """Starts the sidecar and waits until it serves.

        Args:
            progress: Is told what is being done, about once a second.

        Returns:
            Its address, `http://HOST:PORT`.

        Raises:
            ConfigurationError: There is no Java, no jar or no model repository, or the sidecar did not get
                ready; the message says why.
        """
        settings = self._settings
        if not settings.jar.is_file():
            raise ConfigurationError(f"there is no sidecar at {settings.jar}: build it with 'make build'")
        if not settings.models.is_dir():
            raise ConfigurationError(f"there is no model repository at {settings.models}")
        java = find_java(settings.java)
        command = [
            str(java), *settings.jvm_options, "-jar", str(settings.jar),
            "--models", str(settings.models), "--exit-with-stdin", *self._options,
        ]  # fmt: skip
        progress("starting the sidecar")
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                bufsize=1,
                start_new_session=True,
            )
        except OSError as error:
            raise ConfigurationError(f"{java} cannot be run: {error}") from error
        self._read(self._process.stdout, self._take_line)
        self._read(self._process.stderr, self._take_error)
        try:
            return self._await_address(self._process, progress)
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int | None:
        """The process id; None where it was not started, or was stopped."""
        return None if self._process is None else self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Ends the sidecar and waits for its end: politely, and after five seconds by force."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for reader in self._readers:
            reader.join(_STOP_S)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _await_address(self, process: "subprocess.Popen[str]", progress: Progress) -> str:
        started = time.monotonic()
        told_s = 0
        while True:
            try:
                line = self._lines.get(timeout=_POLL_S)
            except queue.Empty:
                line = ""
            if line is None or (not line and process.poll() is not None):
                process.wait()
                raise ConfigurationError(f"the sidecar did not start: {self._reason()}")
            if line.startswith(_READY):
                return line.removeprefix(_READY)
            waited = time.monotonic() - started
            if waited > self._settings.start_timeout_s:
                limit_s = self._settings.start_timeout_s
                raise ConfigurationError(f"the sidecar was not ready after {limit_s:.0f} s: {self._reason()}")
            if int(waited) > told_s:
                told_s = int(waited)
                progress(f"waiting for the sidecar, {told_s} s")

    def _reason(self) -> str:
        for reader in self._readers:
            reader.join(_POLL_S)
        said = [line for line in self._errors if line.startswith("error: ")] or list(self._errors)
        return said[-1].removeprefix("error: ") if said else "it gave no reason"

    def _read(self, stream: IO[str] | None, take: Callable[[str | None], None]) -> None:
        """Keeps a pipe empty, since a full one would stop the sidecar."""

        def pump() -> None:
            if stream is not None:
                for line in stream:
                    take(line.rstrip("\n"))
            take(None)

        reader = threading.Thread(target=pump, daemon=True, name="sidecar-output")
        reader.start()
        self._readers.append(reader)

    def _take_line(self, line: str | None) -> None:
        if line is not None and line.startswith("LISTENING "):
            self.addresses.append(line.removeprefix("LISTENING "))
        self._lines.put(line)

    def _take_error(self, line: str | None) -> None:
        if line is not None:
            self._errors.append(line)
            _log.info("%s", line)
