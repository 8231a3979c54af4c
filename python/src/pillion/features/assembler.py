"""The assembler: lays a request out as columns."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pillion.features.catalog import Catalog
from pillion.features.contract import BoundContract
from pillion.features.ids import Ids
from pillion.types import Repeated, Value


def assemble(
    contract: BoundContract,
    catalog: Catalog,
    user: Mapping[str, Value] | None,
    online: Mapping[str, Value],
    candidates: Ids,
    fetched: Mapping[int, Mapping[str, Value]],
) -> dict[str, Sequence[Any]]:
    """Lays out one row per candidate.

    Args:
        contract: What the model wants, and from where.
        catalog: The items' columns.
        user: The user's features; None for an unknown user, whose features are all missing.
        online: The request's own values.
        candidates: Numbers of items, int64, shape (n,), each in the catalog or in `fetched`; for a model that scores
            the context alone, one number that is not looked at.
        fetched: Features of items that are not in the catalog.

    Returns:
        A column of length n per input: `Repeated`, an array in which nothing is missing, or a list in which
        None is missing.
    """
    rows = len(candidates)
    columns: dict[str, Sequence[Any]] = {
        name: Repeated(value, rows) for name, value in contract.context(user, online).items()
    }
    if contract.item:
        items = _item_columns(contract.item, catalog, candidates, fetched)
        columns |= {
            name: _filled(column, contract.defaults[name]) if name in contract.defaults else column
            for name, column in items.items()
        }
    return columns


def _filled(column: Sequence[Any], default: Value) -> Sequence[Any]:
    """The column with the default in place of what is missing; in an array nothing is."""
    return [default if value is None else value for value in column] if isinstance(column, list) else column


def _item_columns(
    names: Sequence[str], catalog: Catalog, candidates: Ids, fetched: Mapping[int, Mapping[str, Value]]
) -> dict[str, Sequence[Any]]:
    table = catalog.table
    indices = table.indices(candidates)
    outside = np.flatnonzero(indices < 0).tolist()
    columns: dict[str, Sequence[Any]] = {}
    for name in names:
        column: Any = table.take(name, indices) if len(table.ids) else [None] * len(candidates)
        if outside:
            column = column if isinstance(column, list) else column.tolist()
            for row in outside:
                column[row] = fetched[int(candidates[row])].get(name)
        columns[name] = column
    return columns
