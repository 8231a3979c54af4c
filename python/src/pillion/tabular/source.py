"""Where a table's rows come from: a file, a folder of Parquet files, or a table in memory of pandas, Arrow or Spark."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from pillion.errors import ConfigurationError, InvalidInput
from pillion.project import ValueType
from pillion.tabular.cells import CellTypes, parse_json, unfit
from pillion.tabular.read import BATCH_ROWS, Batch, names_of, read_batches, refuse_twice
from pillion.tabular.spark_source import SparkSource, is_frame
from pillion.types import Value

_AS_THEY_ARE: Mapping[ValueType, tuple[str, ...]] = {
    "double": ("double", "float"),
    "float": ("double", "float"),
    "integer": ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32"),
    "boolean": ("bool",),
    "string": ("string", "large_string"),
}
"""Arrow's types whose values are cells of a type already."""


class Source(Protocol):
    """A table's rows.

    Attributes:
        name: What it is called in messages.
    """

    name: str

    def names(self, wanted: Collection[str] = ()) -> list[str]:
        """Returns the columns' names, those that are wanted if they are anywhere in the table.

        Raises:
            InvalidInput: They cannot be read.
        """
        ...

    def batches(self, types: CellTypes) -> Iterator[Batch]:
        """Yields all rows with the columns of `types`; raises InvalidInput where a cell is not of its type."""
        ...


class FileSource:
    """A .csv, .jsonl or .parquet file."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._path = path

    def names(self, wanted: Collection[str] = ()) -> list[str]:
        """See `Source.names`."""
        return names_of(self._path, wanted)

    def batches(self, types: CellTypes) -> Iterator[Batch]:
        """See `Source.batches`."""
        return read_batches(self._path, types)


class ArrowSource:
    """An Arrow table, or an Arrow dataset.

    Args:
        name: What it is called in messages.
        table: A `pyarrow.Table` or a `pyarrow.dataset.Dataset`.
    """

    def __init__(self, name: str, table: Any) -> None:
        self.name = name
        self._table = table

    def names(self, wanted: Collection[str] = ()) -> list[str]:
        """See `Source.names`."""
        return list(self._table.schema.names)

    def batches(self, types: CellTypes) -> Iterator[Batch]:
        """See `Source.batches`."""
        import pyarrow as pa

        first = 1
        try:
            for arrow in self._arrow_batches(list(types)):
                columns = {name: self._column(arrow.column(name), name, types, first) for name in types}
                if arrow.num_rows:
                    yield Batch(first, columns, arrow.num_rows)
                first += arrow.num_rows
        except (pa.ArrowException, OSError) as error:
            raise InvalidInput(f"{self.name} cannot be read: {_first_line(error)}") from error

    def _arrow_batches(self, names: list[str]) -> Iterable[Any]:
        import pyarrow as pa

        if isinstance(self._table, pa.Table):
            batches: Iterable[Any] = self._table.select(names).to_batches(max_chunksize=BATCH_ROWS)
        else:
            batches = self._table.to_batches(columns=names, batch_size=BATCH_ROWS)
        return batches

    def _column(self, arrow: Any, name: str, types: CellTypes, first: int) -> list[Value]:
        try:
            return arrow_cells(arrow, types[name])
        except UnfitCell as cell:
            raise unfit(self.name, first + cell.offset, name, cell.value, types[name]) from None


class UnfitCell(ValueError):
    """A cell that is not of its column's type.

    Attributes:
        offset: Where in the array it is.
        value: What it holds.
    """

    def __init__(self, offset: int, value: object) -> None:
        super().__init__(value)
        self.offset = offset
        self.value = value


def arrow_cells(array: Any, type_: ValueType) -> list[Value]:
    """Returns the cells of an Arrow array; raises UnfitCell where one is not of the type."""
    found: list[Value] = array.to_pylist()
    if str(array.type) in _AS_THEY_ARE.get(type_, ()):
        return found
    cells: list[Value] = []
    for offset, value in enumerate(found):
        try:
            cells.append(parse_json(value, type_))
        except (ValueError, OverflowError, TypeError):
            raise UnfitCell(offset, value) from None
    return cells


def open_source(table: Any, what: str) -> Source:
    """Returns the rows of a table.

    Args:
        table: A path of a .csv, .jsonl or .parquet file or of a folder of Parquet files, as Spark writes it; or a table
            of pandas, of Arrow, or of Spark. A NaN of a pandas column is missing.
        what: What a table in memory is called in messages.

    Raises:
        InvalidInput: It is none of these, or it cannot be read.
        ConfigurationError: pyarrow is needed and not installed.
    """
    if isinstance(table, str | Path):
        path = Path(table)
        return _open_folder(path) if path.is_dir() else FileSource(path)
    name = f"the table of {what}"
    if is_frame(table):
        return SparkSource(name, table)
    try:
        import pyarrow as pa
    except ImportError as error:
        raise ConfigurationError("tables in memory need 'pyarrow': install pillion[train]") from error
    try:
        if type(table).__module__.partition(".")[0] == "pandas":
            refuse_twice(name, [str(each) for each in table.columns])
            named = [each for each in table.index.names if each is not None and each not in table.columns]
            table = pa.Table.from_pandas(table.reset_index(named) if named else table, preserve_index=False)
    except (pa.ArrowException, ValueError) as error:
        raise InvalidInput(f"{name} cannot be read: {_first_line(error)}") from error
    if not isinstance(table, pa.Table):
        raise InvalidInput(
            f"{name} is a {type(table).__name__}, but a path or a table of pandas, Arrow or Spark is expected"
        )
    return ArrowSource(name, table)


def _open_folder(path: Path) -> ArrowSource:
    try:
        import pyarrow as pa
        import pyarrow.dataset as ds
    except ImportError as error:
        raise ConfigurationError("Parquet files need 'pyarrow': install pillion[train]") from error
    if not any(path.rglob("*.parquet")):
        raise InvalidInput(f"{path} is a folder without Parquet files")
    try:
        return ArrowSource(str(path), ds.dataset(path, format="parquet", partitioning="hive"))
    except (pa.ArrowException, OSError) as error:
        raise InvalidInput(f"{path} is no folder of Parquet files: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
