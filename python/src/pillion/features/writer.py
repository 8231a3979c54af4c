"""The writer: writes a feature version beside the one in use, switches, and has the old one expire."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
import orjson

from pillion.errors import InvalidInput
from pillion.features import keys
from pillion.features.catalog import TITLE
from pillion.features.ids import ItemNumbers, kind_of
from pillion.features.record_codec import (
    Kind,
    Schema,
    id_width,
    pack_counts,
    pack_ids,
    schema_to_json,
    unpack_ids,
)
from pillion.features.store import HashEntry, Store, StringEntry
from pillion.types import Id, IdType, Value

Progress = Callable[[str, int, int], None]
"""Is told what is being written, how many of it are, and how many there will be."""
_CHUNK = 500
_Fields = defaultdict[int, dict[int | str, bytes]]
_BUCKET_WIDTH = 8


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """Features by column.

    Attributes:
        ids: Users or items, shape (n,).
        columns: Per feature n values: an array, or a list in which None is missing. NaN is a number, unless
            `nan_is_missing`.
        nan_is_missing: Whether a NaN of a floating column means that the value is missing, as in a pandas
            table.
        kinds: The kind of a column, where its values are not to say it.
    """

    ids: Sequence[Id]
    columns: Mapping[str, Sequence[Any]]
    nan_is_missing: bool = False
    kinds: Mapping[str, Kind] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a feature version holds.

    Attributes:
        users: User features.
        items: Item features.
        popularity: Per segment (`global`, `country=DE`, …) items with counts, best first.
        titles: By item.
        seen: Items that each user has seen.
        user_ids: Of which kind the users' ids are, where the ids are not to say it: there may be none.
        item_ids: Of which kind the items' ids are, likewise.
    """

    users: FeatureTable
    items: FeatureTable
    popularity: Mapping[str, Sequence[tuple[Id, int]]]
    titles: Mapping[Id, str] = field(default_factory=dict)
    seen: Mapping[Id, Sequence[Id]] = field(default_factory=dict)
    user_ids: IdType | None = None
    item_ids: IdType | None = None


async def load_features(
    store: Store,
    contents: Contents,
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
    if keys.GLOBAL not in contents.popularity:
        raise InvalidInput("the popularity lists lack the list 'global'", "popularity")
    before = await store.read([], [keys.ACTIVE], timeout_s)
    items = _with_titles(contents)
    user_schema, item_schema = _schema(contents.users), _schema(items)
    user_ids, numbers = _user_kind(contents), _item_numbers(contents)
    item_numbers = numbers.find(_ids(items, "items")).tolist()
    popularity = {name: _numbered(pairs, numbers) for name, pairs in contents.popularity.items()}
    seen = {user: numbers.find(list(taken)).tolist() for user, taken in contents.seen.items()}
    width = id_width(max([*item_numbers, *(max(taken) for taken in seen.values() if taken)], default=0))
    count = keys.bucket_count(len({*contents.users.ids, *contents.seen}))
    version = await store.increment(keys.VERSIONS, timeout_s)
    buckets = _buckets(contents.users, seen, count, version, user_schema, width, ttl_s)
    await _write(store, "buckets of users", buckets.entries, buckets.count, timeout_s, progress)
    records = (
        StringEntry(keys.item(version, number), item_schema.pack(row), ttl_s)
        for number, row in zip(item_numbers, _rows(items), strict=True)
    )
    await _write(store, "items", records, len(items.ids), timeout_s, progress)
    meta = {
        "created": now(),
        "users": schema_to_json(user_schema),
        "items": schema_to_json(item_schema),
        "user_ids": user_ids,
        "user_buckets": count,
        "id_width": width,
        "segments": sorted(set(contents.popularity) - {keys.GLOBAL}),
    }
    lists = [
        *(StringEntry(keys.popularity(version, name), pack_counts(pairs), ttl_s) for name, pairs in popularity.items()),
        *(StringEntry(keys.item_names(version), names, ttl_s) for names in [numbers.pack()] if names is not None),
        StringEntry(keys.item_ids(version), pack_ids(item_numbers, width), ttl_s),
        StringEntry(keys.buckets(version), pack_ids(buckets.numbers, _BUCKET_WIDTH), ttl_s),
        StringEntry(keys.meta(version), orjson.dumps(meta), ttl_s),
    ]
    await _write(store, "popularity lists", lists, len(lists), timeout_s, progress)
    await store.write([StringEntry(keys.ACTIVE, str(version).encode())], timeout_s)
    if before.strings[0] is not None:
        await _retire(store, int(before.strings[0]), grace_s, timeout_s)
    return version


async def load_batch_answers(
    store: Store,
    version: int,
    answers: Mapping[Id, Sequence[Id]],
    *,
    model: str,
    model_version: int,
    ttl_s: float | None = None,
    timeout_s: float = 30.0,
    now: Callable[[], float] = time.time,
) -> None:
    """Puts each user's top items beside the features of a version.

    Raises:
        InvalidInput: The store does not have that version.
        StoreError: The store failed.
    """
    described, names = (await store.read([], [keys.meta(version), keys.item_names(version)], timeout_s)).strings
    if described is None:
        raise InvalidInput(f"the store has no feature version {version}", "version")
    raw, numbers = orjson.loads(described), ItemNumbers.unpack(names)
    buckets: _Fields = defaultdict(dict)
    for user_id, items in answers.items():
        bucket, field = keys.place(user_id, int(raw["user_buckets"]))
        found = numbers.find(list(items))
        if (found < 0).any():
            absent = items[int(np.argmin(found))]
            raise InvalidInput(f"feature version {version} has no item {absent!r}, which user {user_id!r} has", "items")
        buckets[bucket][field] = pack_ids(found, int(raw["id_width"]))
    entries = [HashEntry(keys.batch_answers(version, b), fields, ttl_s) for b, fields in buckets.items()]
    for start in range(0, len(entries), _CHUNK):
        await store.write(entries[start : start + _CHUNK], timeout_s)
    meta = {"model": model, "version": model_version, "created": now()}
    await store.write([StringEntry(keys.batch_meta(version), orjson.dumps(meta), ttl_s)], timeout_s)


async def _retire(store: Store, version: int, grace_s: float, timeout_s: float) -> None:
    """Has every key of a version dropped after `grace_s`; they are named by its own lists, never by SCAN."""
    lists = [keys.meta(version), keys.item_ids(version), keys.buckets(version), keys.item_names(version)]
    meta_json, ids, numbers, _ = (await store.read([], lists, timeout_s)).strings
    if meta_json is None or ids is None or numbers is None:
        return
    meta = orjson.loads(meta_json)
    names = [*lists, keys.batch_meta(version), keys.popularity(version, keys.GLOBAL)]
    names += [keys.popularity(version, segment) for segment in meta["segments"]]
    names += [keys.item(version, item_id) for item_id in unpack_ids(ids, meta["id_width"]).tolist()]
    for number in unpack_ids(numbers, _BUCKET_WIDTH).tolist():
        names += [of(version, number) for of in (keys.users, keys.seen, keys.batch_answers)]
    for start in range(0, len(names), _CHUNK):
        await store.expire(names[start : start + _CHUNK], grace_s, timeout_s)


@dataclass(frozen=True, slots=True)
class _Buckets:
    numbers: list[int]
    count: int
    entries: Iterator[HashEntry]


def _buckets(
    table: FeatureTable,
    taken: Mapping[Id, list[int]],
    count: int,
    version: int,
    schema: Schema,
    width: int,
    ttl_s: float | None,
) -> _Buckets:
    users: _Fields = defaultdict(dict)
    for user_id, row in zip(_ids(table, "users"), _rows(table), strict=True):
        bucket, field = keys.place(user_id, count)
        users[bucket][field] = schema.pack(row)
    seen: _Fields = defaultdict(dict)
    for user_id, items in taken.items():
        bucket, field = keys.place(user_id, count)
        seen[bucket][field] = pack_ids(sorted(items), width)

    def entries() -> Iterator[HashEntry]:
        for number, fields in users.items():
            yield HashEntry(keys.users(version, number), fields, ttl_s)
        for number, fields in seen.items():
            yield HashEntry(keys.seen(version, number), fields, ttl_s)

    return _Buckets(sorted({*users, *seen}), len(users) + len(seen), entries())


async def _write(
    store: Store,
    what: str,
    entries: Iterable[HashEntry | StringEntry],
    total: int,
    timeout_s: float,
    progress: Progress,
) -> None:
    done = 0
    rest = iter(entries)
    progress(what, 0, total)
    while chunk := list(islice(rest, _CHUNK)):
        await store.write(chunk, timeout_s)
        done += len(chunk)
        progress(what, done, total)


def _with_titles(contents: Contents) -> FeatureTable:
    items = contents.items
    if not contents.titles:
        return items
    if TITLE in items.columns:
        raise InvalidInput(f"the items have a feature '{TITLE}', which is the name of their titles", TITLE)
    titles = [contents.titles.get(item_id) for item_id in _ids(items, "items")]
    return FeatureTable(
        items.ids, {**items.columns, TITLE: titles}, items.nan_is_missing, {**items.kinds, TITLE: "str"}
    )


def _user_kind(contents: Contents) -> IdType:
    found = kind_of([*contents.users.ids, *contents.seen], "users")
    return contents.user_ids or found


def _item_numbers(contents: Contents) -> ItemNumbers:
    """The numbers of all items that are named anywhere."""
    named: list[Id] = [*contents.items.ids]
    named += [item for pairs in contents.popularity.values() for item, _ in pairs]
    named += [item for items in contents.seen.values() for item in items]
    found = kind_of(named, "items")
    kind = contents.item_ids or found
    return ItemNumbers() if kind == "integer" else ItemNumbers(tuple(sorted({*map(str, named)})))


def _numbered(pairs: Sequence[tuple[Id, int]], numbers: ItemNumbers) -> list[tuple[int, int]]:
    found: list[int] = numbers.find([item for item, _ in pairs]).tolist()
    return list(zip(found, [count for _, count in pairs], strict=True))


def _ids(table: FeatureTable, what: str) -> list[Id]:
    ids: list[Id] = [number.item() if isinstance(number, np.generic) else number for number in table.ids]
    if len(set(ids)) != len(ids):
        twice = next(each for each, count in Counter(ids).items() if count > 1)
        raise InvalidInput(f"the id {twice!r} is there twice in the table of {what}", what)
    return ids


def _schema(table: FeatureTable) -> Schema:
    for name, values in table.columns.items():
        if len(values) != len(table.ids):
            raise InvalidInput(f"the column '{name}' has {len(values)} values for {len(table.ids)} ids", name)
    return Schema(tuple((name, table.kinds.get(name) or _kind(name, values)) for name, values in table.columns.items()))


def _kind(name: str, values: Sequence[Any]) -> Kind:
    dtype = getattr(values, "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind in "fiub":
        kinds: dict[str, Kind] = {"f": "f32" if dtype.itemsize <= 4 else "f64", "b": "bool"}
        return kinds.get(dtype.kind, "i64")
    types = {type(value.item() if isinstance(value, np.generic) else value) for value in values if value is not None}
    if types <= {float, int}:
        return "i64" if types == {int} else "f64"
    if types == {str}:
        return "str"
    if types == {bool}:
        return "bool"
    raise InvalidInput(f"the column '{name}' mixes {', '.join(sorted(t.__name__ for t in types))}", name)


def _rows(table: FeatureTable) -> Iterator[tuple[Value, ...]]:
    columns = []
    for values in table.columns.values():
        plain = values.tolist() if isinstance(values, np.ndarray) else list(values)
        if table.nan_is_missing:
            plain = [None if isinstance(value, float) and value != value else value for value in plain]
        columns.append(plain)
    return zip(*columns, strict=True) if columns else iter([()] * len(table.ids))
