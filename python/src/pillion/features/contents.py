"""What a feature version holds: all in memory, or as streams that are read while they are written."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pillion.errors import InvalidInput
from pillion.features.ids import kind_of
from pillion.features.record_codec import Kind, Schema
from pillion.types import Id, IdType, Value


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

    def plain_ids(self, what: str) -> list[Id]:
        """Returns the ids without numpy's types.

        Args:
            what: What the table is called in messages.

        Raises:
            InvalidInput: An id is there twice.
        """
        ids: list[Id] = [number.item() if isinstance(number, np.generic) else number for number in self.ids]
        if len(set(ids)) != len(ids):
            twice = next(each for each, count in Counter(ids).items() if count > 1)
            raise InvalidInput(f"the id {twice!r} is there twice in the table of {what}", what)
        return ids

    def schema(self) -> Schema:
        """Returns the schema of the records.

        Raises:
            InvalidInput: A column has another length than the ids, or mixes types; names it.
        """
        for name, values in self.columns.items():
            if len(values) != len(self.ids):
                raise InvalidInput(f"the column '{name}' has {len(values)} values for {len(self.ids)} ids", name)
        return Schema(
            tuple((name, self.kinds.get(name) or _kind(name, values)) for name, values in self.columns.items())
        )

    def rows(self) -> Iterator[tuple[Value, ...]]:
        """Yields the values of each id."""
        columns = []
        for values in self.columns.values():
            plain = values.tolist() if isinstance(values, np.ndarray) else list(values)
            if self.nan_is_missing:
                plain = [None if isinstance(value, float) and value != value else value for value in plain]
            columns.append(plain)
        return zip(*columns, strict=True) if columns else iter([()] * len(self.ids))


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

    def stream(self) -> "ContentsStream":
        """Returns the same as streams of one part each.

        Raises:
            InvalidInput: An id is there twice, ids are of both kinds, or columns do not fit each other.
        """
        ids = self.users.plain_ids("users")
        found = kind_of([*ids, *self.seen], "users")
        return ContentsStream(
            users=ids,
            user_schema=self.users.schema(),
            user_tables=lambda: [self.users],
            items=self.items,
            popularity=self.popularity,
            titles=self.titles,
            seen_users=self.seen,
            seen_parts=lambda: [self.seen],
            seen_items={item for items in self.seen.values() for item in items},
            user_ids=self.user_ids or found,
            item_ids=self.item_ids,
        )


@dataclass(frozen=True, slots=True)
class ContentsStream:
    """What a feature version holds, where users may be more than memory has room for; only their ids are kept.

    Attributes:
        users: The ids of the users that have features.
        user_schema: Of their features.
        user_tables: Returns tables with all of them, each of so many that it fits into memory.
        items: Item features.
        popularity: Per segment items with counts, best first.
        titles: By item.
        seen_users: The ids of the users of whom it is known what they have seen.
        seen_parts: Returns what they have seen, in parts that fit into memory; each user is in one part.
        seen_items: Items that were seen and may not be among the items.
        user_ids: Of which kind the users' ids are.
        item_ids: Of which kind the items' ids are, where they are not to say it themselves.
    """

    users: Collection[Id]
    user_schema: Schema
    user_tables: Callable[[], Iterable[FeatureTable]]
    items: FeatureTable
    popularity: Mapping[str, Sequence[tuple[Id, int]]]
    titles: Mapping[Id, str]
    seen_users: Collection[Id]
    seen_parts: Callable[[], Iterable[Mapping[Id, Sequence[Id]]]]
    seen_items: Collection[Id]
    user_ids: IdType
    item_ids: IdType | None


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
