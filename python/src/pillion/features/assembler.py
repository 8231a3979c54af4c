"""The assembler: appends online features and lays a request out as columns."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from pillion.errors import InvalidInput
from pillion.features.catalog import Catalog, Ids
from pillion.features.contract import BoundContract
from pillion.types import Context, OnlineFeatures, Repeated, Value

_LONGEST_TEXT = 200


def append_online(context: Context, now_s: float) -> OnlineFeatures:
    """Returns the online features of a request.

    Args:
        context: What the caller said; a device, country or referrer that no model knows is passed on as it
            is.
        now_s: Seconds since 1970 UTC, where the caller gave no timestamp.

    Raises:
        InvalidInput: A value is outside its range; the error names the field.
    """
    try:
        moment = datetime.fromtimestamp(now_s if context.timestamp is None else context.timestamp, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise InvalidInput("the field 'timestamp' is not a time in seconds since 1970", "timestamp") from error
    hour = moment.hour if context.hour is None else _whole("hour", context.hour, 23)
    weekday = moment.weekday() if context.weekday is None else _whole("weekday", context.weekday, 6)
    return OnlineFeatures(
        hour,
        weekday,
        _text("device", context.device),
        _text("country", context.country),
        _text("referrer", context.referrer),
    )


def _whole(name: str, value: int, largest: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= largest:
        raise InvalidInput(f"the field '{name}' must be a whole number from 0 to {largest}, not {value!r}", name)
    return value


def _text(name: str, value: str | None) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise InvalidInput(f"the field '{name}' must be text of at most {_LONGEST_TEXT} characters", name)
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(f"the field '{name}' is not valid Unicode text", name) from error
    return value


def assemble(
    contract: BoundContract,
    catalog: Catalog,
    user: Mapping[str, Value] | None,
    online: OnlineFeatures,
    candidates: Ids,
    fetched: Mapping[int, Mapping[str, Value]],
) -> dict[str, Sequence[Any]]:
    """Lays out one row per candidate.

    Args:
        contract: What the model wants, and from where.
        catalog: The items' columns.
        user: The user's features; None for an unknown user, whose features are all missing.
        online: The request's features.
        candidates: Items, int64, shape (n,), each in the catalog or in `fetched`; for a model that scores
            the context alone, one number that is not looked at.
        fetched: Features of items that are not in the catalog.

    Returns:
        A column of length n per input: `Repeated`, an array in which nothing is missing, or a list in which
        None is missing.
    """
    rows = len(candidates)
    known = {} if user is None else user
    columns: dict[str, Sequence[Any]] = {name: Repeated(known.get(name), rows) for name in contract.user}
    columns |= {name: Repeated(getattr(online, name), rows) for name in contract.online}
    if contract.item:
        columns |= _item_columns(contract.item, catalog, candidates, fetched)
    return columns


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
