"""Feast on a Redis, measured in a Python that has Feast; `tools.benchmarks.features --feast PYTHON` starts it.

It needs Feast and the standard library alone, and prints one line of JSON.
"""

import argparse
import json
import logging
import tempfile
import time
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feast
import numpy as np
import pandas as pd
from feast.infra.offline_stores.dask import DaskOfflineStoreConfig
from feast.infra.online_stores.redis import RedisOnlineStoreConfig
from feast.types import Float64
from redis import Redis

_VIEW = "items"
_FIELD = "item"


def _open(folder: Path, port: int, names: list[str]) -> feast.FeatureStore:
    store = feast.FeatureStore(
        config=feast.RepoConfig(
            project="bench",
            provider="local",
            registry=str(folder / "registry.db"),
            online_store=RedisOnlineStoreConfig(connection_string=f"127.0.0.1:{port}"),
            offline_store=DaskOfflineStoreConfig(),
            entity_key_serialization_version=3,
        )
    )
    item = feast.Entity(name=_FIELD, join_keys=[_FIELD], value_type=feast.ValueType.INT64)
    source = feast.FileSource(path=str(folder / "items.parquet"), timestamp_field="at")
    fields = [feast.Field(name=name, dtype=Float64) for name in names]
    view = feast.FeatureView(
        name=_VIEW, entities=[item], ttl=timedelta(days=1), schema=fields, source=source, online=True
    )
    store.apply([item, view])
    return store


def _table(rows: int, names: list[str]) -> pd.DataFrame:
    random = np.random.default_rng(1)
    columns = {name: random.random(rows) for name in names}
    return pd.DataFrame({_FIELD: np.arange(rows), **columns, "at": datetime.now(UTC)})


def main() -> None:
    """Prints percentiles of reads, rows written a second, and bytes a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--features", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--counts", type=int, nargs="+", required=True)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable()
    names = [f"x{at}" for at in range(given.features)]
    table = _table(given.rows, names)
    found: dict[str, object] = {"version": feast.__version__}
    with tempfile.TemporaryDirectory(prefix="pillion-feast-") as name, Redis(port=given.port) as client:
        folder = Path(name)
        table.head(1).to_parquet(folder / "items.parquet")
        store = _open(folder, given.port, names)
        before = client.info("memory")["used_memory"]
        started = time.perf_counter()
        store.write_to_online_store(_VIEW, table)
        found["written_s"] = given.rows / (time.perf_counter() - started)
        found["bytes"] = (client.info("memory")["used_memory"] - before) / given.rows
        wanted = [f"{_VIEW}:{name}" for name in names]
        random, reads = np.random.default_rng(2), []
        for count in given.counts:
            taken: list[float] = []
            end = time.perf_counter() + given.seconds
            while time.perf_counter() < end or not taken:
                rows = [{_FIELD: int(item)} for item in random.integers(0, given.rows, count)]
                started = time.perf_counter()
                store.get_online_features(features=wanted, entity_rows=rows).to_dict()
                taken.append(time.perf_counter() - started)
            reads.append([count, *np.percentile(np.array(taken) * 1e3, [50, 99])])
        found["reads"] = reads
    print(json.dumps(found))


if __name__ == "__main__":
    main()
