"""What was found in the tables of users, items and events, and the checks that they share."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from pillion.errors import InvalidInput
from pillion.features.ids import LONGEST
from pillion.tabular.source import Source
from pillion.types import Id, Value

Progress = Callable[[str, int, int | None], None]
"""Is told what is being done, how much of it is done, and how much there will be, where that is known."""
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


def check_columns(table: str, wanted: Collection[str], names: Sequence[str]) -> None:
    """Checks that a table has columns, and each of them once.

    Args:
        table: What it is called in messages.
        wanted: The columns.
        names: Those that it has.

    Raises:
        InvalidInput: It lacks one, or has it twice; names them.
    """
    absent = [name for name in wanted if name not in names]
    if absent:
        has = f"it has {some_columns(names, 20)}" if names else "it is empty"
        raise InvalidInput(
            f"{table} lacks {some_columns(absent, len(absent))}, which the project file names; {has}",
            absent[0],
        )
    twice = next((name for name in wanted if names.count(name) > 1), None)
    if twice is not None:
        raise InvalidInput(f"{table} has the column '{twice}' twice", twice)


def check_id(source: Source, row: int, column: str, value: Value) -> Id:
    """Returns a cell as an id.

    Raises:
        InvalidInput: It is missing, negative or too long; names table, row and column.
    """
    where = f"{source.name}, row {row}, column '{column}'"
    if value is None or value == "":
        raise InvalidInput(f"{where}: the id is missing", column)
    if isinstance(value, int) and value < 0:
        raise InvalidInput(f"{where}: the id {value} is negative", column)
    if isinstance(value, str) and len(value) > LONGEST:
        raise InvalidInput(
            f"{where}: the id '{value[:LONGEST]}…' has {len(value):,} characters, but {LONGEST} are the most", column
        )
    return value  # type: ignore[return-value]


def some_columns(names: Sequence[str], most: int = _SHOWN) -> str:
    """Returns the first of some columns' names, with how many more there are."""
    shown = ", ".join(f"'{name}'" for name in names[:most])
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"the column{'s' if len(names) > 1 else ''} {shown}{more}"
