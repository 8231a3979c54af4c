"""A sample of the users that a store has, with how much each of them has seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from pillion.errors import CorruptRecord
from pillion.features import keys
from pillion.features.catalog import Catalog
from pillion.features.record_codec import unpack_ids
from pillion.features.store import Store
from pillion.types import Value

_TRIP = 100
"""Buckets that are read in one trip."""


class HashStore(Store, Protocol):
    """A store whose hashes can be read whole."""

    async def read_hashes(self, keys: Sequence[str], timeout_s: float) -> list[dict[bytes, bytes]]:
        """Returns all fields of hashes, in one trip; of an absent one there are none."""
        ...


@dataclass(frozen=True, slots=True)
class SampledUser:
    """A user's features, and how many items the user has seen."""

    features: Mapping[str, Value]
    seen: int


async def sample_users(store: HashStore, catalog: Catalog, most: int, timeout_s: float) -> list[SampledUser]:
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
    (packed,) = (await store.read([], [keys.buckets(version)], timeout_s)).strings
    if packed is None:
        raise CorruptRecord(f"the store has feature version {version}, but no list of its users' buckets")
    numbers = unpack_ids(packed, keys.BUCKET_WIDTH)
    wanted = max(1, most >> keys.BUCKET_BITS)
    if len(numbers) > wanted:
        numbers = numbers[np.linspace(0, len(numbers) - 1, wanted).astype(np.int64)]
    found: list[SampledUser] = []
    chosen: list[int] = numbers.tolist()
    for start in range(0, len(chosen), _TRIP):
        trip = chosen[start : start + _TRIP]
        users = await store.read_hashes([keys.users(version, bucket) for bucket in trip], timeout_s)
        seen = await store.read_hashes([keys.seen(version, bucket) for bucket in trip], timeout_s)
        for records, lists in zip(users, seen, strict=True):
            found += [
                SampledUser(catalog.users.unpack(record), len(lists.get(field, b"")) // catalog.id_width)
                for field, record in records.items()
            ]
    return found
