"""From tables of users, items and events to the contents of a feature version, by what the project file says."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pillion.errors import ConfigurationError, InvalidInput
from pillion.features import keys
from pillion.features.record_codec import Kind
from pillion.features.writer import Contents, FeatureTable
from pillion.project import Input, Project, ValueType
from pillion.tabular.forms import measure
from pillion.tabular.source import Source
from pillion.types import Id, Value

Progress = Callable[[str, int, int | None], None]
"""Is told what is being done, how much of it is done, and how much there will be, where that is known."""
SEGMENT_LENGTH = 1000
"""Items of a segment's popularity list, at most."""
_KINDS: Mapping[ValueType, Kind] = {
    "string": "str",
    "integer": "i64",
    "float": "f32",
    "double": "f64",
    "decimal": "str",
    "date": "str",
    "timestamp": "str",
    "boolean": "bool",
}
_SHOWN = 3


@dataclass(slots=True)
class Findings:
    """What was found in the tables.

    Attributes:
        users: Rows of the table of users.
        items: Rows of the table of items.
        events: Rows of the table of events.
        missing: Per feature, `users.age`, how many values are missing, where any is.
        odd: What may be a mistake, a sentence each.
    """

    users: int = 0
    items: int = 0
    events: int = 0
    missing: dict[str, int] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)


def read_tables(
    project: Project,
    users: Source | None,
    items: Source,
    events: Source | None,
    progress: Progress = lambda what, done, total: None,
) -> tuple[Contents, Findings]:
    """Reads tables into the contents of a feature version.

    Popularity is counted from events, for everybody and by segment; what was never taken comes last. An event of an
    item that is not in the table of items is left out.

    Args:
        project: Says which columns hold what, and of which type.
        users: Where there is a user to know something of.
        items: All that may be recommended.
        events: Who took what.
        progress: Is told how far it is.

    Raises:
        ConfigurationError: The project file wants features of a table that is not given.
        InvalidInput: A table lacks a column, has it twice, holds a value of another type, or an id twice or not at all;
            names table, row and column.
    """
    found = Findings()
    wanted = {name: each for name, each in project.inputs.items() if each.source == "user"}
    if users is None:
        if wanted:
            raise ConfigurationError(
                f"{project.name} declares features of users, such as '{next(iter(wanted))}', but there is no table of"
                " users"
            )
        user_table = FeatureTable([], {})
    else:
        user_table, _ = _read_features(
            "users", users, project.users.id, project.users.type, wanted, None, found, progress
        )
        found.users = len(user_table.ids)
    wanted = {name: each for name, each in project.inputs.items() if each.source == "item"}
    item_table, titles = _read_features(
        "items", items, project.items.id, project.items.type, wanted, project.items.title, found, progress
    )
    found.items = len(item_table.ids)
    if not found.items:
        raise InvalidInput(f"{items.name} has no rows, so there is nothing to recommend", "items")
    popularity, seen = _read_events(project, events, set(user_table.ids), list(item_table.ids), found, progress)
    contents = Contents(user_table, item_table, popularity, titles, seen, project.users.type, project.items.type)
    return contents, found


def _read_features(
    what: str,
    source: Source,
    id_column: str,
    id_type: ValueType,
    inputs: Mapping[str, Input],
    title: str | None,
    found: Findings,
    progress: Progress,
) -> tuple[FeatureTable, dict[Id, str]]:
    columns = {name: declared.column or name for name, declared in inputs.items()}
    types: dict[str, ValueType] = {columns[name]: declared.type for name, declared in inputs.items()}
    if title is not None:
        types[title] = "string"
    types[id_column] = id_type
    _check_columns(source, types)
    rows_of: dict[Id, int] = {}
    values: dict[str, list[Value]] = {name: [] for name in inputs}
    titles: dict[Id, str] = {}
    outside: dict[str, list[int]] = defaultdict(list)
    for batch in source.batches(types):
        for offset, value in enumerate(batch.columns[id_column]):
            row = batch.first + offset
            identity = _id(source, row, id_column, value)
            if identity in rows_of:
                raise InvalidInput(
                    f"{source.name}, row {row}, column '{id_column}': the id {identity!r} is there already, in row"
                    f" {rows_of[identity]}",
                    id_column,
                )
            rows_of[identity] = row
            if title is not None and (text := batch.columns[title][offset]) is not None:
                titles[identity] = str(text)
        for name, declared in inputs.items():
            cells = batch.columns[columns[name]]
            if declared.type == "float":
                cells = [None if cell is None else float(np.float32(cell)) for cell in cells]
            values[name] += cells
            outside[name] += _outside(cells, declared, batch.first)
        progress(f"rows of {what} read", len(rows_of), None)
    for name in inputs:
        gaps = sum(value is None for value in values[name])
        if gaps:
            found.missing[f"{what}.{name}"] = gaps
        if gaps == len(rows_of) > 0:
            found.odd.append(f"{source.name}: all values of '{columns[name]}' are missing")
        if outside[name]:
            low, high = inputs[name].range or (None, None)
            found.odd.append(
                f"{source.name}: {len(outside[name]):,} values of '{columns[name]}' are outside {low} to {high}, the"
                f" first in row {outside[name][0]}"
            )
    unused = [name for name in source.names() if name not in types]
    if unused:
        found.odd.append(f"{source.name}: no input is declared for {_some(unused)}")
    if title is not None and len(titles) < len(rows_of):
        found.odd.append(f"{source.name}: {len(rows_of) - len(titles):,} rows have no title")
    kinds = {name: _KINDS[declared.type] for name, declared in inputs.items()}
    return FeatureTable(list(rows_of), values, kinds=kinds), titles


def _read_events(
    project: Project, source: Source | None, users: set[Id], items: list[Id], found: Findings, progress: Progress
) -> tuple[dict[str, list[tuple[Id, int]]], dict[Id, list[Id]]]:
    counts: dict[str, Counter[Id]] = {keys.GLOBAL: Counter(dict.fromkeys(items, 0))}
    seen: dict[Id, dict[Id, None]] = defaultdict(dict)
    if source is None:
        found.odd.append("there are no events: every item counts as equally popular, and nobody has seen anything")
        return _ranked(counts), {}
    user_column = project.events.user or project.users.id
    item_column = project.events.item or project.items.id
    segments = {name: project.inputs[name] for name in project.segments}
    columns = {name: declared.column or name for name, declared in segments.items()}
    types: dict[str, ValueType] = {columns[name]: declared.type for name, declared in segments.items()}
    types |= {user_column: project.users.type, item_column: project.items.type}
    _check_columns(source, types)
    known = set(items)
    strangers: Counter[Id] = Counter()
    absent: Counter[Id] = Counter()
    nameless = 0
    for batch in source.batches(types):
        values = [batch.columns[columns[name]] for name in segments]
        pairs = zip(batch.columns[user_column], batch.columns[item_column], strict=True)
        for offset, (user, item) in enumerate(pairs):
            if user is None or item is None:
                nameless += 1
                continue
            user = _id(source, batch.first + offset, user_column, user)
            item = _id(source, batch.first + offset, item_column, item)
            if item not in known:
                absent[item] += 1
                continue
            if users and user not in users:
                strangers[user] += 1
            seen[user][item] = None
            counts[keys.GLOBAL][item] += 1
            for name, column in zip(segments, values, strict=True):
                if (value := column[offset]) is not None:
                    counts.setdefault(keys.segment(name, value), Counter())[item] += 1
        found.events += batch.rows
        progress("rows of events read", found.events, None)
    if nameless:
        found.odd.append(f"{source.name}: {nameless:,} events lack a user or an item, and were left out")
    if absent:
        found.odd.append(
            f"{source.name}: {absent.total():,} events are of {len(absent):,} items that the table of items lacks, such"
            f" as {next(iter(absent))!r}, and were left out"
        )
    if strangers:
        found.odd.append(
            f"{source.name}: {strangers.total():,} events are of {len(strangers):,} users that the table of users"
            f" lacks, such as {next(iter(strangers))!r}; they count for popularity"
        )
    return _ranked(counts), {user: list(taken) for user, taken in seen.items()}


def _ranked(counts: Mapping[str, Counter[Id]]) -> dict[str, list[tuple[Id, int]]]:
    """The lists by falling count and rising id; a segment's is cut."""
    ranked: dict[str, list[tuple[Id, int]]] = {}
    for name, counter in counts.items():
        pairs = sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))
        ranked[name] = pairs if name == keys.GLOBAL else pairs[:SEGMENT_LENGTH]
    return ranked


def _check_columns(source: Source, types: Mapping[str, Any]) -> None:
    names = source.names()
    absent = [name for name in types if name not in names]
    if absent:
        raise InvalidInput(
            f"{source.name} lacks {_some(absent, len(absent))}, which the project file names; it has"
            f" {_some(names, 20)}",
            absent[0],
        )
    twice = next((name for name in types if names.count(name) > 1), None)
    if twice is not None:
        raise InvalidInput(f"{source.name} has the column '{twice}' twice", twice)


def _id(source: Source, row: int, column: str, value: Value) -> Id:
    if value is None or value == "":
        raise InvalidInput(f"{source.name}, row {row}, column '{column}': the id is missing", column)
    if isinstance(value, int) and value < 0:
        raise InvalidInput(f"{source.name}, row {row}, column '{column}': the id {value} is negative", column)
    return value  # type: ignore[return-value]


def _outside(cells: list[Value], declared: Input, first: int) -> list[int]:
    if declared.range is None:
        return []
    low, high = declared.range
    found = []
    for offset, cell in enumerate(cells):
        number = measure(cell, declared.type) if isinstance(cell, str) else cell
        if number is not None and not low <= number <= high:
            found.append(first + offset)
    return found


def _some(names: list[str], most: int = _SHOWN) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:most])
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"the column{'s' if len(names) > 1 else ''} {shown}{more}"
