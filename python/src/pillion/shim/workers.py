"""The workers of a shim: processes that serve one listening socket, watched over by the one that started them."""

import logging
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import FrameType

from prometheus_client.multiprocess import mark_process_dead

from pillion.errors import ConfigurationError, PillionError
from pillion.shim.metrics import FOLDER

_log = logging.getLogger("pillion.shim.workers")
_spawn = get_context("spawn")
_PAUSE_S = 1.0
"""Before a worker is started again that ended while it was starting."""
SIGNALS = (signal.SIGTERM, signal.SIGINT)
Work = Callable[[socket.socket, Path, Callable[[], None]], None]
"""Serves a listening socket until SIGTERM; gets the workers' folder, and what to call once it is ready."""


def supervise(work: Work, count: int, listener: socket.socket, ready: Callable[[], None], stop_s: float) -> None:
    """Runs workers until SIGTERM or Ctrl-C, and starts another for each that ends before.

    Args:
        work: What each does; must be picklable.
        count: How many.
        listener: The socket that all of them accept connections from; closed here.
        ready: Called once all of them are.
        stop_s: Seconds that they get to end.

    Raises:
        ConfigurationError: One could not start.
    """
    told, tell = os.pipe()

    def stop(number: int, frame: FrameType | None) -> None:
        os.write(tell, b".")

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    with tempfile.TemporaryDirectory(prefix="pillion-shim-") as folder:
        os.environ[FOLDER] = folder
        workers: list[_Worker] = []
        try:
            workers += (_Worker(work, listener, Path(folder)) for _ in range(count))
            _watch(workers, told, ready)
        finally:
            listener.close()  # or connections would still be made, and accepted by nobody
            for worker in workers:
                worker.process.terminate()
            end = time.monotonic() + stop_s
            for worker in workers:
                worker.stop(max(0.0, end - time.monotonic()))
            del os.environ[FOLDER]
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(told)
            os.close(tell)


def _watch(workers: "list[_Worker]", told: int, ready: Callable[[], None]) -> None:
    announced = False
    while True:
        pipes = [worker.pipe for worker in workers if worker.starting]
        happened = wait([told, *pipes, *(worker.process.sentinel for worker in workers)])
        if told in happened:
            return
        for at, worker in enumerate(workers):
            if worker.pipe in happened:
                worker.hear()
            if worker.process.sentinel in happened:
                worker.stop(0.0)
                if not announced:
                    raise ConfigurationError(worker.problem)
                _log.error("worker %s ended with %s, another one starts", worker.process.pid, worker.process.exitcode)
                if not worker.ready:
                    time.sleep(_PAUSE_S)
                workers[at] = worker.again()
        if not announced and all(worker.ready for worker in workers):
            announced = True
            ready()


class _Worker:
    """One process, as the one that started it sees it."""

    def __init__(self, work: Work, listener: socket.socket, folder: Path) -> None:
        self.ready = False
        self.starting = True
        self.problem = "a worker ended before it was ready"
        self._made_of = (work, listener, folder)
        self.pipe, theirs = _spawn.Pipe()
        self.process = _spawn.Process(target=_run, args=(*self._made_of, theirs), name="worker")
        self.process.start()
        theirs.close()

    def again(self) -> "_Worker":
        return _Worker(*self._made_of)

    def hear(self) -> None:
        """Takes what the worker says once: nothing where it is ready, else why it is not."""
        self.starting = False
        with suppress(EOFError, OSError):
            problem = self.pipe.recv()
            self.ready = problem is None
            self.problem = problem or self.problem

    def stop(self, patience_s: float) -> None:
        """Waits for the end of the process, and brings it about in the end."""
        self.process.join(patience_s)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.pipe.close()
        folder = self._made_of[2]
        mark_process_dead(self.process.pid, str(folder))  # type: ignore[no-untyped-call]
        (folder / f"{self.process.pid}.json").unlink(missing_ok=True)


def _run(work: Work, listener: socket.socket, folder: Path, pipe: Connection) -> None:
    """What a worker's process does; it ends with the one that started it."""
    threading.Thread(target=_end_with_parent, args=(pipe,), daemon=True, name="parent").start()
    try:
        work(listener, folder, lambda: pipe.send(None))
    except PillionError as error:
        pipe.send(str(error))
        sys.exit(1)


def _end_with_parent(pipe: Connection) -> None:
    with suppress(EOFError, OSError):
        pipe.recv()
    os.kill(os.getpid(), signal.SIGTERM)
