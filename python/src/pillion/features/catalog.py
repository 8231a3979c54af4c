"""The catalog: one feature version's items, popularity lists and schemas, immutable, in this process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from pillion.errors import CorruptRecord
from pillion.features import keys
from pillion.features.ids import Ids, ItemNumbers
from pillion.features.record_codec import Schema, schema_from_json, unpack_counts, unpack_ids
from pillion.types import IdType, Value

TITLE = "title"
"""The field of an item's record that holds its title."""


@dataclass(frozen=True, slots=True)
class RawAnswers:
    """What describes the batch answers of a version, as the store keeps it.

    Attributes:
        version: Of the features.
        meta: JSON of `meta<ver>`.
        batch: JSON of `batch<ver>`.
        names: The items' dictionary, where their ids are text.
    """

    version: int
    meta: bytes
    batch: bytes
    names: bytes | None


@dataclass(frozen=True, slots=True)
class RawCatalog:
    """A catalog as the store keeps it.

    Attributes:
        version: Of the features.
        meta: JSON of `meta<ver>`.
        batch: JSON of `batch<ver>`, where there are batch answers.
        ids: Packed numbers of items.
        names: The items' dictionary, where their ids are text.
        records: One per id; empty where the store has lost it.
        popularity: Packed lists by segment.
        last: The version of the last run, where this one has no batch answers; None where there is none.
        before: What stands in for this version's batch answers, as long as the store has it.
    """

    version: int
    meta: bytes
    batch: bytes | None
    ids: bytes
    names: bytes | None
    records: Sequence[bytes]
    popularity: Mapping[str, bytes]
    last: int | None = None
    before: RawAnswers | None = None

    def items(self, id_width: int) -> tuple[Ids, list[bytes]]:
        """Returns the numbers of the items that have a record, int64, shape (n,), ascending, and their records.

        Raises:
            CorruptRecord: There are more or fewer ids than records.
        """
        ids = unpack_ids(self.ids, id_width)
        if len(ids) != len(self.records):
            raise CorruptRecord(f"there are {len(ids)} item ids, but {len(self.records)} records")
        kept = [place for place in np.argsort(ids, kind="stable").tolist() if self.records[place]]
        return ids[kept], [self.records[place] for place in kept]


@dataclass(frozen=True, slots=True)
class ItemTable:
    """The items by column.

    Attributes:
        ids: Their numbers, int64, shape (n,), ascending.
        columns: Per feature its values and a mask that is true where missing, or None where nothing is
            missing.
        titles: One per id.
    """

    ids: Ids
    columns: Mapping[str, tuple[npt.NDArray[Any], npt.NDArray[np.bool_] | None]]
    titles: tuple[str | None, ...]

    def indices(self, items: Ids) -> Ids:
        """Returns where the items are in the table; -1 where they are not."""
        if not len(self.ids):
            return np.full(len(items), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.ids, items), len(self.ids) - 1)
        return np.where(self.ids[at] == items, at, -1)

    def take(self, name: str, indices: Ids) -> npt.NDArray[Any] | list[Value]:
        """Returns a feature of the items at some indices: an array where nothing is missing, else a list."""
        values, mask = self.columns[name]
        taken = values[indices]
        if mask is None:
            return taken
        gaps = mask[indices]
        if not gaps.any():
            return taken
        return [None if gap else value for value, gap in zip(taken.tolist(), gaps.tolist(), strict=True)]


@dataclass(frozen=True, slots=True)
class Popularity:
    """Items by falling count.

    Attributes:
        items: int64, shape (n,).
        counts: int64, shape (n,).
    """

    items: Ids
    counts: Ids


@dataclass(frozen=True, slots=True)
class BatchMeta:
    """What gave the batch answers.

    Attributes:
        run: Its number.
        model: Which scored.
        version: Which version of it.
        created: When it ended, seconds since 1970 UTC.
        assumed: What it took for a request's own; None where answers came from elsewhere, and nobody knows.
    """

    run: int
    model: str
    version: int
    created: float
    assumed: "Assumed | None" = None


@dataclass(frozen=True, slots=True)
class Assumed:
    """What a run of batch inference took for what a request says of itself.

    Attributes:
        k: Items of an answer, at most.
        online: The request's own values.
        segment: Whose popular items were candidates; None for everybody's.
        verdict: What the planner says of the workload: `batch` or `online`.
    """

    k: int
    online: Mapping[str, Value]
    segment: str | None
    verdict: str


@dataclass(frozen=True, slots=True)
class AnswerPlace:
    """Where batch answers are, and how their items become those of the version in use.

    Attributes:
        version: Of the features that they were computed from.
        user_buckets: How many buckets its users are in, where their ids are text.
        id_width: Bytes of an item's number in its lists.
        numbers: By the number that an item had, the one that it has now, −1 where it is gone; None where they are the
            same.
    """

    version: int
    user_buckets: int
    id_width: int
    numbers: Ids | None = None

    def unpack(self, packed: bytes) -> Ids:
        """Returns the items of an answer, int64, shape (n,), best first."""
        items = unpack_ids(packed, self.id_width)
        if self.numbers is not None:
            items = self.numbers[items]
        return items[items >= 0]


@dataclass(frozen=True, slots=True)
class Catalog:
    """What one feature version has in this process.

    Attributes:
        version: Of the features.
        created: When they were published, seconds since 1970 UTC.
        users: Schema of the user records.
        items: Schema of the item records.
        user_ids: Of which kind the users' ids are.
        user_buckets: How many buckets users are in, where their ids are text.
        id_width: Bytes of an item's number in lists.
        numbers: Of the items.
        table: The items.
        popularity: Lists by segment; `global` is always there.
        candidates: By segment, the items that have features: the segment's by falling count, then everybody's.
        batch: Of the batch answers, where there are any.
        answers: Where these are; of a version before where this one has none yet.
    """

    version: int
    created: float
    users: Schema
    items: Schema
    user_ids: IdType
    user_buckets: int
    id_width: int
    numbers: ItemNumbers
    table: ItemTable
    popularity: Mapping[str, Popularity]
    candidates: Mapping[str, Ids] = field(repr=False)
    batch: BatchMeta | None
    answers: AnswerPlace | None
    raw: RawCatalog = field(repr=False, compare=False)

    def titles(self, items: Ids) -> list[str | None]:
        """Returns the items' titles; None where there is none."""
        titles = self.table.titles
        return [titles[at] if at >= 0 else None for at in self.table.indices(items).tolist()]


def build_catalog(raw: RawCatalog) -> Catalog:
    """Decodes a catalog; takes some 10 ms per 10,000 items, so keep it off the event loop.

    Raises:
        CorruptRecord: A part of it is not what was written.
    """
    try:
        meta = orjson.loads(raw.meta)
        users, items = schema_from_json(meta["users"]), schema_from_json(meta["items"])
        created, width = float(meta["created"]), int(meta["id_width"])
        user_ids: IdType = "string" if meta["user_ids"] == "string" else "integer"
        buckets = int(meta["user_buckets"])
        numbers = ItemNumbers.unpack(raw.names)
        answers = AnswerPlace(raw.version, buckets, width)
        described = raw.batch
        if (
            described is None
            and raw.before is not None
            and (found := _place(raw.before, user_ids, numbers)) is not None
        ):
            answers, described = found, raw.before.batch
        batch = None if described is None else _batch_meta(orjson.loads(described))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorruptRecord(f"what describes feature version {raw.version} cannot be read") from error
    popularity = {name: Popularity(*unpack_counts(packed)) for name, packed in raw.popularity.items()}
    if keys.GLOBAL not in popularity:
        raise CorruptRecord(f"feature version {raw.version} has no global popularity list")
    table = _table(items, *raw.items(width))
    return Catalog(
        raw.version,
        created,
        users,
        items,
        user_ids,
        buckets,
        width,
        numbers,
        table,
        popularity,
        {name: _candidates(name, popularity, table) for name in popularity},
        batch,
        None if batch is None else answers,
        raw,
    )


def _place(before: RawAnswers, user_ids: IdType, numbers: ItemNumbers) -> AnswerPlace | None:
    """Where the answers of a version before are; None where ids are of another kind now."""
    meta, names = orjson.loads(before.meta), ItemNumbers.unpack(before.names)
    if meta["user_ids"] != user_ids or names.kind != numbers.kind:
        return None
    now = None if names.names is None else numbers.find(names.names)
    return AnswerPlace(before.version, int(meta["user_buckets"]), int(meta["id_width"]), now)


def _batch_meta(raw: Mapping[str, Any]) -> BatchMeta:
    said = raw.get("assumed")
    assumed = (
        None if said is None else Assumed(int(said["k"]), dict(said["online"]), said["segment"], str(said["verdict"]))
    )
    return BatchMeta(int(raw["run"]), str(raw["model"]), int(raw["version"]), float(raw["created"]), assumed)


def _candidates(segment: str, popularity: Mapping[str, Popularity], table: ItemTable) -> Ids:
    ids = popularity[segment].items
    if segment != keys.GLOBAL:
        ids = np.concatenate([ids, popularity[keys.GLOBAL].items])
    _, first = np.unique(ids, return_index=True)
    ids = ids[np.sort(first)]
    return ids[table.indices(ids) >= 0]


def _table(schema: Schema, ids: Ids, records: Sequence[bytes]) -> ItemTable:
    columns = schema.unpack_columns(records)
    titles: tuple[str | None, ...] = (None,) * len(ids)
    if TITLE in columns:
        texts, mask = columns.pop(TITLE)
        titles = tuple(None if gap else text for text, gap in zip(texts.tolist(), mask.tolist(), strict=True))
    return ItemTable(
        ids,
        {name: (values, mask if mask.any() else None) for name, (values, mask) in columns.items()},
        titles,
    )
