"""The reading of a table of users or of items, batch by batch: ids and features, checked."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from pillion.errors import ConfigurationError, InvalidInput
from pillion.features.contents import FeatureTable
from pillion.features.findings import Findings, Progress, check_columns, check_id, some_columns
from pillion.features.record_codec import Kind, Schema
from pillion.project import Input, Project, ValueType
from pillion.tabular import Batch
from pillion.tabular.forms import measure
from pillion.tabular.source import Source
from pillion.types import Id, Value

_KINDS: Mapping[ValueType, Kind] = {
    "string": "str",
    "integer": "i64",
    "float": "f32",
    "double": "f64",
    "decimal": "str",
    "date": "str",
    "timestamp": "str",
    "boolean": "bool",
}


def schema_of(inputs: Mapping[str, Input]) -> Schema:
    """Returns the schema of some inputs' records."""
    return Schema(tuple((name, _KINDS[declared.type]) for name, declared in inputs.items()))


def user_inputs(project: Project, has_table: bool) -> dict[str, Input]:
    """Returns the features of users that a project declares.

    Args:
        project: Declares them.
        has_table: Whether there is a table of users.

    Raises:
        ConfigurationError: It declares some, and there is no table.
    """
    inputs = {name: each for name, each in project.inputs.items() if each.source == "user"}
    if inputs and not has_table:
        raise ConfigurationError(
            f"{project.name} declares features of users, such as '{next(iter(inputs))}', but there is no table of users"
        )
    return inputs


class FeatureScan:
    """A table of users or of items, which may be read more than once.

    Args:
        what: `users` or `items`.
        source: The table.
        id_column: The column with the ids.
        id_type: Their type.
        inputs: Its features, by name.
        title: The column with titles, where there is one.

    Attributes:
        rows_of: The row of each id, once the table was checked.
        titles: By id, likewise.
    """

    def __init__(
        self,
        what: str,
        source: Source,
        id_column: str,
        id_type: ValueType,
        inputs: Mapping[str, Input],
        title: str | None = None,
    ) -> None:
        self.rows_of: dict[Id, int] = {}
        self.titles: dict[Id, str] = {}
        self._what = what
        self._source = source
        self._id = id_column
        self._inputs = inputs
        self._title = title
        self._columns = {name: declared.column or name for name, declared in inputs.items()}
        self._types: dict[str, ValueType] = {self._columns[name]: declared.type for name, declared in inputs.items()}
        if title is not None:
            self._types[title] = "string"
        self._types[id_column] = id_type

    @property
    def schema(self) -> Schema:
        """The schema of the features' records."""
        return schema_of(self._inputs)

    def check(self, found: Findings, progress: Progress) -> Iterator[FeatureTable]:
        """Yields the table in parts while it is checked; what is odd is told at its end.

        Raises:
            InvalidInput: A column, a value or an id is not as it must be; names table, row and column.
        """
        check_columns(self._source.name, self._types, self._source.names(self._types))
        missing: Counter[str] = Counter()
        outside: dict[str, list[int]] = {name: [] for name in self._inputs}
        for batch in self._source.batches(self._types):
            self._note_ids(batch)
            table = self._table(batch)
            for name, declared in self._inputs.items():
                missing[name] += sum(value is None for value in table.columns[name])
                outside[name] += _outside(table.columns[name], declared, batch.first)
            progress(f"rows of {self._what} read", len(self.rows_of), None)
            yield table
        self._tell(found, missing, outside)

    def parts(self, held: int) -> Iterator[FeatureTable]:
        """Yields the table again, in parts of `held` rows and one batch more at most.

        Raises:
            InvalidInput: It is not as it was when it was checked.
        """
        waiting: list[FeatureTable] = []
        rows = 0
        for batch in self._source.batches(self._types):
            waiting.append(self._table(batch))
            rows += batch.rows
            if sum(len(table.ids) for table in waiting) >= held:
                yield self.join(waiting)
                waiting = []
        if waiting:
            yield self.join(waiting)
        if rows != len(self.rows_of):
            raise InvalidInput(f"{self._source.name} was changed while it was read: load it again", self._what)

    def join(self, tables: list[FeatureTable]) -> FeatureTable:
        """Returns parts of the table as one."""
        ids = [identity for table in tables for identity in table.ids]
        columns = {name: [value for table in tables for value in table.columns[name]] for name in self._inputs}
        return FeatureTable(ids, columns, kinds=dict(self.schema.fields))

    def _note_ids(self, batch: Batch) -> None:
        for offset, value in enumerate(batch.columns[self._id]):
            row = batch.first + offset
            identity = check_id(self._source, row, self._id, value)
            if identity in self.rows_of:
                raise InvalidInput(
                    f"{self._source.name}, row {row}, column '{self._id}': the id {identity!r} is there already, in"
                    f" row {self.rows_of[identity]}",
                    self._id,
                )
            self.rows_of[identity] = row
            if self._title is not None and (text := batch.columns[self._title][offset]) is not None:
                self.titles[identity] = str(text)

    def _table(self, batch: Batch) -> FeatureTable:
        columns: dict[str, list[Value]] = {}
        for name, declared in self._inputs.items():
            cells = batch.columns[self._columns[name]]
            if declared.type == "float":
                cells = [None if cell is None else float(np.float32(cell)) for cell in cells]
            columns[name] = cells
        return FeatureTable(batch.columns[self._id], columns)  # type: ignore[arg-type]

    def _tell(self, found: Findings, missing: Mapping[str, int], outside: Mapping[str, list[int]]) -> None:
        name_of, rows = self._source.name, len(self.rows_of)
        for name, gaps in missing.items():
            if gaps:
                found.missing[f"{self._what}.{name}"] = gaps
            if gaps == rows > 0:
                found.odd.append(f"{name_of}: all values of '{self._columns[name]}' are missing")
            if outside[name]:
                low, high = self._inputs[name].range or (None, None)
                found.odd.append(
                    f"{name_of}: {len(outside[name]):,} values of '{self._columns[name]}' are outside {low} to {high},"
                    f" the first in row {outside[name][0]}"
                )
        unused = [name for name in self._source.names() if name not in self._types]
        if unused:
            found.odd.append(f"{name_of}: no input is declared for {some_columns(unused)}")
        if self._title is not None and len(self.titles) < rows:
            found.odd.append(f"{name_of}: {rows - len(self.titles):,} rows have no title")


def scan_items(
    project: Project, source: Source, found: Findings, progress: Progress
) -> tuple[FeatureScan, FeatureTable]:
    """Reads and checks the table of items.

    Args:
        project: Says which columns hold what.
        source: The table.
        found: Is told what is odd.
        progress: Is told how far it is.

    Raises:
        InvalidInput: It is not as it must be, or has no rows.
    """
    inputs = {name: each for name, each in project.inputs.items() if each.source == "item"}
    scan = FeatureScan("items", source, project.items.id, project.items.type, inputs, project.items.title)
    table = scan.join(list(scan.check(found, progress)))
    found.items = len(table.ids)
    if not found.items:
        raise InvalidInput(f"{source.name} has no rows, so there is nothing to recommend", "items")
    return scan, table


def _outside(cells: Sequence[Value], declared: Input, first: int) -> list[int]:
    if declared.range is None:
        return []
    low, high = declared.range
    found = []
    for offset, cell in enumerate(cells):
        number = measure(cell, declared.type) if isinstance(cell, str) else cell
        if number is not None and not low <= number <= high:
            found.append(first + offset)
    return found
