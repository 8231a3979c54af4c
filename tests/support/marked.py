"""Processes that were started, at any remove: found by a mark in their environment, or by who started them."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path

_PATIENCE_S = 30


def marked(mark: str) -> list[int]:
    """Ids of the processes that have a mark, and run."""
    return [pid for pid in _running() if mark.encode() in _read(pid, "environ")]


def children(parent: int) -> list[int]:
    """Ids of the processes that a process has started itself, and that run."""
    return [pid for pid in _running() if _stat(pid)[1:2] == [str(parent)]]


def await_nothing(mark: str) -> list[int]:
    """Waits until no process has a mark; returns those that have it still after half a minute."""
    return _await(lambda: marked(mark))


def await_end(pids: Iterable[int]) -> list[int]:
    """Waits until none of some processes runs; returns those that do still after half a minute."""
    wanted = set(pids)
    return _await(lambda: [pid for pid in _running() if pid in wanted])


def _await(find: Callable[[], list[int]]) -> list[int]:
    end = time.monotonic() + _PATIENCE_S
    while (left := find()) and time.monotonic() < end:
        time.sleep(0.1)
    return left


def _running() -> list[int]:
    pids = [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()]
    return [pid for pid in pids if _stat(pid)[:1] not in ([], ["Z"])]


def _stat(pid: int) -> list[str]:
    """State, parent and so on of a process; nothing of one that has gone."""
    return _read(pid, "stat").decode(errors="replace").rpartition(")")[2].split()


def _read(pid: int, file: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{file}").read_bytes()
    except OSError:
        return b""
