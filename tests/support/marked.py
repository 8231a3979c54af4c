"""Processes that were started, at any remove, with a mark in their environment."""

import time
from pathlib import Path

_PATIENCE_S = 30


def marked(mark: str) -> list[int]:
    """Ids of the processes that have a mark, and run."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if mark.encode() in (folder / "environ").read_bytes() and "Z" not in _state(folder):
                    found.append(int(folder.name))
            except OSError:
                continue
    return found


def await_nothing(mark: str) -> list[int]:
    """Waits until no process has a mark; returns those that have it still after half a minute."""
    end = time.monotonic() + _PATIENCE_S
    while (left := marked(mark)) and time.monotonic() < end:
        time.sleep(0.1)
    return left


def _state(folder: Path) -> str:
    return (folder / "stat").read_text().rpartition(")")[2].split()[0]
