"""Tables that are larger than memory: how many rows are held between what is read and what is written."""

import tomllib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from pillion.errors import InvalidInput
from pillion.features import MemoryStore, load_features, read_catalog, read_user
from pillion.features.store import HashEntry, StringEntry
from pillion.features.tables import read_tables
from pillion.project import Project
from pillion.tabular import Batch
from pillion.tabular.cells import CellTypes
from pillion.tabular.source import ArrowSource, Source
from pillion.types import Value

PROJECT = Project.model_validate(
    tomllib.loads('[users]\ntype = "string"\n[inputs.age]\nsource = "user"\ntype = "integer"\n')
)
BATCHES, ROWS, HELD = 40, 50, 100
"""Batches of a table, rows of a batch, and rows that may be held."""


class Ledger(MemoryStore):
    """A store, and tables, that note how many rows were read and not yet written."""

    def __init__(self) -> None:
        super().__init__()
        self.read_rows = self.written = self.most = 0

    def note(self, rows: int) -> None:
        self.read_rows += rows
        self.most = max(self.most, self.read_rows - self.written)

    async def write(self, entries: Sequence[HashEntry | StringEntry], timeout_s: float) -> None:
        await super().write(entries, timeout_s)
        self.written += sum(len(entry.fields) for entry in entries if isinstance(entry, HashEntry))


class Table:
    """A table of many batches."""

    def __init__(self, name: str, ledger: Ledger, columns: dict[str, Any]) -> None:
        self.name = name
        self.reads = 0
        self._ledger = ledger
        self._columns = columns

    def names(self, wanted: Collection[str] = ()) -> list[str]:
        return list(self._columns)

    def batches(self, types: CellTypes) -> Iterator[Batch]:
        self.reads += 1
        for number in range(BATCHES):
            first = number * ROWS
            self._ledger.note(ROWS)
            columns: dict[str, list[Value]] = {
                name: [self._columns[name](row) for row in range(first, first + ROWS)] for name in types
            }
            yield Batch(first + 1, columns, ROWS)


def items() -> Source:
    return ArrowSource("items", pa.table({"item_id": [1, 2, 3]}))


async def test_no_more_rows_of_users_are_held_than_one_part_has() -> None:
    ledger = Ledger()
    users = Table("users", ledger, {"user_id": lambda row: f"u{row}", "age": lambda row: row % 90})
    contents, found = read_tables(PROJECT, users, items(), None, held=HELD)
    ledger.read_rows = ledger.most = 0

    await load_features(ledger, contents)

    assert (found.users, users.reads) == (BATCHES * ROWS, 2)
    assert ledger.written == BATCHES * ROWS
    assert ledger.most <= HELD + ROWS
    catalog = await read_catalog(ledger, 1.0)
    assert catalog is not None
    assert (await read_user(ledger, catalog, "u1999", [], 1.0)).features == {"age": 1999 % 90}


async def test_what_users_have_seen_is_held_in_parts() -> None:
    ledger = Ledger()
    events = Table("events", ledger, {"user_id": lambda row: f"u{row}", "item_id": lambda row: row % 3 + 1})
    project = Project.model_validate(tomllib.loads('[users]\ntype = "string"'))
    contents, _ = read_tables(project, None, items(), events, held=HELD)

    parts = [len(part) for part in contents.seen_parts()]
    await load_features(ledger, contents)

    assert (len(parts), sum(parts)) == (BATCHES * ROWS // HELD, BATCHES * ROWS)
    assert max(parts) < 2 * HELD
    assert ledger.written == BATCHES * ROWS
    catalog = await read_catalog(ledger, 1.0)
    assert catalog is not None
    assert catalog.numbers.ids((await read_user(ledger, catalog, "u7", [], 1.0)).seen) == [2]


async def test_a_table_that_changes_meanwhile_is_refused_and_nothing_is_switched() -> None:
    store = MemoryStore()
    users = Table("users", Ledger(), {"user_id": lambda row: f"u{row}", "age": lambda row: 1})
    contents, _ = read_tables(PROJECT, users, items(), None, held=HELD)
    users.batches = lambda types: iter([Batch(1, {"user_id": ["u1"], "age": [1]}, 1)])  # type: ignore[method-assign]

    with pytest.raises(InvalidInput, match="users was changed while it was read: load it again"):
        await load_features(store, contents)

    assert (await store.read([], ["active"], 1.0)).strings == [None]


@pytest.mark.parametrize("rows", [1, 25_000])
def test_a_folder_is_read_in_batches_that_do_not_grow_with_it(tmp_path: Path, rows: int) -> None:
    pq.write_table(pa.table({"a": pa.array(range(rows), pa.int64())}), tmp_path / "part-0.parquet")

    sizes = [batch.rows for batch in ArrowSource("a", ds.dataset(tmp_path)).batches({"a": "integer"})]

    assert sum(sizes) == rows
    assert max(sizes) <= 10_000
