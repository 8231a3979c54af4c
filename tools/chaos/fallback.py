"""Measures the fallback alone, in process: `python -m tools.chaos.fallback`.

The store's breaker is open, so that every answer comes from memory.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from pillion.features import MemoryStore
from pillion.recommend import Recommender
from pillion.scoring import FakeScorer, ModelRepository, Scores
from pillion.types import Request, Value
from tests.support.models import PROJECT, write_models
from tools.chaos import fixture_dataset

_ANSWERS = 5000
_CONTEXT: dict[str, Value] = {
    "device": fixture_dataset.DEVICE,
    "country": fixture_dataset.COUNTRY,
    "hour": fixture_dataset.HOUR,
}


async def measure(folder: Path) -> float:
    """Prints median and 99th percentile; returns the latter, in milliseconds."""
    store = MemoryStore()
    await fixture_dataset.load(store)
    plane = Recommender(
        store, FakeScorer(lambda request: Scores({})), ModelRepository(write_models(folder / "models")), project=PROJECT
    )
    await plane.start()
    plane.breakers["store"].force_open()
    times = []
    for number in range(_ANSWERS):
        started = time.perf_counter()
        answer = await plane.recommend(Request(1 + number % 200, fixture_dataset.K, context=_CONTEXT))
        times.append((time.perf_counter() - started) * 1000)
        assert (answer.source, len(answer.items)) == ("segment", fixture_dataset.K)
    await plane.close()
    times.sort()
    p99 = times[int(0.99 * _ANSWERS)]
    print(f"fallback in process: median {times[_ANSWERS // 2]:.2f} ms, p99 {p99:.2f} ms, of {_ANSWERS}")
    return p99


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        sys.exit(asyncio.run(measure(Path(scratch))) > 2.0)
