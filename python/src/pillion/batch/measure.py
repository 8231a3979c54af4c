"""What a plan takes on faith, measured here: how fast users are written, what they take, how fast pairs are scored."""

import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from pillion.errors import StoreError
from pillion.features import keys
from pillion.features.record_codec import id_width, pack_ids
from pillion.features.redis import RedisStore
from pillion.features.store import HashEntry

Progress = Callable[[str, int, int], None]
"""Is told what is being measured, how much of it is, and how much there will be."""
_NO_VERSION = 0
"""No feature version has this number, so that its keys are nobody's."""
_TRIP = 500
_TTL_S, _GONE_S = 3600.0, 1.0
_SCORED = 1_000
_BEST_OF = 3


async def measure_store(
    store: RedisStore, users: int, items: int, top: int, timeout_s: float, progress: Progress
) -> tuple[float, float]:
    """Writes made-up answers into a store that nobody else writes to, and removes them.

    Args:
        store: Which.
        users: How many answers.
        items: Whose ids they have.
        top: Ids in an answer.
        timeout_s: Of each trip.
        progress: Is told how far it is.

    Returns:
        Bytes of the server's memory a user, and users written a second by this process.

    Raises:
        StoreError: The store failed, or its memory did not grow.
    """
    random, width, size = np.random.default_rng(1), id_width(items), 1 << keys.BUCKET_BITS
    count = -(-users // size)
    before = await store.used_memory(timeout_s)
    names, seconds = [keys.batch_answers(_NO_VERSION, 1, bucket) for bucket in range(count)], 0.0
    waiting = iter(names)
    done = 0
    progress("users written", 0, users)
    while chunk := list(islice(waiting, _TRIP)):
        ids = random.integers(0, items, (len(chunk), size, top))
        started = time.perf_counter()
        entries = [
            HashEntry(name, {field: pack_ids(answer, width) for field, answer in enumerate(answers)}, _TTL_S)
            for name, answers in zip(chunk, ids, strict=True)
        ]
        await store.write(entries, timeout_s)
        seconds += time.perf_counter() - started
        done += len(chunk)
        progress("users written", min(users, done * size), users)
    grown = await store.used_memory(timeout_s) - before
    for start in range(0, count, _TRIP):
        await store.expire(names[start : start + _TRIP], _GONE_S, timeout_s)
    if grown <= 0:
        raise StoreError("the store's memory did not grow while answers were written: something else changes it")
    return grown / (count * size), count * size / seconds


def measure_pairs(version: Path, jar: Path, seconds: float, progress: Progress) -> float:
    """Returns how many rows of a version's verification set the engine scores a second, on one core.

    Args:
        version: The version's folder.
        jar: The sidecar's jar.
        seconds: For how long it is measured.
        progress: Is told how far it is.

    Raises:
        InvalidModel: The version is not as it should be.
        ConfigurationError: There is no jar, or no Java.
    """
    import orjson

    from pillion.parity.recorded_rows import read_rows
    from pillion.scoring.jvm import open_model
    from pillion.scoring.repository import MANIFEST, MODEL, VERIFICATION

    raw = orjson.loads((version / MANIFEST).read_bytes())
    model = open_model((version / MODEL).read_bytes(), raw["engine"], jar)
    try:
        file = version / VERIFICATION
        recorded = read_rows(file.read_bytes(), model.contract, raw["outputs"], str(file))
        columns = {name: _repeated(column) for name, column in recorded.inputs.items()}
        return max(_rate(model.prepare(columns, _SCORED), seconds / _BEST_OF, progress) for _ in range(_BEST_OF))
    finally:
        model.close()


def _repeated(column: Sequence[Any]) -> list[Any]:
    return [column[row % len(column)] for row in range(_SCORED)]


def _rate(score: Callable[[], object], seconds: float, progress: Progress) -> float:
    """Rows a second of this process's time."""
    started, rows = time.process_time(), 0
    while (passed := time.process_time() - started) < seconds:
        score()
        rows += _SCORED
        progress("pairs scored", rows, int(rows * seconds / max(passed, 1e-3)))
    return rows / passed
