"""The reading of a table of events, batch by batch: what is popular, and what each user has seen."""

import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from pillion.features import keys
from pillion.features.findings import Findings, Progress, check_columns, check_id
from pillion.project import Project, ValueType
from pillion.tabular import Batch
from pillion.tabular.source import Source
from pillion.types import Id

SEGMENT_LENGTH = 1000
"""Items of a segment's popularity list, at most."""
NO_EVENTS = "there are no events: every item counts as equally popular, and nobody has seen anything"
_Seen = Mapping[Id, list[Id]]


@dataclass(frozen=True, slots=True)
class Strange:
    """Events of ids that a table lacks.

    Attributes:
        events: How many.
        ids: Of how many ids.
        example: One of these; None where there is none.
    """

    events: int
    ids: int
    example: Id | None


class EventScan:
    """A table of events, which may be read more than once.

    Args:
        project: Says which columns hold what, and which fields make segments.
        source: The table; None where there is none.
        known_users: The ids of the table of users; empty where there is none.
        known_items: The ids of the table of items.
        held: Pairs of a user and an item that are kept in memory at a time, about.

    Attributes:
        users: The users of whom there are events, once they were counted.
    """

    def __init__(
        self,
        project: Project,
        source: Source | None,
        known_users: Collection[Id],
        known_items: Collection[Id],
        held: int,
    ) -> None:
        self.users: set[Id] = set()
        self._source = source
        self._known_users = known_users
        self._known_items = known_items
        self._held = held
        self._pairs = 0
        self._user = project.events.user or project.users.id
        self._item = project.events.item or project.items.id
        self._segments = {name: project.inputs[name].column or name for name in project.segments}
        self._ids: dict[str, ValueType] = {self._user: project.users.type, self._item: project.items.type}
        kinds: dict[str, ValueType] = {self._segments[name]: project.inputs[name].type for name in project.segments}
        self._types = kinds | self._ids

    def count(self, found: Findings, progress: Progress) -> dict[str, list[tuple[Id, int]]]:
        """Returns the popularity lists, best first and ties by rising id; a segment's is cut.

        Raises:
            InvalidInput: A column or a value is not as it must be; names table, row and column.
        """
        counts: dict[str, Counter[Id]] = {keys.GLOBAL: Counter(dict.fromkeys(self._known_items, 0))}
        if self._source is None:
            found.odd.append(NO_EVENTS)
            return rank_counts(counts)
        check_columns(self._source.name, self._types, self._source.names(self._types))
        strangers: Counter[Id] = Counter()
        absent: Counter[Id] = Counter()
        named = 0
        for batch in self._source.batches(self._types):
            segments = [(name, batch.columns[column]) for name, column in self._segments.items()]
            for offset, user, item in self._pairs_of(self._source, batch):
                named += 1
                if item not in self._known_items:
                    absent[item] += 1
                    continue
                if self._known_users and user not in self._known_users:
                    strangers[user] += 1
                self._pairs += 1
                self.users.add(user)
                counts[keys.GLOBAL][item] += 1
                for name, column in segments:
                    if (value := column[offset]) is not None:
                        counts.setdefault(keys.segment(name, value), Counter())[item] += 1
            found.events += batch.rows
            progress("rows of events read", found.events, None)
        tell_odd(found, self._source.name, found.events - named, _counted(absent), _counted(strangers))
        return rank_counts(counts)

    def parts(self) -> Iterator[_Seen]:
        """Yields what users have seen; the table is read again for each part, so that only that part is in memory."""
        if self._source is None:
            return
        parts = -(-self._pairs // self._held)
        for part in range(parts):
            seen: dict[Id, dict[Id, None]] = defaultdict(dict)
            for batch in self._source.batches(self._ids):
                for _, user, item in self._pairs_of(self._source, batch):
                    if item in self._known_items and _part_of(user, parts) == part:
                        seen[user][item] = None
            yield {user: list(taken) for user, taken in seen.items()}

    def _pairs_of(self, source: Source, batch: Batch) -> Iterator[tuple[int, Id, Id]]:
        pairs = zip(batch.columns[self._user], batch.columns[self._item], strict=True)
        for offset, (user, item) in enumerate(pairs):
            if user is not None and item is not None:
                row = batch.first + offset
                yield offset, check_id(source, row, self._user, user), check_id(source, row, self._item, item)


def tell_odd(found: Findings, name: str, nameless: int, of_items: Strange, of_users: Strange) -> None:
    """Tells what is odd about a table of events.

    Args:
        found: Is told.
        name: What the table is called.
        nameless: Events that lack a user or an item.
        of_items: Those of items that the table of items lacks.
        of_users: Those of users that the table of users lacks.
    """
    if nameless:
        found.odd.append(f"{name}: {nameless:,} events lack a user or an item, and were left out")
    if of_items.events:
        found.odd.append(
            f"{name}: {of_items.events:,} events are of {of_items.ids:,} items that the table of items lacks, such as"
            f" {of_items.example!r}, and were left out"
        )
    if of_users.events:
        found.odd.append(
            f"{name}: {of_users.events:,} events are of {of_users.ids:,} users that the table of users lacks, such as"
            f" {of_users.example!r}; they count for popularity"
        )


def _counted(strange: Counter[Id]) -> Strange:
    return Strange(strange.total(), len(strange), next(iter(strange), None))


def _part_of(user: Id, parts: int) -> int:
    return zlib.crc32(str(user).encode()) % parts


def rank_counts(counts: Mapping[str, Counter[Id]]) -> dict[str, list[tuple[Id, int]]]:
    """Returns the popularity lists, best first and ties by rising id; a segment's is cut."""
    ranked: dict[str, list[tuple[Id, int]]] = {}
    for name, counter in counts.items():
        pairs = sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))
        ranked[name] = pairs if name == keys.GLOBAL else pairs[:SEGMENT_LENGTH]
    return ranked
