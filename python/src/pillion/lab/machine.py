"""The machine that something was measured on."""

import hashlib
import os
import platform
import re
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

_STREAM_BYTES = 1 << 28
"""Each of the arrays that are copied; larger than the caches of most machines."""
_STREAM_RUNS = 5
_CACHES = Path("/sys/devices/system/cpu/cpu0/cache")


def describe_machine() -> dict[str, Any]:
    """Returns what this machine is: processor, cores, caches, memory, system, and its memory's bandwidth."""
    about = {
        "processor": processor(),
        "cores": os.cpu_count() or 1,
        "caches": _caches(),
        "memory_bytes": _meminfo("MemTotal"),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
    return {**about, "bandwidth": stream_bandwidth()}


def machine_key(about: dict[str, Any]) -> str:
    """Returns a short name of a machine, by which points name it; what was measured of it doesn't matter."""
    fixed = repr(sorted((name, value) for name, value in about.items() if name != "bandwidth"))
    return hashlib.sha256(fixed.encode()).hexdigest()[:8]


def processor() -> str:
    """Returns the name of the processor."""
    try:
        found = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def stream_bandwidth() -> float:
    """Returns bytes a second that one thread reads and writes, the best of several copies of a large array."""
    size = min(_STREAM_BYTES, max(1 << 24, available_memory() // 8))
    source, target = np.ones(size // 8), np.zeros(size // 8)
    best = float("inf")
    for _ in range(_STREAM_RUNS):
        begin = time.perf_counter()
        np.copyto(target, source)
        best = min(best, time.perf_counter() - begin)
    return 2 * size / best


def available_memory() -> int:
    """Returns bytes that can be had without swapping."""
    return _meminfo("MemAvailable") or sys.maxsize


def _caches() -> dict[str, str]:
    found = {}
    for index in sorted(_CACHES.glob("index*")):
        try:
            level, kind, size = ((index / name).read_text().strip() for name in ("level", "type", "size"))
        except OSError:
            continue
        if kind != "Instruction":
            found[f"L{level}"] = size
    return found


def _meminfo(name: str) -> int:
    try:
        found = re.search(rf"^{name}:\s*(\d+) kB$", Path("/proc/meminfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return int(found[1]) * 1024 if found else 0
