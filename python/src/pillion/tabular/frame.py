"""A table in memory of pandas', as a batch of columns."""

import re
from typing import TYPE_CHECKING, Any

from pillion.errors import InvalidInput
from pillion.tabular.cells import CellTypes, parse_json, unfit
from pillion.tabular.read import Batch, refuse_twice, require_columns
from pillion.types import Value

if TYPE_CHECKING:
    import pandas as pd

ELEMENT = re.compile(r"^(?P<vector>.+)\[(?P<place>\d+)\]$", re.DOTALL)
"""How an element of a vector is named: `features[3]`."""
_AS_IS = {"double": "float64", "integer": "int64", "boolean": "bool"}
"""Types whose cells need no look in a column of this type of numpy's."""


def read_frame(frame: "pd.DataFrame", schema: CellTypes, what: str) -> Batch:
    """Returns a frame's rows; columns that the schema does not name are passed over.

    A NaN of a column of pandas' own numbers is missing. A cell that is not of its column's type is told in the batch.

    Args:
        frame: The rows. An element `v[3]` of a vector is a column of that name, or in a column `v` of arrays.
        schema: The columns wanted, with their types.
        what: The frame is called in messages.

    Raises:
        InvalidInput: Columns are absent, all of which the message names, or there twice.
    """
    there = list(map(str, frame.columns))
    vectors = {name: found for name in schema if name not in there and (found := ELEMENT.match(name))}
    wanted = dict.fromkeys(vectors[name]["vector"] if name in vectors else name for name in schema)
    require_columns(what, list(wanted), there)
    refuse_twice(what, [name for name in there if name in wanted])
    frame = frame.set_axis(there, axis="columns")
    columns: dict[str, list[Value]] = {}
    refused: dict[int, InvalidInput] = {}
    arrays = {name: _cells(frame[name]) for name in {found["vector"] for found in vectors.values()}}
    for name, type_ in schema.items():
        if name in vectors:
            place = int(vectors[name]["place"])
            cells = [_element(cell, place) for cell in arrays[vectors[name]["vector"]]]
        elif str(frame[name].dtype) == _AS_IS.get(type_):
            columns[name] = frame[name].tolist() if not frame[name].hasnans else _cells(frame[name])
            continue
        else:
            cells = [_plain(cell) for cell in _cells(frame[name])]
        column: list[Value] = []
        for row, cell in enumerate(cells):
            try:
                column.append(parse_json(cell, type_))
            except (ValueError, OverflowError, TypeError):
                column.append(None)
                refused.setdefault(row, unfit(what, row + 1, name, cell, type_))
        columns[name] = column
    return Batch(1, columns, len(frame), refused)


def _cells(series: "pd.Series[Any]") -> list[Any]:
    """The cells as Python's own values; None where pandas says that nothing is there."""
    return [None if absent else cell for cell, absent in zip(series.astype(object), series.isna(), strict=True)]


def _plain(cell: Any) -> Any:
    """A cell, and of an array of texts, which pandas has as numpy's, the list."""
    return cell.tolist() if getattr(cell, "ndim", 0) == 1 else cell


def _element(cell: Any, place: int) -> Any:
    """An element of a vector: of a list, of numpy's or of Spark's."""
    if cell is None:
        return None
    try:
        return float(cell[place])
    except (TypeError, ValueError, IndexError):
        return cell
