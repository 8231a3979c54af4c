"""The writer: writes a feature version beside the one in use, switches, and has the old one expire."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from pillion.errors import ConfigurationError, InvalidInput
from pillion.features import keys
from pillion.features.catalog import TITLE
from pillion.features.contents import Contents, ContentsStream, FeatureTable
from pillion.features.ids import ItemNumbers, kind_of
from pillion.features.lock import LOCK_TTL_S, hold_lock
from pillion.features.record_codec import (
    Schema,
    id_width,
    pack_counts,
    pack_ids,
    schema_to_json,
    unpack_ids,
)
from pillion.features.store import Store, StringEntry
from pillion.features.user_writer import Progress, StreamedUsers, Target, UserWriter, Writing
from pillion.types import Id

_ADVISED = 4096
"""Bytes of a value that a server had better keep compactly."""


@dataclass(frozen=True, slots=True)
class _Lists:
    """What a version has besides its users.

    Attributes:
        items: With their titles.
        schema: Of the items' records.
        numbers: Of the items.
        item_numbers: Of the items that have a record.
        popularity: Numbers of items with their counts, by segment.
        id_width: Bytes of an item's number in lists.
    """

    items: FeatureTable
    schema: Schema
    numbers: ItemNumbers
    item_numbers: list[int]
    popularity: dict[str, list[tuple[int, int]]]
    id_width: int


async def load_features(
    store: Store,
    contents: Contents | ContentsStream,
    *,
    users: UserWriter | None = None,
    ttl_s: float | None = None,
    grace_s: float = 3600.0,
    lock_s: float = LOCK_TTL_S,
    timeout_s: float = 30.0,
    progress: Progress = lambda what, done, total: None,
    now: Callable[[], float] = time.time,
) -> int:
    """Publishes a feature version.

    Args:
        store: Where to.
        contents: What.
        users: Writes the users, where not this process does.
        ttl_s: Life of the version if nothing replaces it, in seconds; None for no end.
        grace_s: Life of the replaced version, in seconds.
        lock_s: Seconds after which another loader may start, where this one is killed.
        timeout_s: Of each trip.
        progress: Is told how far it is.
        now: Seconds since 1970 UTC.

    Returns:
        The version, which is the active one now.

    Raises:
        InvalidInput: The contents are not consistent; nothing was switched.
        ConfigurationError: The store would keep users in twice the memory; says what to set.
        StoreError: The store failed, or another loader is at work; nothing was switched.
    """
    stream = contents.stream() if isinstance(contents, Contents) else contents
    users = users or StreamedUsers(stream)
    lists = _lists(stream)
    async with hold_lock(store, "features", timeout_s, lock_s) as lock:
        before, begun = (await store.read([], [keys.ACTIVE, keys.UNFINISHED], timeout_s)).strings
        limit = await store.value_limit(keys.BUCKET_FIELDS, timeout_s)
        if (least := stream.user_schema.least_size) > limit:
            raise ConfigurationError(
                f"the store keeps hashes with a value of more than {limit} bytes in twice the memory, and a user's"
                f" features take {least} or more: set its hash-max-listpack-value to {max(_ADVISED, 2 * least)}"
            )
        version = _resumed(begun, users.fingerprint)
        if version is None:
            version = await store.increment(keys.VERSIONS, timeout_s)
            if users.fingerprint is not None:
                state = orjson.dumps({"version": version, "contents": users.fingerprint})
                await store.write([StringEntry(keys.UNFINISHED, state, grace_s)], timeout_s)
        count = keys.bucket_count(users.count)
        target = Target(
            version, stream.user_schema, count, lists.numbers, lists.id_width, limit, ttl_s, timeout_s, progress
        )
        buckets = await users.write(store, target)
        await _put_lists(store, stream, lists, target, buckets, now())
        await lock.require()
        await store.write([StringEntry(keys.ACTIVE, str(version).encode())], timeout_s)
        await store.expire([keys.UNFINISHED, keys.parts(version)], 1.0, timeout_s)
        if before is not None and int(before) != version:
            await _retire(store, int(before), grace_s, timeout_s)
    return version


def _lists(contents: ContentsStream) -> _Lists:
    if keys.GLOBAL not in contents.popularity:
        raise InvalidInput("the popularity lists lack the list 'global'", "popularity")
    items = _with_titles(contents)
    schema, numbers = items.schema(), _item_numbers(contents)
    item_numbers: list[int] = numbers.find(items.plain_ids("items")).tolist()
    popularity = {name: _numbered(pairs, numbers) for name, pairs in contents.popularity.items()}
    named = numbers.find(list(contents.seen_items)).tolist()
    return _Lists(items, schema, numbers, item_numbers, popularity, id_width(max([*item_numbers, *named], default=0)))


def _resumed(begun: bytes | None, fingerprint: str | None) -> int | None:
    """The version of a load of the same contents that was cut short; None where there is none."""
    if begun is None or fingerprint is None:
        return None
    state: dict[str, Any] = orjson.loads(begun)
    return int(state["version"]) if state["contents"] == fingerprint else None


async def _put_lists(
    store: Store, stream: ContentsStream, lists: _Lists, target: Target, buckets: Collection[int], created: float
) -> None:
    version, ttl_s = target.version, target.ttl_s
    records = (
        StringEntry(keys.item(version, number), lists.schema.pack(row), ttl_s)
        for number, row in zip(lists.item_numbers, lists.items.rows(), strict=True)
    )
    await Writing(store, "items", len(lists.items.ids), target).put(records)
    meta = {
        "created": created,
        "users": schema_to_json(stream.user_schema),
        "items": schema_to_json(lists.schema),
        "user_ids": stream.user_ids,
        "user_buckets": target.user_buckets,
        "id_width": lists.id_width,
        "segments": sorted(set(stream.popularity) - {keys.GLOBAL}),
    }
    rest = [
        *(
            StringEntry(keys.popularity(version, name), pack_counts(pairs), ttl_s)
            for name, pairs in lists.popularity.items()
        ),
        *(StringEntry(keys.item_names(version), names, ttl_s) for names in [lists.numbers.pack()] if names is not None),
        StringEntry(keys.item_ids(version), pack_ids(lists.item_numbers, lists.id_width), ttl_s),
        StringEntry(keys.buckets(version), pack_ids(sorted(buckets), keys.BUCKET_WIDTH), ttl_s),
        StringEntry(keys.meta(version), orjson.dumps(meta), ttl_s),
    ]
    await Writing(store, "lists", len(rest), target).put(rest)


async def _retire(store: Store, version: int, grace_s: float, timeout_s: float) -> None:
    """Has every key of a version dropped after `grace_s`; they are named by its own lists, never by SCAN."""
    lists = [keys.meta(version), keys.item_ids(version), keys.buckets(version), keys.item_names(version)]
    meta_json, ids, numbers, _, batch = (await store.read([], [*lists, keys.batch_meta(version)], timeout_s)).strings
    if meta_json is None or ids is None or numbers is None:
        return
    meta = orjson.loads(meta_json)
    names = [*lists, keys.batch_meta(version), keys.batch_runs(version), keys.popularity(version, keys.GLOBAL)]
    names += [keys.popularity(version, segment) for segment in meta["segments"]]
    names += [keys.item(version, item_id) for item_id in unpack_ids(ids, meta["id_width"]).tolist()]
    for number in unpack_ids(numbers, keys.BUCKET_WIDTH).tolist():
        names += [of(version, number) for of in (keys.users, keys.seen)]
        if batch is not None:
            run = int(orjson.loads(batch)["run"])
            names += [of(version, run, number) for of in (keys.batch_answers, keys.batch_digests)]
    await store.expire(names, grace_s, timeout_s)


def _with_titles(contents: ContentsStream) -> FeatureTable:
    items = contents.items
    if not contents.titles:
        return items
    if TITLE in items.columns:
        raise InvalidInput(f"the items have a feature '{TITLE}', which is the name of their titles", TITLE)
    titles = [contents.titles.get(item_id) for item_id in items.plain_ids("items")]
    return FeatureTable(
        items.ids, {**items.columns, TITLE: titles}, items.nan_is_missing, {**items.kinds, TITLE: "str"}
    )


def _item_numbers(contents: ContentsStream) -> ItemNumbers:
    """The numbers of all items that are named anywhere."""
    named: list[Id] = [*contents.items.ids, *contents.seen_items]
    named += [item for pairs in contents.popularity.values() for item, _ in pairs]
    found = kind_of(named, "items")
    kind = contents.item_ids or found
    return ItemNumbers() if kind == "integer" else ItemNumbers(tuple(sorted({*map(str, named)})))


def _numbered(pairs: Sequence[tuple[Id, int]], numbers: ItemNumbers) -> list[tuple[int, int]]:
    found: list[int] = numbers.find([item for item, _ in pairs]).tolist()
    return list(zip(found, [count for _, count in pairs], strict=True))
