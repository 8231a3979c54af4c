"""What a plan takes on faith, measured here: how fast users are written, and what they take."""

import time
from collections.abc import Callable
from itertools import islice

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
    await store.expire(names, _GONE_S, timeout_s)
    if grown <= 0:
        raise StoreError("the store's memory did not grow while answers were written: something else changes it")
    return grown / (count * size), count * size / seconds
