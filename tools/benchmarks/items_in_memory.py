"""How long a sidecar takes to load a catalog from a real store, and what its items take of the heap.

python -m tools.benchmarks.items_in_memory --items 1000000 --features 20 --heap 1g
"""

import argparse
import asyncio
import json
import re
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pillion.config import JVM_OPTIONS, SidecarSettings, StoreSettings
from pillion.features import Contents, FeatureTable, publish_contents
from pillion.features.store_process import StoreProcess
from pillion.scoring.sidecar_process import SidecarProcess
from tests.conformance.models import write_models

_PATIENCE_S = 600.0
_GENRES = np.array(["drama", "comedy", "action", "documentary", "horror", "romance"], dtype=object)


def catalog(items: int, features: int) -> Contents:
    """Items with numbers of every kind and texts of few values, one in ten values missing; all of them popular."""
    random = np.random.default_rng(7)
    columns: dict[str, list[object]] = {"item_score": random.random(items).tolist()}
    for place in range(1, features):
        kind = place % 4
        if kind == 0:
            values: list[object] = _GENRES[random.integers(0, len(_GENRES), items)].tolist()
        elif kind == 1:
            values = random.integers(0, 1 << 40, items).tolist()
        elif kind == 2:
            values = (random.random(items) < 0.5).tolist()
        else:
            values = random.normal(size=items).tolist()
        if place % 2:
            values = [None if gap else value for gap, value in zip(random.random(items) < 0.1, values, strict=True)]
        columns[f"f{place}"] = values
    ids = list(range(items))
    popular = [(item, items - item) for item in ids]
    return Contents(FeatureTable([1], {"rate": [1.0]}), FeatureTable(ids, columns), {"global": popular})


def metrics(address: str) -> dict[str, float]:
    """The sidecar's metrics that have no label but a state or an area."""
    with urllib.request.urlopen(f"{address}/metrics", timeout=60) as response:
        return dict(_samples(response.read().decode()))


def _samples(text: str) -> Iterator[tuple[str, float]]:
    for line in text.splitlines():
        if found := re.fullmatch(r"([a-z_]+(?:\{[^}]*\})?) (\S+)", line):
            yield found[1], float(found[2])


def main() -> None:
    """Fills a store, starts a sidecar, and prints what was measured as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--features", type=int, default=20)
    parser.add_argument("--heap", default="1g")
    options = parser.parse_args()
    with StoreProcess() as store, tempfile.TemporaryDirectory() as folder:
        settings = StoreSettings(url=store.url, load_timeout_s=120.0)
        started = time.perf_counter()
        contents = catalog(options.items, options.features)
        asyncio.run(publish_contents(settings, contents, lambda what, done, total: None))
        filled_s = time.perf_counter() - started
        del contents
        jvm = (*(option for option in JVM_OPTIONS if "MaxRAM" not in option), f"-Xmx{options.heap}")
        sidecar = SidecarSettings(models=write_models(Path(folder)), jvm_options=jvm, start_timeout_s=180.0)
        with SidecarProcess(sidecar, options=("--poll", "0"), store=settings) as process:
            address = process.address_of("sidecar-http")
            deadline = time.monotonic() + _PATIENCE_S
            while not (found := metrics(address)).get('pillion_items_held{state="active"}'):
                assert time.monotonic() < deadline, "the items were not loaded"
                time.sleep(0.2)
            with urllib.request.urlopen(f"{address}/v2/models/ranker", timeout=60) as response:
                told = json.load(response)["parameters"]
    heap = sum(value for name, value in found.items() if name.startswith('jvm_memory_used_bytes{area="heap"'))
    line = {
        "items": told["items"],
        "features": options.features,
        "fill_s": round(filled_s, 1),
        "load_s": found['pillion_items_load_duration_seconds{state="active"}'],
        "bytes_per_item": told["bytes_per_item"],
        "items_mib": round(found['pillion_items_bytes{state="active"}'] / (1 << 20), 1),
        "heap_used_mib": round(heap / (1 << 20)),
        "heap_most": options.heap,
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
