"""Real rows that a verification set is drawn from: those of a file, or of a frame of Spark's."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql.functions import col, expr
from pyspark.sql.types import StructType

from pillion.errors import InvalidInput
from pillion.parity.spark_frame import element_names, flat_schema, vector_sizes
from pillion.tabular import (
    ELEMENT,
    CellTypes,
    cell_types,
    field_forms,
    field_types,
    names_of,
    read_batches,
    require_columns,
)
from pillion.tabular.forms import moment, spell
from pillion.tabular.read import NULLS
from pillion.tabular.spark_source import quoted
from pillion.types import Value

ROWS = 10_000
"""Rows that are read of a frame, at most; the verification set is drawn from them."""
_VECTOR = "vectorudt"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as columns.

    Attributes:
        columns: by name, of vectors by their elements; None is missing.
        left_out: what is wrong with rows that were left out, a sentence each.
    """

    columns: dict[str, list[Value]]
    left_out: tuple[str, ...] = ()


class RowSource(Protocol):
    """Where real rows come from.

    Attributes:
        words: what the rows are, in words.
    """

    words: str

    def names(self) -> list[str]:
        """Returns the columns' names, of vectors those of their elements; raises InvalidInput where it can't."""
        ...

    def read(self, names: Sequence[str], schema: StructType) -> Rows:
        """Returns some columns of the rows; raises InvalidInput where one is absent, or no row is left."""
        ...


class FileRows:
    """The rows of a .csv, .jsonl or .parquet file.

    Args:
        path: of the file.
        nulls: what a CSV cell says where it is missing.
    """

    def __init__(self, path: Path, nulls: Sequence[str] | None = None) -> None:
        self.words = f"rows of {path.name}"
        self._path = path
        self._nulls = tuple(nulls) if nulls else NULLS

    def names(self) -> list[str]:
        """See `RowSource.names`."""
        return names_of(self._path)

    def read(self, names: Sequence[str], schema: StructType) -> Rows:
        """See `RowSource.read`. A row with a cell of another type than its column's is left out, and told."""
        there = self.names()
        require_columns(self._path, names, there)
        types = _types(schema, names, there)
        columns: dict[str, list[Value]] = {name: [] for name in types}
        left_out: list[str] = []
        for batch in read_batches(self._path, types, self._nulls, keep_unfit=True):
            left_out += [str(batch.unfit[row]) for row in sorted(batch.unfit)]
            for name, column in columns.items():
                single = types[name] == "float"
                column += [
                    float(np.float32(value)) if single and value is not None else value
                    for row, value in enumerate(batch.columns[name])
                    if row not in batch.unfit
                ]
        return _checked(columns, left_out, str(self._path))


class FrameRows:
    """The rows of a frame of Spark's, drawn where there are more than `ROWS`.

    Args:
        frame: the frame.
        seed: of the draw.
    """

    words = "rows of the frame"

    def __init__(self, frame: DataFrame, seed: int = 7) -> None:
        self._frame = frame
        self._seed = seed
        self._sizes: dict[str, int] | None = None

    def names(self) -> list[str]:
        """See `RowSource.names`. The size of a column of vectors is that of the first one."""
        return flat_schema(self._frame.schema, self._vector_sizes()).fieldNames()

    def read(self, names: Sequence[str], schema: StructType) -> Rows:
        """See `RowSource.read`."""
        require_columns("the frame", names, self.names())
        sizes = self._vector_sizes()
        types = {field.name: field.dataType for field in self._frame.schema}
        taken = dict.fromkeys(name if name in types else ELEMENT.sub(r"\g<vector>", name) for name in names)
        selected = [_selected(name, types[name].typeName()) for name in taken]
        records = self._drawn().select(*selected).collect()
        columns: dict[str, list[Value]] = {}
        for place, name in enumerate(taken):
            cells = [record[place] for record in records]
            if name in sizes:
                columns |= _elements(name, sizes[name], cells)
            else:
                moments = types[name].typeName() == "timestamp"
                columns[name] = [spell(moment(cell) if moments and cell is not None else cell) for cell in cells]
        return _checked({name: columns[name] for name in names}, (), "the frame")

    def _vector_sizes(self) -> dict[str, int]:
        if self._sizes is None:
            self._sizes = {}
            for field in self._frame.schema:
                if field.dataType.typeName() == _VECTOR:
                    first = self._frame.select(quoted(field.name)).where(col(quoted(field.name)).isNotNull()).first()
                    self._sizes |= {} if first is None else {field.name: len(first[0])}
        return self._sizes

    def _drawn(self) -> DataFrame:
        count = self._frame.count()
        if count <= ROWS:
            return self._frame
        return self._frame.sample(fraction=min(1.0, 1.2 * ROWS / count), seed=self._seed).limit(ROWS)


def _types(schema: StructType, names: Sequence[str], there: Sequence[str]) -> CellTypes:
    """The types by which a file's columns are read."""
    flat = flat_schema(schema, vector_sizes(schema, there)).jsonValue()
    known = {name: type_ for name, type_ in field_types(flat).items() if type_ is not None}
    absent = [name for name in names if name not in known]
    if absent:
        raise InvalidInput(f"the schema has no type for the column '{absent[0]}', which the model takes", absent[0])
    return cell_types({name: known[name] for name in names}, field_forms(flat))


def _checked(columns: dict[str, list[Value]], left_out: Sequence[str], what: str) -> Rows:
    if not next(iter(columns.values()), None):
        why = f"; the first of those that can't be read: {left_out[0]}" if left_out else ""
        raise InvalidInput(f"{what} has no rows{why}")
    return Rows(columns, tuple(left_out))


def _selected(name: str, kind: str) -> Any:
    """A column as it is collected: moments as microseconds since 1970, which no time zone of Python's changes."""
    return expr(f"unix_micros({quoted(name)})") if kind == "timestamp" else col(quoted(name))


def _elements(vector: str, size: int, cells: Sequence[Any]) -> dict[str, list[Value]]:
    """The elements of a column of vectors.

    Raises:
        InvalidInput: two vectors differ in size.
    """
    for row, cell in enumerate(cells, 1):
        if cell is not None and len(cell) != size:
            raise InvalidInput(
                f"the frame, row {row}, column '{vector}': a vector of {len(cell)} elements, but the first one has"
                f" {size}",
                vector,
            )
    arrays = [None if cell is None else cell.toArray() for cell in cells]
    return {
        name: [None if array is None else float(array[place]) for array in arrays]
        for place, name in enumerate(element_names(vector, size))
    }
