"""The users that a store has: a sample of them with how much each has seen, and their ids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pillion.errors import CorruptRecord
from pillion.features import keys
from pillion.features.catalog import Catalog
from pillion.features.record_codec import unpack_ids
from pillion.features.store import Store
from pillion.types import Id, Value

TRIP = 100
"""Buckets that are read in one trip."""


@dataclass(frozen=True, slots=True)
class SampledUser:
    """A user's features, and how many items the user has seen."""

    features: Mapping[str, Value]
    seen: int


async def sample_users(store: Store, catalog: Catalog, most: int, timeout_s: float) -> list[SampledUser]:
    """Returns the users of evenly spread buckets: all, or about `most`.

    Args:
        store: Where from.
        catalog: Of the version.
        most: Users, about.
        timeout_s: Of a trip.

    Raises:
        StoreError: The store failed, or a record is not what was written.
        TimeoutError: A trip took too long.
    """
    version = catalog.version
    chosen = await read_user_buckets(store, catalog, timeout_s)
    wanted = max(1, most >> keys.BUCKET_BITS)
    if len(chosen) > wanted:
        chosen = [chosen[place] for place in np.linspace(0, len(chosen) - 1, wanted).astype(int).tolist()]
    found: list[SampledUser] = []
    for start in range(0, len(chosen), TRIP):
        trip = chosen[start : start + TRIP]
        users = await store.read_hashes([keys.users(version, bucket) for bucket in trip], timeout_s)
        seen = await store.read_hashes([keys.seen(version, bucket) for bucket in trip], timeout_s)
        for records, lists in zip(users, seen, strict=True):
            found += [
                SampledUser(catalog.users.unpack(record), len(lists.get(field, b"")) // catalog.id_width)
                for field, record in records.items()
            ]
    return found


async def read_user_buckets(store: Store, catalog: Catalog, timeout_s: float) -> list[int]:
    """Returns the numbers of the buckets that users are in; raises as `sample_users` does."""
    (packed,) = (await store.read([], [keys.buckets(catalog.version)], timeout_s)).strings
    if packed is None:
        raise CorruptRecord(f"the store has feature version {catalog.version}, but no list of its users' buckets")
    numbers: list[int] = unpack_ids(packed, keys.BUCKET_WIDTH).tolist()
    return numbers


async def read_user_ids(store: Store, catalog: Catalog, buckets: Sequence[int], timeout_s: float) -> list[Id]:
    """Returns the ids of the users with features in some buckets; raises as `sample_users` does."""
    hashes = await store.read_hashes([keys.users(catalog.version, bucket) for bucket in buckets], timeout_s)
    return [
        keys.user_at(bucket, field, catalog.user_ids)
        for bucket, fields in zip(buckets, hashes, strict=True)
        for field in fields
    ]
