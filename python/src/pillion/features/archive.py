"""The archive: what a feature version holds as one compressed file (`.npz`), which needs neither Spark nor pandas.

Everything comes back as it was written. A floating column whose values are all short decimals is kept as whole
numbers; item ids in lists are kept as indices into the item table, or as ids where an item is not in it.
"""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pillion.errors import ConfigurationError, InvalidInput
from pillion.features.contents import Contents, FeatureTable
from pillion.features.ids import kind_of

_MOST_DECIMALS = 6
_MISSING = -(2**31)
_Arrays = dict[str, npt.NDArray[Any]]


def write_contents(contents: Contents, path: Path) -> None:
    """Writes an archive; the same contents give the same bytes.

    The columns of both tables must be arrays of float64, or lists of floats and None; NaN is missing.

    Raises:
        InvalidInput: A column is not of numbers, or ids are text.
    """
    for what, table in (("users", contents.users), ("items", contents.items)):
        if kind_of(table.ids, what) == "string":
            raise InvalidInput(f"the ids of the {what} are text, which an archive has no place for", what)
    arrays: _Arrays = {}
    for kind, table in (("users", contents.users), ("items", contents.items)):
        arrays[f"{kind}/ids"] = np.asarray(table.ids, dtype=np.int64)
        for name, values in table.columns.items():
            arrays |= _pack_column(f"{kind}/columns/{name}", values)
    for segment, pairs in contents.popularity.items():
        ids, counts = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        arrays[f"popularity/{segment}/ids"] = _narrow(ids)
        arrays[f"popularity/{segment}/counts"] = _narrow(counts)
    arrays["titles/ids"] = np.array(list(contents.titles), dtype=np.int64)
    arrays["titles/text"] = np.frombuffer("\n".join(contents.titles.values()).encode(), dtype=np.uint8)
    users = sorted(contents.seen)
    lists = [np.sort(np.asarray(contents.seen[user], dtype=np.int64)) for user in users]
    arrays["seen/users"] = np.array(users, dtype=np.int64)
    arrays["seen/lengths"] = _narrow(np.array([len(items) for items in lists], dtype=np.int64))
    # sorted ids are kept as steps, which are small
    arrays["seen/steps"] = _narrow(np.concatenate([np.diff(items, prepend=0) for items in lists] or [_no_ids()]))
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def read_contents(path: Path) -> Contents:
    """Reads an archive.

    Raises:
        ConfigurationError: There is no such file, or it is no archive of contents.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            return _unpack({name: archive[name] for name in archive.files})
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror or 'it is cut short'}") from error
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigurationError(f"{path} is no archive of features: {error}") from error


def _unpack(arrays: _Arrays) -> Contents:
    text = arrays["titles/text"].tobytes().decode()
    titles = dict(zip(arrays["titles/ids"].tolist(), text.split("\n") if text else [], strict=True))
    ends = np.cumsum(arrays["seen/lengths"].astype(np.int64))[:-1]
    steps = np.split(arrays["seen/steps"].astype(np.int64), ends) if len(arrays["seen/users"]) else []
    seen = {user: np.cumsum(part).tolist() for user, part in zip(arrays["seen/users"].tolist(), steps, strict=True)}
    popularity = {
        name.removeprefix("popularity/").removesuffix("/ids"): list(
            zip(ids.tolist(), arrays[name.removesuffix("ids") + "counts"].tolist(), strict=True)
        )
        for name, ids in arrays.items()
        if name.startswith("popularity/") and name.endswith("/ids")
    }
    return Contents(_table(arrays, "users"), _table(arrays, "items"), popularity, titles, seen)


def _table(arrays: _Arrays, kind: str) -> FeatureTable:
    head = f"{kind}/columns/"
    columns: dict[str, Any] = {
        name.removeprefix(head).rsplit("/", 1)[0]: _unpack_column(name, values)
        for name, values in arrays.items()
        if name.startswith(head)
    }
    return FeatureTable(arrays[f"{kind}/ids"].tolist(), columns, nan_is_missing=True)


def _pack_column(name: str, values: Sequence[Any]) -> _Arrays:
    try:
        numbers = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidInput(f"the column '{name}' is not of numbers", name) from None
    gaps = np.isnan(numbers)
    real = np.where(gaps, 0.0, numbers)
    for decimals in range(_MOST_DECIMALS + 1):
        with np.errstate(over="ignore"):
            scaled = np.rint(real * 10.0**decimals)
        if not np.all(np.abs(scaled) < -_MISSING):
            break
        whole = scaled.astype(np.int64)
        # by their bits, so that −0.0 stays what it is
        if (whole / 10.0**decimals).tobytes() == real.tobytes():
            missing = _MISSING if gaps.any() else 0
            return {f"{name}/d{decimals}": _narrow(np.where(gaps, missing, whole), missing)}
    return {f"{name}/f8": numbers}


def _unpack_column(name: str, values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    kind = name.rsplit("/", 1)[1]
    if kind == "f8":
        return values.astype(np.float64)
    lowest = np.iinfo(values.dtype).min
    gaps = values == lowest if values.dtype.kind == "i" else np.zeros(len(values), dtype=bool)
    return np.where(gaps, np.nan, values.astype(np.float64) / 10.0 ** int(kind[1:]))


def _narrow(values: npt.NDArray[np.int64], missing: int = 0) -> npt.NDArray[Any]:
    """The narrowest signed integers that hold the values; a missing one is the least of the type."""
    real = values[values != missing] if missing else values
    for dtype in (np.int8, np.int16, np.int32):
        limits = np.iinfo(dtype)
        if not len(real) or (limits.min < real.min() and real.max() <= limits.max):
            return np.where(values == missing, limits.min, values).astype(dtype) if missing else values.astype(dtype)
    return values


def _no_ids() -> npt.NDArray[np.int64]:
    return np.empty(0, dtype=np.int64)
