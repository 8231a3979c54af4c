"""What a user has seen since the feature version was loaded: left out of every answer from the next request on."""

from collections.abc import Sequence

from pillion.errors import InvalidInput, StoreError
from pillion.features import keys
from pillion.features.catalog import Catalog
from pillion.features.ids import check_id
from pillion.features.record_codec import pack_ids, unpack_ids
from pillion.features.store import Store
from pillion.types import Id

_ATTEMPTS = 8


async def add_seen(
    store: Store,
    catalog: Catalog,
    user_id: Id,
    items: Sequence[Id],
    timeout_s: float,
    ttl_s: float | None = None,
) -> int:
    """Adds items to what a user has seen, whoever else does the same meanwhile.

    Args:
        store: Where to.
        catalog: Its active feature version, which knows the user.
        user_id: The user.
        items: What the user has seen now.
        timeout_s: Of each trip.
        ttl_s: Life of the version's keys, in seconds; None for no end.

    Returns:
        How many items the user has seen now.

    Raises:
        InvalidInput: The version knows neither the user nor one of the items.
        StoreError: The store failed, or others changed the list again and again.
    """
    check_id(user_id, catalog.user_ids, "user")
    for item in items:
        check_id(item, catalog.numbers.kind, "item")
    found = catalog.numbers.find(items)
    unknown = [item for item, place in zip(items, catalog.table.indices(found).tolist(), strict=True) if place < 0]
    if unknown:
        raise InvalidInput(f"feature version {catalog.version} has no item {unknown[0]!r}", "item")
    bucket, field = keys.place(user_id, catalog.user_buckets)
    key, numbers = keys.seen(catalog.version, bucket), set(found.tolist())
    for _ in range(_ATTEMPTS):
        places = [(key, field), (keys.users(catalog.version, bucket), field)]
        old, features = (await store.read(places, [], timeout_s)).fields
        if old is None and features is None:
            raise InvalidInput(f"feature version {catalog.version} has no user {user_id!r}", "user")
        before = set() if old is None else set(unpack_ids(old, catalog.id_width).tolist())
        new = pack_ids(sorted(before | numbers), catalog.id_width)
        if await store.replace_field(key, field, old, new, timeout_s, ttl_s):
            return len(before | numbers)
    raise StoreError(f"what user {user_id!r} has seen was changed by others {_ATTEMPTS} times while it was written")
