"""Ways to time a call: one caller that waits, and calls that begin when they are due."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

import numpy as np

from tools.process_usage import cpu_s

Call = Callable[[], Awaitable[None]]
_FEWEST = 40
_ENOUGH_FOR_P999 = 1000


def percentiles(seconds: list[float]) -> dict[str, float]:
    """The table's percentiles, in milliseconds; p99.9 where there were a thousand calls."""
    p50, p99, p999 = np.percentile(np.array(seconds) * 1e3, [50, 99, 99.9]).tolist()
    found = {"p50_ms": p50, "p99_ms": p99}
    return found | {"p999_ms": p999} if len(seconds) >= _ENOUGH_FOR_P999 else found


def medians(turns: list[dict[str, float]]) -> dict[str, float]:
    """The median of each figure that all turns have."""
    common = [what for what in turns[0] if all(what in one for one in turns)]
    return {what: statistics.median(one[what] for one in turns) for what in common}


async def warm_up(call: Call, seconds: float) -> None:
    """Calls for a while, and counts nothing."""
    end = time.perf_counter() + seconds
    for _ in range(_FEWEST // 2):
        await call()
    while time.perf_counter() < end:
        await call()


async def closed(call: Call, pid: int, seconds: float) -> dict[str, float]:
    """One caller, which waits for each answer; CPU is that of the process `pid`."""
    await warm_up(call, seconds / 3)
    times: list[float] = []
    cpu, start = cpu_s(pid), time.perf_counter()
    while time.perf_counter() - start < seconds or len(times) < _FEWEST:
        begin = time.perf_counter()
        await call()
        times.append(time.perf_counter() - begin)
    wall = time.perf_counter() - start
    used = (cpu_s(pid) - cpu) / len(times) * 1e3
    return {**percentiles(times), "per_s": len(times) / wall, "cpu_ms": used, "calls": len(times)}


async def opened(call: Call, per_s: float, seconds: float) -> dict[str, float]:
    """Calls that begin at fixed times, whether or not those before were answered; timed from when they were due."""
    times: list[float] = []

    async def one(due: float) -> None:
        await call()
        times.append(time.perf_counter() - due)

    start = time.perf_counter()
    under_way: set[asyncio.Task[None]] = set()
    for number in range(max(_FEWEST // 2, int(per_s * seconds))):
        due = start + number / per_s
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(one(due))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    return percentiles(times)
