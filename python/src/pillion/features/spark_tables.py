"""From Spark's tables of users and events to the contents of a feature version, with the work left to Spark.

Of users and events only counts come to this process; the table of items does. What is refused, and what counts as odd,
is what `read_tables` refuses and counts.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pillion.config import StoreSettings
from pillion.errors import InvalidInput
from pillion.features import keys
from pillion.features.contents import ContentsStream
from pillion.features.event_scan import NO_EVENTS, Strange, rank_counts, tell_odd
from pillion.features.feature_scan import scan_items, schema_of, user_inputs
from pillion.features.findings import Findings, Progress, check_columns, some_columns
from pillion.features.ids import LONGEST
from pillion.features.spark_users import ITEMS, USER, SparkUsers, column_of
from pillion.project import Project, ValueType
from pillion.tabular.cells import parse_json
from pillion.tabular.source import Source
from pillion.tabular.spark_source import quoted
from pillion.types import Id

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_IDS: Mapping[ValueType, tuple[str, ...]] = {"string": ("string",), "integer": ("tinyint", "smallint", "int", "bigint")}
_SQL: Mapping[ValueType, str] = {"string": "string", "integer": "bigint"}
_WORDS: Mapping[ValueType, str] = {"string": "text", "integer": "whole numbers"}
_NUMBERS = ("integer", "float", "double", "decimal")


def read_spark_tables(
    project: Project,
    users: "DataFrame | None",
    items: Source,
    events: "DataFrame | None",
    settings: StoreSettings,
    rate: float | None = None,
    progress: Progress = lambda what, done, total: None,
) -> tuple[ContentsStream, SparkUsers, Findings]:
    """Checks tables, and counts what is popular.

    Args:
        project: Says which columns hold what, and of which type.
        users: Where there is a user to know something of.
        items: All that may be recommended.
        events: Who took what.
        settings: Of the store, which executors write to.
        rate: Users that are written a second, at most.
        progress: Is told how far it is.

    Returns:
        The contents without users, what writes those, and what was odd.

    Raises:
        ConfigurationError: The project file wants features of a table that is not given.
        InvalidInput: A table lacks a column, has it twice, or has no rows, or an id is not as it must be; names it.
    """
    found = Findings()
    scan, table = scan_items(project, items, found, progress)
    people = _Users(project, users, found)
    progress("rows of users read", found.users, None)
    taken = _Events(project, events, users, scan.rows_of, found)
    progress("rows of events read", found.events, None)
    schema = schema_of(people.inputs)
    same = [people.fingerprint, taken.fingerprint, schema.fields, list(scan.rows_of)]
    writer = SparkUsers(
        settings=settings,
        users=people.table,
        id_column=project.users.id,
        columns=people.columns,
        seen=taken.seen,
        user_ids=project.users.type,
        user_rows=found.users,
        seen_rows=taken.users,
        count=found.users + taken.strangers,
        fingerprint=hashlib.sha256(json.dumps(same).encode()).hexdigest(),
        rate=rate,
    )
    contents = ContentsStream(
        users=(),
        user_schema=schema,
        user_tables=lambda: (),
        items=table,
        popularity=taken.popularity,
        titles=scan.titles,
        seen_users=(),
        seen_parts=lambda: (),
        seen_items=(),
        user_ids=project.users.type,
        item_ids=project.items.type,
    )
    return contents, writer, found


class _Users:
    """The table of users, checked."""

    def __init__(self, project: Project, table: "DataFrame | None", found: Findings) -> None:
        from pyspark.sql import functions as F

        self.inputs = user_inputs(project, table is not None)
        self.columns = tuple((each.column or name, each.type) for name, each in self.inputs.items())
        self.fingerprint: tuple[int, ...] = ()
        self.table = None
        if table is None:
            return
        name = "the table of users"
        wanted = list(dict.fromkeys([project.users.id, *(column for column, _ in self.columns)]))
        _check(table, name, wanted, {project.users.id: project.users.type})
        self.table = table.select(*map(column_of, wanted))
        sums = [F.count("*"), F.bit_xor(F.xxhash64(*self.table.columns))]
        sums += [F.count(column_of(column)) for column, _ in self.columns]
        ranged = {
            each.column or name: each.range
            for name, each in self.inputs.items()
            if each.range is not None and each.type in _NUMBERS
        }
        sums += [F.count_if(~_number(each).between(*ends)) for each, ends in ranged.items()]
        rows, mix, *counts = _row(self.table.agg(*sums))
        if not rows:
            raise InvalidInput(f"{name} has no rows: leave it out, or give one with users", "users")
        self.fingerprint = (rows, mix)
        found.users = rows
        for each, count in zip(self.inputs, counts, strict=False):
            if count < rows:
                found.missing[f"users.{each}"] = rows - count
            if not count:
                found.odd.append(f"{name}: all values of '{self.inputs[each].column or each}' are missing")
        for (column, (low, high)), outside in zip(ranged.items(), counts[len(self.inputs) :], strict=True):
            if outside:
                found.odd.append(f"{name}: {outside:,} values of '{column}' are outside {low} to {high}")
        unused = [each for each in table.columns if each not in self.table.columns]
        if unused:
            found.odd.append(f"{name}: no input is declared for {some_columns(unused)}")


class _Events:
    """The table of events, counted.

    Attributes:
        popularity: The lists.
        seen: A row a user, with the items that the user took; None where there are no events.
        users: Rows of it.
        strangers: Users in it that the table of users lacks.
        fingerprint: Of its rows.
    """

    def __init__(
        self,
        project: Project,
        table: "DataFrame | None",
        users: "DataFrame | None",
        items: Mapping[Id, int],
        found: Findings,
    ) -> None:
        from pyspark.sql import functions as F

        counts: dict[str, Counter[Id]] = {keys.GLOBAL: Counter(dict.fromkeys(items, 0))}
        self.fingerprint: tuple[int, ...] = ()
        self.seen: DataFrame | None = None
        self.users = self.strangers = 0
        if table is None:
            found.odd.append(NO_EVENTS)
            self.popularity = rank_counts(counts)
            return
        name = "the table of events"
        user, item = project.events.user or project.users.id, project.events.item or project.items.id
        segments = {each: project.inputs[each].column or each for each in project.segments}
        types = {user: project.users.type, item: project.items.type}
        _check(table, name, [user, item, *segments.values()], types)
        plain = table.select(
            column_of(user).alias(USER),
            column_of(item).alias("item"),
            *(column_of(each).alias(f"segment{at}") for at, each in enumerate(segments.values())),
        )
        both = F.col(USER).isNotNull() & F.col("item").isNotNull()
        bad = (
            F.first(F.when(_bad(each, types[column]), F.col(each)), True)
            for each, column in ((USER, user), ("item", item))
        )
        sums = (F.count("*"), F.bit_xor(F.xxhash64(*plain.columns)), F.count_if(both), *bad)
        rows, mix, whole, *wrong = _row(plain.agg(*sums))
        named = plain.filter(both)
        for column, value in zip((user, item), wrong, strict=True):
            if value is not None:
                raise InvalidInput(
                    f"{name}, column '{column}': the id {value!r} is negative, empty or too long", column
                )
        found.events, self.fingerprint = rows, (rows, mix or 0)
        rows_of_items = [(each,) for each in items]
        known = F.broadcast(table.sparkSession.createDataFrame(rows_of_items, f"item {_SQL[types[item]]}"))
        others = named.join(known, "item", "left_anti")
        of_items = Strange(*_row(others.agg(F.count("*"), F.count_distinct("item"), F.min("item"))))
        taken = named.join(known, "item", "left_semi")
        for row in taken.groupBy("item").count().collect():
            counts[keys.GLOBAL][row[0]] += row[1]
        for at, field in enumerate(segments):
            declared = project.inputs[field].type
            for value, each, count in taken.groupBy(f"segment{at}", "item").count().collect():
                if value is not None:
                    segment = keys.segment(field, parse_json(value, declared))
                    counts.setdefault(segment, Counter())[each] += count
        self.popularity = rank_counts(counts)
        self.seen = taken.groupBy(USER).agg(F.collect_set("item").alias(ITEMS))
        self.users = taken.select(USER).distinct().count()
        of_users = Strange(0, 0, None)
        if users is not None:
            others = taken.join(users.select(column_of(project.users.id).alias(USER)), USER, "left_anti")
            of_users = Strange(*_row(others.agg(F.count("*"), F.count_distinct(USER), F.min(USER))))
        self.strangers = self.users if users is None else of_users.ids
        tell_odd(found, name, rows - whole, of_items, of_users)


def _row(table: "DataFrame") -> tuple[Any, ...]:
    """The only row of an aggregation."""
    (row,) = table.collect()
    return tuple(row)


def _number(column: str) -> "Column":
    """A column's numbers, also those that a text spells; a text that spells none is refused where it is packed."""
    from pyspark.sql import functions as F

    return F.expr(f"try_cast({quoted(column)} AS double)")


def _check(table: "DataFrame", name: str, wanted: list[str], ids: Mapping[str, ValueType]) -> None:
    check_columns(name, wanted, table.columns)
    types = dict(table.dtypes)
    for column, type_ in ids.items():
        if types[column] not in _IDS[type_]:
            raise InvalidInput(
                f"{name}, column '{column}': the ids are of Spark's type {types[column]}, but the project file says"
                f" that they are {_WORDS[type_]}",
                column,
            )


def _bad(column: str, type_: ValueType) -> "Column":
    from pyspark.sql import functions as F

    if type_ == "integer":
        return F.col(column) < 0
    return ~F.length(column).between(1, LONGEST)
