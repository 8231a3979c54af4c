"""A table of Spark's as a source of rows: read a partition at a time, and computed once.

A frame's own methods do all of it, so that nobody who reads tables has to import Spark.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from pillion.errors import InvalidInput
from pillion.tabular.cells import CellTypes, parse_json, unfit
from pillion.tabular.forms import moment
from pillion.tabular.read import BATCH_ROWS, Batch
from pillion.types import Value


def is_frame(table: Any) -> bool:
    """Whether a table is a frame of Spark's, also of Spark Connect's."""
    return _home(table) == "pyspark" and hasattr(table, "toLocalIterator")


def quoted(column: str) -> str:
    """Returns a column's name as Spark's functions take it, dots and all."""
    return "`" + column.replace("`", "``") + "`"


@contextmanager
def kept_on_disk(table: Any) -> Iterator[Any]:
    """Has Spark keep a frame's rows on its disks meanwhile, unless they are kept already; leaves other tables alone.

    A frame that is read several times is then computed once, and has the same rows each time.
    """
    if not is_frame(table):
        yield table
        return
    level = table.storageLevel
    kept = level.useDisk or level.useMemory or level.useOffHeap
    if not kept:
        table.persist(type(level)(True, False, False, False))
    try:
        yield table
    finally:
        if not kept:
            table.unpersist()


class SparkSource:
    """A frame of Spark's, of which one partition is in memory at a time; see `Source`.

    Args:
        name: What it is called in messages.
        frame: A `pyspark.sql.DataFrame`.
    """

    def __init__(self, name: str, frame: Any) -> None:
        self.name = name
        self._frame = frame

    def names(self, wanted: Collection[str] = ()) -> list[str]:
        """See `Source.names`."""
        return list(self._frame.columns)

    def batches(self, types: CellTypes) -> Iterator[Batch]:
        """See `Source.batches`."""
        first = 1
        try:
            rows = self._select(list(types)).toLocalIterator()
            while chunk := list(islice(rows, BATCH_ROWS)):
                cells = zip(*chunk, strict=True)
                columns = {name: self._column(next(cells), name, types, first) for name in types}
                yield Batch(first, columns, len(chunk))
                first += len(chunk)
        except Exception as error:
            if _home(error) not in ("pyspark", "py4j"):
                raise
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise InvalidInput(f"{self.name} cannot be read: {reason}") from error

    def _select(self, names: list[str]) -> Any:
        """The columns by their places, as their names may hold dots or differ by their case alone.

        A timestamp comes as its microseconds: Spark makes a Python value of it in the time zone of this process.
        """
        fields = [field.name for field in self._frame.schema]
        places = map(fields.index, names)
        chosen = [f"unix_micros(`{place}`)" if self._is_moment(place) else f"`{place}`" for place in places]
        return self._frame.toDF(*map(str, range(len(fields)))).selectExpr(*chosen)

    def _is_moment(self, column: int | str) -> bool:
        return bool(self._frame.schema[column].dataType.typeName() == "timestamp")

    def _column(self, cells: tuple[Any, ...], name: str, types: CellTypes, first: int) -> list[Value]:
        is_moment = self._is_moment(name)
        column: list[Value] = []
        for offset, cell in enumerate(cells):
            try:
                value = moment(cell) if is_moment and cell is not None else cell
                column.append(parse_json(value, types[name]))
            except (ValueError, OverflowError, TypeError):
                raise unfit(self.name, first + offset, name, cell, types[name]) from None
        return column


def _home(value: Any) -> str:
    return type(value).__module__.partition(".")[0]
