"""The reader: everything that a request needs of the store, in one pipelined trip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pillion.features import keys
from pillion.features.catalog import TITLE, Catalog
from pillion.features.ids import Ids
from pillion.features.record_codec import unpack_ids
from pillion.features.store import Store
from pillion.types import Id, Value


@dataclass(frozen=True, slots=True)
class UserSide:
    """What the store knows of a user, and of candidates that the catalog in this process lacks.

    Attributes:
        features: By name, None is missing; None for a user that the store does not know.
        seen: Items, int64, shape (n,), ascending.
        batch: The user's batch answer, best first, int64, shape (n,); None where there is none. Of a version before,
            items that the catalog lacks are left out.
        items: Features by the number of the item.
        titles: Titles of those items.
    """

    features: Mapping[str, Value] | None
    seen: Ids
    batch: Ids | None
    items: Mapping[int, Mapping[str, Value]]
    titles: Mapping[int, str | None]


async def read_user(
    store: Store, catalog: Catalog, user_id: Id, absent_items: Sequence[int], timeout_s: float
) -> UserSide:
    """Fetches the user's side of a request.

    Args:
        store: Where from.
        catalog: Whose version is asked for.
        user_id: The user.
        absent_items: Numbers of candidates that the catalog's table lacks.
        timeout_s: Of the trip.

    Raises:
        StoreError: The store failed, or a record is not what was written.
        TimeoutError: The trip took too long.
    """
    version = catalog.version
    bucket, field = keys.place(user_id, catalog.user_buckets)
    fields = [(of(version, bucket), field) for of in (keys.users, keys.seen)]
    if catalog.batch is not None and catalog.answers is not None:
        answers = catalog.answers
        bucket, field = keys.place(user_id, answers.user_buckets)
        fields.append((keys.batch_answers(answers.version, catalog.batch.run, bucket), field))
    found = await store.read(
        fields,
        [keys.item(version, item_id) for item_id in absent_items],
        timeout_s,
    )
    features, seen, batch = (*found.fields, None)[:3]
    items: dict[int, Mapping[str, Value]] = {}
    titles: dict[int, str | None] = {}
    for item_id, record in zip(absent_items, found.strings, strict=True):
        if record is not None:
            values = catalog.items.unpack(record)
            title = values.pop(TITLE, None)
            titles[item_id] = None if title is None else str(title)
            items[item_id] = values
    return UserSide(
        None if features is None else catalog.users.unpack(features),
        np.zeros(0, dtype=np.int64) if seen is None else unpack_ids(seen, catalog.id_width),
        None if batch is None else _answer(catalog, batch),
        items,
        titles,
    )


def _answer(catalog: Catalog, packed: bytes) -> Ids:
    assert catalog.answers is not None
    items = catalog.answers.unpack(packed)
    return items if catalog.answers.version == catalog.version else items[catalog.table.indices(items) >= 0]
