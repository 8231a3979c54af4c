"""A program of one's own that says where it listens: started, waited for, stopped, measured, never left behind."""

import logging
import queue
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import IO, Self

from pillion.errors import ConfigurationError

_POLL_S = 0.2
_LOOK_S = 0.02
_LAST_LINES = 20
Progress = Callable[[str], None]


class OwnProcess(ABC):
    """A child process that a `with` block starts and stops."""

    @abstractmethod
    def start(self, progress: Progress = lambda text: None) -> str:
        """Starts the program, waits until it serves, and returns its address."""

    @abstractmethod
    def stop(self) -> None:
        """Ends the program and waits for its end; does nothing where it has ended."""

    @abstractmethod
    def wait(self) -> int:
        """Returns the exit code once the program has ended by itself or was ended; minus a signal's number for that."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class ListeningProcess(OwnProcess):
    """A child process that prints `LISTENING <name> <address>` lines once it serves.

    Its standard input is a pipe that only this process holds, so that it can tell when this process has ended. What
    it writes to standard error goes to the logger `pillion.<name>`.

    Args:
        name: What it is called in messages.
        command: Program and arguments.
        ready: The listener whose line says that it serves, e.g. `sidecar-http`; its line is the last one that matters.
        start_timeout_s: Time that the start may take.
        stop_s: Time that it gets to end when it is told to; then it is killed.
        environment: Its environment; this process's where None.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        ready: str,
        start_timeout_s: float,
        stop_s: float = 5.0,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.addresses: list[str] = []
        """The lines that say where it listens, without `LISTENING `."""
        self._name = name
        self._command = list(command)
        self._ready = f"{ready} "
        self._start_timeout_s = start_timeout_s
        self._stop_s = stop_s
        self._environment = environment
        self._log = logging.getLogger(f"pillion.{name}")
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._errors: deque[str] = deque(maxlen=_LAST_LINES)
        self._readers: list[threading.Thread] = []

    def start(self, progress: Progress = lambda text: None) -> str:
        """Starts the program and waits until it serves.

        Args:
            progress: Is told what is being done, about once a second.

        Returns:
            The address of the listener named by `ready`.

        Raises:
            ConfigurationError: It cannot be run, or did not get ready; the message says why.
        """
        progress(f"starting the {self._name}")
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                bufsize=1,
                start_new_session=True,
                env=None if self._environment is None else dict(self._environment),
            )
        except OSError as error:
            raise ConfigurationError(f"{self._command[0]} cannot be run: {error}") from error
        self._read(self._process.stdout, self._take_line)
        self._read(self._process.stderr, self._take_error)
        try:
            return self._await_address(self._process, progress)
        except BaseException:
            self.stop()
            raise

    def address_of(self, name: str) -> str:
        """Returns the address of one more listener, whose line may still be on its way.

        Raises:
            ConfigurationError: The program ended, or does not say that it listens there.
        """
        deadline = time.monotonic() + self._start_timeout_s
        while True:
            running = self.running
            for line in list(self.addresses):
                if line.startswith(f"{name} "):
                    return line.removeprefix(f"{name} ")
            if not running or time.monotonic() > deadline:
                raise ConfigurationError(f"the {self._name} does not listen as {name}")
            time.sleep(_LOOK_S)

    @property
    def pid(self) -> int | None:
        """The process id; None where it was not started, or was stopped."""
        return None if self._process is None else self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def wait(self) -> int:
        """See `OwnProcess.wait`."""
        process = self._process
        return 0 if process is None else process.wait()

    def kill(self) -> None:
        """Ends it at once, as a crash would; `stop` is still to be called."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """Ends it and waits for its end: politely, and after a while by force."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(self._stop_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for reader in self._readers:
            reader.join(self._stop_s)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()

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
                raise ConfigurationError(f"the {self._name} did not start: {self._reason()}")
            if line.startswith(f"LISTENING {self._ready}"):
                return line.removeprefix(f"LISTENING {self._ready}")
            waited = time.monotonic() - started
            if waited > self._start_timeout_s:
                limit_s = self._start_timeout_s
                raise ConfigurationError(f"the {self._name} was not ready after {limit_s:.0f} s: {self._reason()}")
            if int(waited) > told_s:
                told_s = int(waited)
                progress(f"waiting for the {self._name}, {told_s} s")

    def _reason(self) -> str:
        for reader in self._readers:
            reader.join(_POLL_S)
        said = [line for line in self._errors if line.startswith("error: ")] or list(self._errors)
        return said[-1].removeprefix("error: ") if said else "it gave no reason"

    def _read(self, stream: IO[str] | None, take: Callable[[str | None], None]) -> None:
        """Keeps a pipe empty, since a full one would stop the program."""

        def pump() -> None:
            if stream is not None:
                for line in stream:
                    take(line.rstrip("\n"))
            take(None)

        reader = threading.Thread(target=pump, daemon=True, name=f"{self._name}-output")
        reader.start()
        self._readers.append(reader)

    def _take_line(self, line: str | None) -> None:
        if line is not None and line.startswith("LISTENING "):
            self.addresses.append(line.removeprefix("LISTENING "))
        self._lines.put(line)

    def _take_error(self, line: str | None) -> None:
        if line is not None:
            self._errors.append(line)
            self._log.log(self._level(line), "%s", line)

    def _level(self, line: str) -> int:
        """How severe a line of standard error is."""
        return logging.INFO
