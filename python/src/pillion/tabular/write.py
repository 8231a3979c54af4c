"""Writing: batches of columns to a CSV, JSON Lines or Parquet file, all of it or nothing."""

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from pillion.errors import ConfigurationError, InvalidInput
from pillion.tabular.cells import Schema, to_json, to_text
from pillion.types import FieldType, Value

Columns = Mapping[str, Sequence[Value]]
_SPECIAL = re.compile('[",\r\n]')
_Writer = Callable[[IO[bytes], Schema, Iterable[Columns]], None]


def write_batches(path: Path, schema: Schema, batches: Iterable[Columns]) -> None:
    """Writes rows, each batch below the one before; the file appears once all of them are written.

    Args:
        path: Its suffix says what it becomes: `.csv`, `.jsonl`, `.ndjson` or `.parquet`.
        schema: The columns in order, with their types.
        batches: Columns by name, of the same length within a batch; None is missing.

    Raises:
        InvalidInput: The suffix is another one, or the file cannot be written.
    """
    writer = check_suffix(path)
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(handle, "wb") as file:
            writer(file, schema, batches)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def check_suffix(path: Path) -> _Writer:
    """Returns what writes such a file.

    Raises:
        InvalidInput: Its suffix is not known.
    """
    writer = _WRITERS.get(path.suffix)
    if writer is None:
        raise InvalidInput(f"{path} is neither .csv nor .jsonl nor .parquet, so it is not known how to write it")
    return writer


def _umask() -> int:
    # The mask can only be read by setting it.
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _write_csv(file: IO[bytes], schema: Schema, batches: Iterable[Columns]) -> None:
    # The library's writer leaves a carriage return unquoted, which its reader then takes for the end of a row.
    file.write((",".join(map(_quoted, schema)) + "\n").encode())
    for columns in batches:
        for row in zip(*(columns[name] for name in schema), strict=True):
            line = ",".join(_quoted(to_text(value)) for value in row)
            # An empty line would be no row at all.
            file.write(((line or '""') + "\n").encode())


def _quoted(text: str) -> str:
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if _SPECIAL.search(text) else text


def _write_jsonl(file: IO[bytes], schema: Schema, batches: Iterable[Columns]) -> None:
    for columns in batches:
        for row in zip(*(columns[name] for name in schema), strict=True):
            record = {name: to_json(value) for name, value in zip(schema, row, strict=True)}
            file.write(json.dumps(record, ensure_ascii=False, allow_nan=False).encode() + b"\n")


def _write_parquet(file: IO[bytes], schema: Schema, batches: Iterable[Columns]) -> None:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise ConfigurationError("Parquet files need 'pyarrow': install pillion[train]") from error
    types: Mapping[FieldType, Any] = {
        "string": pa.string(),
        "integer": pa.int64(),
        "float": pa.float32(),
        "double": pa.float64(),
        "boolean": pa.bool_(),
    }
    arrow = pa.schema([(name, types[type_]) for name, type_ in schema.items()])
    with pq.ParquetWriter(file, arrow) as writer:
        for columns in batches:
            arrays = [pa.array(list(columns[name]), types[type_]) for name, type_ in schema.items()]
            writer.write_table(pa.Table.from_arrays(arrays, schema=arrow))


_WRITERS: Mapping[str, _Writer] = {
    ".csv": _write_csv,
    ".jsonl": _write_jsonl,
    ".ndjson": _write_jsonl,
    ".parquet": _write_parquet,
}
