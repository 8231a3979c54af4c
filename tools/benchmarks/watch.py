"""What watching takes of a request, of 45 features and 200 candidates: `python -m tools.benchmarks.watch`."""

import asyncio
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pillion.config import WatchSettings
from pillion.features import measure_baseline
from pillion.features.contract import Contract, Input
from pillion.project import Project
from pillion.recommend import ScoredRequest, ServedModel
from pillion.watch import FeatureWatch, RequestLog, Watch, log_files
from tests.support import watched

NUMBERS, TEXTS = 40, 5
_TURNS, _TIMES = 5, 2000


def request() -> tuple[ScoredRequest, int]:
    """A request with as many features as the demo's ranker has, and the bytes of its model's baseline."""
    numbers = [Input(f"number{place}", "double", "continuous", "user") for place in range(NUMBERS)]
    texts = [Input(f"text{place}", "string", "categorical", "online") for place in range(TEXTS)]
    inputs, drawn = (*numbers, *texts), random.Random(1)
    rows: dict[str, list[Any]] = {
        each.name: [drawn.gauss(0, 1) if each in numbers else drawn.choice("abc") for _ in range(3000)]
        for each in inputs
    }
    baseline = measure_baseline(rows, inputs)
    model = ServedModel("ranker", 1, Contract(inputs), watched.served().ranking, baseline)
    catalog = asyncio.run(watched.catalog_with())
    context = {name: column[0] for name, column in rows.items()}
    asked = watched.scored(
        catalog, context, candidates=range(1, 201), answer=range(1, 11), scores=[drawn.random() for _ in range(10)]
    )
    contract = replace(
        asked.bound.contract,
        user=tuple(each.name for each in numbers),
        online=tuple(each.name for each in texts),
    )
    found = replace(
        asked, request=replace(asked.request, model=model), bound=replace(asked.bound, contract=contract)
    )  # fmt: skip
    return found, len(baseline.to_bytes())


def microseconds(work: Callable[[], object]) -> float:
    """Returns the processor's time for one call, the best of some turns."""
    best = float("inf")
    for _ in range(_TURNS):
        started = time.process_time()
        for _ in range(_TIMES):
            work()
        best = min(best, (time.process_time() - started) / _TIMES)
    return best * 1e6


def main() -> None:
    """Prints a line for each part."""
    asked, size = request()
    features, by_default = FeatureWatch(Project(), 2000), Watch(WatchSettings(), Project())
    show("features of a request, counted", microseconds(lambda: features.note(asked)))
    show("a request, by default settings", microseconds(lambda: by_default.scored(asked)))
    with tempfile.TemporaryDirectory() as folder:
        nobody = RequestLog(Path(folder) / "nobody", WatchSettings(log_share=0.0))
        show("a request whose user is not logged", microseconds(lambda: nobody.note(asked)))
        everybody = RequestLog(Path(folder) / "all", WatchSettings(log_share=1.0, log_queue=_TURNS * _TIMES))
        show("a request that is logged, until it is in the queue", microseconds(lambda: everybody.note(asked)))
        asyncio.run(everybody.close())
        line = log_files(Path(folder) / "all")[0].read_bytes().partition(b"\n")[0]
    print(f"{len(line) + 1:,} bytes a line of 200 candidates, {size:,} a baseline of {NUMBERS + TEXTS} features")


def show(what: str, time_us: float) -> None:
    """Prints a line."""
    print(f"{time_us:6.1f} µs  {what}")


if __name__ == "__main__":
    main()
