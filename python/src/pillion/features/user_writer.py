"""The writing of a version's users: their features and what they have seen, in buckets, by whoever has them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Protocol

from pillion.errors import InvalidInput
from pillion.features import keys
from pillion.features.contents import ContentsStream, FeatureTable
from pillion.features.ids import ItemNumbers
from pillion.features.record_codec import Schema, pack_ids
from pillion.features.store import HashEntry, Store, StringEntry
from pillion.types import Id

Progress = Callable[[str, int, int], None]
"""Is told what is being written, how many of it are, and how many there will be."""
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Target:
    """The version that is written.

    Attributes:
        version: Its number.
        user_schema: Of users' records.
        user_buckets: How many buckets users are spread over, where their ids are text.
        numbers: Of the items.
        id_width: Bytes of an item's number in lists.
        value_limit: Bytes that a user's value may have for the server to keep its bucket compactly.
        ttl_s: Life of what is written, in seconds; None for no end.
        timeout_s: Of each trip.
        progress: Is told how far it is.
    """

    version: int
    user_schema: Schema
    user_buckets: int
    numbers: ItemNumbers
    id_width: int
    value_limit: int
    ttl_s: float | None
    timeout_s: float
    progress: Progress = field(compare=False)


class UserWriter(Protocol):
    """Who has the users, and writes them."""

    @property
    def count(self) -> int:
        """Users that have features or have seen something."""
        ...

    @property
    def fingerprint(self) -> str | None:
        """The same for the same contents, so that a load that was cut short can go on; None where it can't."""
        ...

    async def write(self, store: Store, target: Target) -> Collection[int]:
        """Writes users' features and what they have seen; returns the numbers of their buckets.

        Raises:
            InvalidInput: An id or a value is not as it must be; names it.
            StoreError: The store failed.
        """
        ...


class StreamedUsers:
    """Users that this process reads, part by part.

    Args:
        contents: Has them.
    """

    def __init__(self, contents: ContentsStream) -> None:
        self.count = len({*contents.users, *contents.seen_users})
        self.fingerprint: str | None = None
        self._contents = contents

    async def write(self, store: Store, target: Target) -> Collection[int]:
        """See `UserWriter.write`."""
        users = Writing(store, "users", len(self._contents.users), target)
        for table in self._contents.user_tables():
            await users.put(feature_buckets(packed_rows(table, target.user_schema), target))
        seen = Writing(store, "users' seen items", len(self._contents.seen_users), target)
        for part in self._contents.seen_parts():
            lists = ((user, packed_items(taken, target)) for user, taken in part.items())
            await seen.put(seen_buckets(lists, target))
        return users.buckets | seen.buckets


class Writing:
    """The writing of one kind of entries, in chunks, and how far it is.

    Attributes:
        buckets: The numbers of the buckets that were written.
    """

    def __init__(self, store: Store, what: str, total: int, target: Target) -> None:
        self.buckets: set[int] = set()
        self._store = store
        self._what = what
        self._total = total
        self._target = target
        self._done = 0
        target.progress(what, 0, total)

    async def put(self, entries: Mapping[int, HashEntry] | Iterable[StringEntry]) -> None:
        """Writes entries, of hashes by the number of their bucket."""
        if isinstance(entries, Mapping):
            self.buckets |= entries.keys()
        rest: Iterator[HashEntry | StringEntry] = iter(entries.values() if isinstance(entries, Mapping) else entries)
        while chunk := list(islice(rest, _CHUNK)):
            await self._store.write(chunk, self._target.timeout_s)
            self._done += sum(len(entry.fields) if isinstance(entry, HashEntry) else 1 for entry in chunk)
            self._target.progress(self._what, self._done, self._total)


def feature_buckets(records: Iterable[tuple[Id, bytes]], target: Target) -> dict[int, HashEntry]:
    """Returns users' records as hashes, by the number of their bucket.

    Raises:
        InvalidInput: A record is longer than the server keeps compactly; names the user, and what to set.
    """
    return _buckets(records, target, partial(keys.users, target.version), "features")


def seen_buckets(lists: Iterable[tuple[Id, bytes]], target: Target) -> dict[int, HashEntry]:
    """Returns users' lists of seen items as hashes, by the number of their bucket; raises as `feature_buckets`."""
    return _buckets(lists, target, partial(keys.seen, target.version), "seen items")


def packed_items(items: Sequence[Id], target: Target) -> bytes:
    """Returns a list of items, ascending."""
    return pack_ids(sorted(target.numbers.find(list(items)).tolist()), target.id_width)


def packed_rows(table: FeatureTable, schema: Schema) -> Iterator[tuple[Id, bytes]]:
    """Yields users with their records."""
    return zip(table.plain_ids("users"), map(schema.pack, table.rows()), strict=True)


def _buckets(
    values: Iterable[tuple[Id, bytes]], target: Target, key: Callable[[int], str], what: str
) -> dict[int, HashEntry]:
    buckets: defaultdict[int, dict[int | str, bytes]] = defaultdict(dict)
    for user_id, value in values:
        bucket, name = keys.place(user_id, target.user_buckets)
        size = max(len(value), len(name.encode())) if isinstance(name, str) else len(value)
        if size > target.value_limit:
            raise InvalidInput(
                f"the {what} of user {user_id!r} take {size:,} bytes, and one value of more than"
                f" {target.value_limit:,} has the server keep the users of a whole bucket in twice the memory: set its"
                f" hash-max-listpack-value to {size} or more, or leave some of them out",
                "users",
            )
        buckets[bucket][name] = value
    return {number: HashEntry(key(number), fields, target.ttl_s) for number, fields in buckets.items()}
