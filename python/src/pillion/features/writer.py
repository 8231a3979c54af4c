"""The writer: writes a feature version beside the one in use, switches, and has the old one expire."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice

import orjson

from pillion.errors import InvalidInput
from pillion.features import keys
from pillion.features.catalog import TITLE
from pillion.features.contents import Contents, ContentsStream, FeatureTable
from pillion.features.ids import ItemNumbers, kind_of
from pillion.features.record_codec import (
    Schema,
    id_width,
    pack_counts,
    pack_ids,
    schema_to_json,
    unpack_ids,
)
from pillion.features.store import HashEntry, Store, StringEntry
from pillion.types import Id

Progress = Callable[[str, int, int], None]
"""Is told what is being written, how many of it are, and how many there will be."""
_CHUNK = 500
_Fields = defaultdict[int, dict[int | str, bytes]]


async def load_features(
    store: Store,
    contents: Contents | ContentsStream,
    *,
    ttl_s: float | None = None,
    grace_s: float = 3600.0,
    timeout_s: float = 30.0,
    progress: Progress = lambda what, done, total: None,
    now: Callable[[], float] = time.time,
) -> int:
    """Publishes a feature version.

    Args:
        store: Where to.
        contents: What.
        ttl_s: Life of the version if nothing replaces it, in seconds; None for no end.
        grace_s: Life of the replaced version, in seconds.
        timeout_s: Of each trip.
        progress: Is told how far it is.
        now: Seconds since 1970 UTC.

    Returns:
        The version, which is the active one now.

    Raises:
        InvalidInput: The contents are not consistent; nothing was switched.
        StoreError: The store failed; nothing was switched.
    """
    stream = contents.stream() if isinstance(contents, Contents) else contents
    if keys.GLOBAL not in stream.popularity:
        raise InvalidInput("the popularity lists lack the list 'global'", "popularity")
    before = await store.read([], [keys.ACTIVE], timeout_s)
    items = _with_titles(stream)
    item_schema, numbers = items.schema(), _item_numbers(stream)
    item_numbers: list[int] = numbers.find(items.plain_ids("items")).tolist()
    popularity = {name: _numbered(pairs, numbers) for name, pairs in stream.popularity.items()}
    named = numbers.find(list(stream.seen_items)).tolist()
    width = id_width(max([*item_numbers, *named], default=0))
    count = keys.bucket_count(len({*stream.users, *stream.seen_users}))
    version = await store.increment(keys.VERSIONS, timeout_s)
    users = _Writing(store, "users", len(stream.users), timeout_s, progress)
    for table in stream.user_tables():
        await users.put(_buckets(_packed(table, stream.user_schema), count, partial(keys.users, version), ttl_s))
    seen = _Writing(store, "users' seen items", len(stream.seen_users), timeout_s, progress)
    for part in stream.seen_parts():
        lists = ((user, _packed_ids(taken, numbers, width)) for user, taken in part.items())
        await seen.put(_buckets(lists, count, partial(keys.seen, version), ttl_s))
    records = (
        StringEntry(keys.item(version, number), item_schema.pack(row), ttl_s)
        for number, row in zip(item_numbers, items.rows(), strict=True)
    )
    await _Writing(store, "items", len(items.ids), timeout_s, progress).put(records)
    meta = {
        "created": now(),
        "users": schema_to_json(stream.user_schema),
        "items": schema_to_json(item_schema),
        "user_ids": stream.user_ids,
        "user_buckets": count,
        "id_width": width,
        "segments": sorted(set(stream.popularity) - {keys.GLOBAL}),
    }
    rest = [
        *(StringEntry(keys.popularity(version, name), pack_counts(pairs), ttl_s) for name, pairs in popularity.items()),
        *(StringEntry(keys.item_names(version), names, ttl_s) for names in [numbers.pack()] if names is not None),
        StringEntry(keys.item_ids(version), pack_ids(item_numbers, width), ttl_s),
        StringEntry(keys.buckets(version), pack_ids(sorted(users.buckets | seen.buckets), keys.BUCKET_WIDTH), ttl_s),
        StringEntry(keys.meta(version), orjson.dumps(meta), ttl_s),
    ]
    await _Writing(store, "lists", len(rest), timeout_s, progress).put(rest)
    await store.write([StringEntry(keys.ACTIVE, str(version).encode())], timeout_s)
    if before.strings[0] is not None:
        await _retire(store, int(before.strings[0]), grace_s, timeout_s)
    return version


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
            names.append(keys.batch_answers(version, int(orjson.loads(batch)["run"]), number))
    for start in range(0, len(names), _CHUNK):
        await store.expire(names[start : start + _CHUNK], grace_s, timeout_s)


class _Writing:
    """The writing of one kind of entries, in chunks, and how far it is.

    Attributes:
        buckets: The numbers of the buckets that were written.
    """

    def __init__(self, store: Store, what: str, total: int, timeout_s: float, progress: Progress) -> None:
        self.buckets: set[int] = set()
        self._store = store
        self._what = what
        self._total = total
        self._timeout_s = timeout_s
        self._progress = progress
        self._done = 0
        progress(what, 0, total)

    async def put(self, entries: Mapping[int, HashEntry] | Iterable[StringEntry]) -> None:
        """Writes entries, of hashes by the number of their bucket."""
        if isinstance(entries, Mapping):
            self.buckets |= entries.keys()
        rest: Iterator[HashEntry | StringEntry] = iter(entries.values() if isinstance(entries, Mapping) else entries)
        while chunk := list(islice(rest, _CHUNK)):
            await self._store.write(chunk, self._timeout_s)
            self._done += sum(len(entry.fields) if isinstance(entry, HashEntry) else 1 for entry in chunk)
            self._progress(self._what, self._done, self._total)


def _buckets(
    records: Iterable[tuple[Id, bytes]], count: int, key: Callable[[int], str], ttl_s: float | None
) -> dict[int, HashEntry]:
    """The records of some users as hashes, by the number of their bucket."""
    buckets: _Fields = defaultdict(dict)
    for user_id, record in records:
        bucket, field = keys.place(user_id, count)
        buckets[bucket][field] = record
    return {number: HashEntry(key(number), fields, ttl_s) for number, fields in buckets.items()}


def _packed(table: FeatureTable, schema: Schema) -> Iterator[tuple[Id, bytes]]:
    return zip(table.plain_ids("users"), map(schema.pack, table.rows()), strict=True)


def _packed_ids(items: Sequence[Id], numbers: ItemNumbers, width: int) -> bytes:
    return pack_ids(sorted(numbers.find(list(items)).tolist()), width)


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
