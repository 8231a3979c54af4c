"""Rows in files: CSV, JSON Lines or Parquet by the file's suffix, read and written in batches of columns."""

from pillion.tabular.cells import Schema, field_types, parse_forms, parse_schema
from pillion.tabular.read import Batch, names_of, read_batches
from pillion.tabular.write import write_batches

__all__ = ["Batch", "Schema", "field_types", "names_of", "parse_forms", "parse_schema", "read_batches", "write_batches"]
