"""The writer of batch answers: a run beside the one in use, then the switch."""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import orjson

from pillion.errors import ConfigurationError, InvalidInput
from pillion.features import keys
from pillion.features.catalog import Assumed
from pillion.features.ids import ItemNumbers
from pillion.features.record_codec import pack_ids, unpack_ids
from pillion.features.store import HashEntry, Store, StringEntry
from pillion.types import Id


async def begin_run(store: Store, version: int, answer_bytes: int, timeout_s: float) -> int:
    """Returns the number of a new run of a feature version, whose answers nobody reads until it is finished.

    Args:
        store: Where it is.
        version: Of the features.
        answer_bytes: Of the longest answer.
        timeout_s: Of each trip.

    Raises:
        ConfigurationError: The store would keep answers in twice the memory; says what to set.
        StoreError: The store failed.
    """
    limit = await store.value_limit(keys.BUCKET_FIELDS, timeout_s)
    if answer_bytes > limit:
        raise ConfigurationError(
            f"the store keeps hashes with a value of more than {limit} bytes in twice the memory, and an answer takes"
            f" up to {answer_bytes}: set its hash-max-listpack-value to {answer_bytes} or more"
        )
    return await store.increment(keys.batch_runs(version), timeout_s)


async def finish_run(
    store: Store,
    version: int,
    run: int,
    *,
    model: str,
    model_version: int,
    assumed: Assumed | None = None,
    basis: bytes = b"",
    ttl_s: float | None = None,
    grace_s: float = 3600.0,
    timeout_s: float = 30.0,
    now: Callable[[], float] = time.time,
) -> None:
    """Has a run's answers read from now on, and those of the run before dropped after `grace_s` seconds.

    Args:
        store: Where it is.
        version: The feature version.
        run: Its number.
        model: Which scored.
        model_version: Which version of it.
        assumed: What was taken for a request's own; None where nobody knows.
        basis: Digest of what all its answers were computed from; empty where nothing can be carried over.
        ttl_s: Life of the note of it, in seconds; None for no end.
        grace_s: Life of the run before, in seconds.
        timeout_s: Of each trip.
        now: Seconds since 1970 UTC.

    Raises:
        StoreError: The store failed; the run before stays in use.
    """
    names = [keys.batch_meta(version), keys.buckets(version)]
    before, buckets = (await store.read([], names, timeout_s)).strings
    meta: dict[str, Any] = {"run": run, "model": model, "version": model_version, "created": now()}
    if assumed is not None:
        meta["assumed"] = asdict(assumed)
    if basis:
        meta["basis"] = basis.hex()
    await store.write([StringEntry(keys.batch_meta(version), orjson.dumps(meta), ttl_s)], timeout_s)
    await store.write([StringEntry(keys.BATCH, str(version).encode(), ttl_s)], timeout_s)
    if before is not None and buckets is not None:
        old = int(orjson.loads(before)["run"])
        numbers = unpack_ids(buckets, keys.BUCKET_WIDTH).tolist()
        kinds = (keys.batch_answers, keys.batch_digests)
        await store.expire([of(version, old, number) for number in numbers for of in kinds], grace_s, timeout_s)


async def load_batch_answers(
    store: Store,
    version: int,
    answers: Mapping[Id, Sequence[Id]],
    *,
    model: str,
    model_version: int,
    assumed: Assumed | None = None,
    ttl_s: float | None = None,
    timeout_s: float = 30.0,
    now: Callable[[], float] = time.time,
) -> None:
    """Puts each user's top items, from wherever they come, beside the features of a version, as a run of its own.

    Raises:
        InvalidInput: The store does not have that version, or the version lacks an item.
        StoreError: The store failed; the run before stays in use.
    """
    described, names = (await store.read([], [keys.meta(version), keys.item_names(version)], timeout_s)).strings
    if described is None:
        raise InvalidInput(f"the store has no feature version {version}", "version")
    raw, numbers = orjson.loads(described), ItemNumbers.unpack(names)
    buckets: defaultdict[int, dict[int | str, bytes]] = defaultdict(dict)
    for user_id, items in answers.items():
        bucket, field = keys.place(user_id, int(raw["user_buckets"]))
        found = numbers.find(list(items))
        if (found < 0).any():
            absent = items[int(np.argmin(found))]
            raise InvalidInput(f"feature version {version} has no item {absent!r}, which user {user_id!r} has", "items")
        buckets[bucket][field] = pack_ids(found, int(raw["id_width"]))
    longest = max((len(packed) for fields in buckets.values() for packed in fields.values()), default=0)
    run = await begin_run(store, version, longest, timeout_s)
    entries = [HashEntry(keys.batch_answers(version, run, b), fields, ttl_s) for b, fields in buckets.items()]
    await store.write(entries, timeout_s)
    await finish_run(
        store,
        version,
        run,
        model=model,
        model_version=model_version,
        assumed=assumed,
        ttl_s=ttl_s,
        timeout_s=timeout_s,
        now=now,
    )
