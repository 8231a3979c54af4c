"""Reading: batches of columns from a CSV, JSON Lines or Parquet file."""

import csv
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pillion.errors import ConfigurationError, InvalidInput
from pillion.tabular.cells import CellTypes, parse_json, parse_text, unfit
from pillion.tabular.forms import is_array
from pillion.types import Value

NULLS = ("", "N/A")
"""What a CSV cell says where its value is missing."""
BATCH_ROWS = 10_000
_LONGEST_CELL = 1 << 26
_HEAD = 1000


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive rows.

    Attributes:
        first: Number of the first one, from 1.
        columns: `rows` values by name; None is missing, or a cell that is not of its column's type.
        rows: How many.
        unfit: What is wrong with the first cell of a row that is not of its column's type, by the row's index in here.
    """

    first: int
    columns: dict[str, list[Value]]
    rows: int
    unfit: dict[int, InvalidInput] = field(default_factory=dict)


def read_batches(
    path: Path,
    schema: CellTypes,
    nulls: Sequence[str] = NULLS,
    batch_rows: int = BATCH_ROWS,
    *,
    keep_unfit: bool = False,
) -> Iterator[Batch]:
    """Yields a file's rows; columns that the schema does not name are passed over.

    Args:
        path: Its suffix says what it is: `.csv`, `.jsonl`, `.ndjson` or `.parquet`.
        schema: The columns wanted, with their types.
        nulls: What a CSV cell says where its value is missing.
        batch_rows: Rows of a batch, at most.
        keep_unfit: Go on where a cell is not of its column's type, and tell so in the batch.

    Raises:
        InvalidInput: The file cannot be read, lacks a column, or a cell is not of its column's type; names file, row
            (from 1) and column.
    """
    for batch in _batches(path, schema, nulls, batch_rows):
        if batch.unfit and not keep_unfit:
            raise batch.unfit[min(batch.unfit)]
        yield batch


def _batches(path: Path, schema: CellTypes, nulls: Sequence[str], batch_rows: int) -> Iterator[Batch]:
    try:
        if path.suffix == ".csv":
            yield from _read_csv(path, schema, frozenset(nulls), batch_rows)
        elif path.suffix in (".jsonl", ".ndjson"):
            yield from _read_jsonl(path, schema, batch_rows)
        elif path.suffix == ".parquet":
            yield from _read_parquet(path, schema, batch_rows)
        else:
            raise InvalidInput(f"{path} is neither .csv nor .jsonl nor .parquet, so it is not known how to read it")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8 text: byte {error.start} of a line") from error


def names_of(path: Path, wanted: Collection[str] = ()) -> list[str]:
    """Returns the names of a file's columns; of a vector, those of its elements.

    Args:
        path: The file.
        wanted: Names that objects of JSON Lines may leave out for long; the file is read until it has shown all of
            them. Without them the first thousand lines are.

    Raises:
        InvalidInput: The file cannot be read.
    """
    if path.suffix == ".parquet":
        return _parquet_names(path)
    try:
        return _csv_names(path) if path.suffix == ".csv" else _jsonl_names(path, wanted)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8 text: byte {error.start} of a line") from error


def _csv_names(path: Path) -> list[str]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        try:
            return next(csv.reader(file, strict=True), [])
        except csv.Error as error:
            raise InvalidInput(f"{path}, line 1: not CSV: {error}") from error


def _jsonl_names(path: Path, wanted: Collection[str]) -> list[str]:
    names: dict[str, None] = {}
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if number > _HEAD and names.keys() >= set(wanted):
                break
            if line.strip():
                names |= dict.fromkeys(_flat(_parse_line(path, number, line)))
    return list(names)


def _parquet_names(path: Path) -> list[str]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise ConfigurationError("Parquet files need 'pyarrow': install pillion[train]") from error
    try:
        with pq.ParquetFile(path) as file:
            first = next(file.iter_batches(1), None)
            records = [] if first is None else first.to_pylist()
            return list(_flat(records[0])) if records else list(file.schema_arrow.names)
    except (OSError, pa.ArrowException) as error:
        raise InvalidInput(f"{path} is not a Parquet file: {str(error).splitlines()[0]}") from error


def _read_csv(path: Path, schema: CellTypes, nulls: frozenset[str], batch_rows: int) -> Iterator[Batch]:
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file, strict=True)
        try:
            header = next(reader, None)
            if not header:
                raise InvalidInput(f"{path} is empty: a line with the columns' names is expected")
            indices = _indices(path, header, schema)
            first = 1
            rows: list[list[str]] = []
            for cells in reader:
                if not cells:
                    continue
                if len(cells) != len(header):
                    row = first + len(rows)
                    raise InvalidInput(f"{path}, row {row}: {len(cells)} cells, but the header names {len(header)}")
                rows.append(cells)
                if len(rows) == batch_rows:
                    yield _of_text(path, schema, indices, nulls, first, rows)
                    first, rows = first + len(rows), []
        except csv.Error as error:
            raise InvalidInput(f"{path}, line {reader.line_num}: not CSV: {error}") from error
        if rows:
            yield _of_text(path, schema, indices, nulls, first, rows)


def _indices(path: Path, header: Sequence[str], schema: CellTypes) -> dict[str, int]:
    refuse_twice(path, [name for name in header if name in schema])
    require_columns(path, schema, header)
    return {name: header.index(name) for name in schema}


def refuse_twice(what: Path | str, names: Sequence[str]) -> None:
    """Refuses rows that have a column twice.

    Raises:
        InvalidInput: One is; names it.
    """
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise InvalidInput(f"{what} has the column '{twice[0]}' twice", twice[0])


def require_columns(what: Path | str, wanted: Iterable[str], there: Iterable[str]) -> None:
    """Refuses rows that lack columns; the message names all of them.

    Raises:
        InvalidInput: Some are absent.
    """
    known = set(there)
    absent = [name for name in wanted if name not in known]
    if absent:
        columns = "column" if len(absent) == 1 else "columns"
        names = ", ".join(f"'{name}'" for name in absent)
        raise InvalidInput(f"{what} lacks the {columns} {names}", absent[0])


def _of_text(
    path: Path,
    schema: CellTypes,
    indices: dict[str, int],
    nulls: frozenset[str],
    first: int,
    rows: Sequence[Sequence[str]],
) -> Batch:
    columns: dict[str, list[Value]] = {}
    refused: dict[int, InvalidInput] = {}
    for name, type_ in schema.items():
        index = indices[name]
        column: list[Value] = []
        for offset, cells in enumerate(rows):
            text = cells[index]
            try:
                column.append(None if text in nulls else parse_text(text, type_))
            except ValueError:
                column.append(None)
                refused.setdefault(offset, unfit(path, first + offset, name, text, type_))
        columns[name] = column
    return Batch(first, columns, len(rows), refused)


def _read_jsonl(path: Path, schema: CellTypes, batch_rows: int) -> Iterator[Batch]:
    with path.open(encoding="utf-8") as file:
        first = 1
        rows: list[dict[str, Any]] = []
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            rows.append(_flat(_parse_line(path, number, line)))
            if len(rows) == batch_rows:
                yield _of_records(path, schema, first, rows)
                first, rows = first + len(rows), []
        if rows:
            yield _of_records(path, schema, first, rows)


def _parse_line(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        record = json.loads(line, object_pairs_hook=_once)
    except _TwiceError as error:
        raise InvalidInput(f"{path}, line {number}: '{error}' is there twice", str(error)) from None
    except ValueError as error:
        raise InvalidInput(f"{path}, line {number}: not JSON: {error}") from error
    if not isinstance(record, dict):
        raise InvalidInput(f"{path}, line {number}: a JSON object is expected, one a line")
    return record


class _TwiceError(ValueError):
    """A JSON object has a name twice, of which a reader would take the last."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1))
    return record


def _read_parquet(path: Path, schema: CellTypes, batch_rows: int) -> Iterator[Batch]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise ConfigurationError("Parquet files need 'pyarrow': install pillion[train]") from error
    try:
        with pq.ParquetFile(path) as file:
            tops = {name.partition("[")[0] for name in schema} | set(schema)
            wanted = [name for name in file.schema_arrow.names if name in tops]
            refuse_twice(path, wanted)
            first = 1
            for arrow in file.iter_batches(batch_rows, columns=wanted):
                rows = [_flat(record) for record in arrow.to_pylist()]
                if first == 1 and rows:
                    require_columns(path, schema, [*wanted, *(name for row in rows for name in row)])
                if rows:
                    yield _of_records(path, schema, first, rows)
                first += len(rows)
    except pa.ArrowInvalid as error:
        raise InvalidInput(f"{path} is not a Parquet file: {error}") from error


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    """The record with `features[0]`, `features[1]`, … for each vector, a list or Spark's own structure of one."""
    if not any(isinstance(value, list | dict) for value in record.values()):
        return record
    flat: dict[str, Any] = {}
    for name, value in record.items():
        elements = _elements(value)
        if elements is None:
            flat[name] = value
        else:
            flat |= {f"{name}[{index}]": element for index, element in enumerate(elements)}
    return flat


def _elements(value: Any) -> list[Any] | None:
    if isinstance(value, list):
        return None if is_array(value) else value
    if isinstance(value, dict) and isinstance(value.get("values"), list):
        if value.get("type") == 1:
            return list(value["values"])
        if isinstance(value.get("indices"), list) and isinstance(value.get("size"), int):
            dense = [0.0] * value["size"]
            for index, element in zip(value["indices"], value["values"], strict=True):
                dense[index] = element
            return dense
    return None


def _of_records(path: Path, schema: CellTypes, first: int, rows: Sequence[dict[str, Any]]) -> Batch:
    columns: dict[str, list[Value]] = {}
    refused: dict[int, InvalidInput] = {}
    for name, type_ in schema.items():
        column: list[Value] = []
        for offset, record in enumerate(rows):
            value = record.get(name)
            try:
                column.append(parse_json(value, type_))
            except (ValueError, OverflowError):
                column.append(None)
                refused.setdefault(offset, unfit(path, first + offset, name, value, type_))
        columns[name] = column
    return Batch(first, columns, len(rows), refused)
