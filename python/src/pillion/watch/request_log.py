"""The request log: a share of the answered requests, written by a thread of its own, in files of bounded size."""

import asyncio
import contextlib
import logging
import os
import queue
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from pillion.config import WatchSettings, read_token
from pillion.errors import ConfigurationError
from pillion.features.popularity import among, without
from pillion.recommend import ScoredRequest
from pillion.watch.logged_request import PATTERN, LoggedRequest, hash_user

_log = logging.getLogger("pillion.watch.request_log")
_KEY = "key"
_WHOLE = 1 << 64
_FLUSH_S = 5.0


@dataclass(frozen=True, slots=True)
class LogCounts:
    """What became of the requests of the users that are logged.

    Attributes:
        written: In the log.
        dropped: Left out, since too many waited to be written.
        failed: Left out, since they could not be written.
    """

    written: int
    dropped: int
    failed: int


class RequestLog:
    """Logs the requests of a share of the users.

    `note` only hashes the user and puts the request into a queue, which drops where it is full.

    Args:
        folder: Where the files are; made where it is absent.
        settings: The share and the bounds.
        now: Seconds since 1970 UTC.

    Raises:
        ConfigurationError: The folder or the key can't be had.
    """

    def __init__(self, folder: Path, settings: WatchSettings, now: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._bound = round(settings.log_share * _WHOLE)
        self._now = now
        self._queue: queue.Queue[tuple[int, float, str, ScoredRequest] | None] = queue.Queue(settings.log_queue)
        self._files = settings.log_files
        self._file_bytes = settings.log_file_bytes
        self._file: IO[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._served = self._written = self._dropped = self._failed = 0
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._key = _read_key(settings.log_key_file or folder / _KEY)
        except OSError as error:
            raise ConfigurationError(f"requests cannot be logged in {folder}: {error.strerror}") from error

    def note(self, scored: ScoredRequest) -> None:
        """Has a request written, if its user is one of those that are logged."""
        self._served += 1
        user = hash_user(scored.request.request.user_id, self._key)
        if int.from_bytes(user[:8], "big") >= self._bound:
            return
        try:
            self._queue.put_nowait((self._served, self._now(), user.hex(), scored))
        except queue.Full:
            self._dropped += 1
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._write_forever, name="request-log", daemon=True)
            self._thread.start()

    @property
    def counts(self) -> LogCounts:
        """What became of the requests so far."""
        return LogCounts(self._written, self._dropped, self._failed)

    async def close(self) -> None:
        """Writes what waits, for at most five seconds."""
        if self._thread is not None:
            await asyncio.to_thread(self._finish, self._thread)

    def _finish(self, thread: threading.Thread) -> None:
        with contextlib.suppress(queue.Full):
            self._queue.put(None, timeout=_FLUSH_S)
        thread.join(_FLUSH_S)

    def _write_forever(self) -> None:
        while (waiting := self._queue.get()) is not None:
            try:
                self._write(_logged(*waiting).to_bytes())
                self._written += 1
            except (OSError, TypeError, ValueError) as error:
                if not self._failed:
                    _log.warning("a request could not be logged, and others may not be: %s", error)
                self._failed += 1
        if self._file is not None:
            self._file.close()

    def _write(self, line: bytes) -> None:
        if len(line) > self._file_bytes:
            raise ValueError(f"it has {len(line)} bytes, but a file {self._file_bytes} at most")
        # Another worker may have removed this file as the oldest one.
        if self._file is not None and os.fstat(self._file.fileno()).st_nlink == 0:
            self._file.close()
            self._file = None
        if self._file is None or self._file.tell() + len(line) > self._file_bytes:
            self._begin_file()
        assert self._file is not None
        self._file.write(line)
        self._file.flush()

    def _begin_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        for oldest in sorted(self._folder.glob(PATTERN))[: -self._files + 1]:
            oldest.unlink(missing_ok=True)
        seconds, rest = divmod(time.time_ns(), 10**9)  # read once, so that names ascend
        stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(seconds))
        name = PATTERN.replace("*", f"{stamp}-{rest:09d}-{os.getpid()}")
        handle = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_EXCL, 0o600)
        self._file = os.fdopen(handle, "ab")


def _logged(served: int, at: float, user: str, scored: ScoredRequest) -> LoggedRequest:
    request, result, names = scored.request, scored.result, scored.request.catalog.numbers
    candidates = scored.candidates
    if request.model.single_row:
        known = np.array(list(scored.bound.classes.values()), dtype=np.int64)
        known = without(known, request.findings.user.seen)
        candidates = known if request.candidates is None else known[among(known, candidates)]
    sent = request.findings.user.items
    items = names.ids(np.array(list(sent), dtype=np.int64)) if sent else []
    return LoggedRequest(
        served,
        at,
        user,
        result.model or "",
        result.version or 0,
        result.engine or "",
        request.catalog.version,
        request.k,
        scored.context,
        tuple(names.ids(candidates)),
        tuple(names.ids(result.items)),
        tuple(result.scores or ()),
        dict(zip(items, sent.values(), strict=True)),
    )


def _read_key(path: Path) -> bytes:
    """The key of a file, which is made where it is absent; of workers that start at once, one makes it."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(32) + "\n")
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    return read_token(path, "the key of the request log").encode()
