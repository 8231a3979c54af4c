"""Rows in files: CSV, JSON Lines or Parquet by the file's suffix, read and written in batches of columns."""

from pillion.tabular.cells import (
    VECTOR,
    CellTypes,
    Schema,
    cell_types,
    field_forms,
    field_types,
    parse_kinds,
    parse_schema,
)
from pillion.tabular.frame import ELEMENT, read_frame
from pillion.tabular.read import Batch, names_of, read_batches, require_columns
from pillion.tabular.write import write_batches

__all__ = [
    "ELEMENT",
    "VECTOR",
    "Batch",
    "CellTypes",
    "Schema",
    "cell_types",
    "field_forms",
    "field_types",
    "names_of",
    "parse_kinds",
    "parse_schema",
    "read_batches",
    "read_frame",
    "require_columns",
    "write_batches",
]
