"""Real rows for models that recommend: users at moments of MovieLens, with films, as the store has them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pillion.demo.data import SEED, Data, load_data
from pillion.demo.online_context import CONTEXT
from pillion.errors import InvalidInput
from pillion.features import Contents, FeatureTable, read_contents
from pillion.parity.case import ShimRequest
from pillion.parity.moments import Moments
from pillion.types import Value

Rows = dict[str, list[Value]]
CANDIDATES = 50
"""Films of a moment that are ranked against each other."""


class DemoMoments:
    """Moments of MovieLens' held-out ratings; see `MomentSource`.

    Args:
        folder: With MovieLens' tables, and with `contents.npz`, what the store holds.

    Raises:
        ConfigurationError: There is no such file, or it cannot be read.
    """

    words = "users at moments of MovieLens"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # What a user has seen is no candidate, and here every film of a moment is one.
        self.contents = replace(read_contents(folder / "contents.npz"), seen={})

    @cached_property
    def _data(self) -> Data:
        return load_data(self._folder)

    def draw(self, inputs: Sequence[Mapping[str, Any]], rows: int, *, single_row: bool) -> Moments:
        """See `MomentSource.draw`."""
        data = self._data
        few = single_row and len(data.test) < rows
        events = pd.concat([data.test, data.before], ignore_index=True) if few else data.test
        return draw_moments(inputs, self.contents, events, rows, SEED, single_row=single_row)


def draw_moments(
    inputs: Sequence[Mapping[str, Any]],
    contents: Contents,
    events: pd.DataFrame,
    rows: int,
    seed: int,
    *,
    single_row: bool,
) -> Moments:
    """Draws moments from events and lays them out as rows.

    A model of candidates gets CANDIDATES rows a moment, the event's film and others of the catalog, each once; a
    model that scores all its items in one row gets a row a moment.

    Args:
        inputs: of the model's contract.
        contents: what the store holds.
        events: columns `user_id`, `item_id` and the online features, one a rating.
        rows: how many are wanted; fewer where there are not so many events.
        seed: of what is drawn.
        single_row: whether the model scores all its items in one row.

    Raises:
        InvalidInput: no source has one of the inputs.
    """
    random = np.random.default_rng(seed)
    known = events[events["user_id"].isin(contents.users.ids) & events["item_id"].isin(contents.items.ids)]
    each = 1 if single_row else min(CANDIDATES, len(contents.items.ids))
    wanted = min(-(-rows // each), len(known))
    chosen = known.iloc[np.sort(random.permutation(len(known))[:wanted])]
    users, items = _Table(contents.users), _Table(contents.items)
    all_items = np.array(contents.items.ids, dtype=np.int64)
    columns: Rows = {field["name"]: [] for field in inputs}
    requests = []
    for event in chosen.to_dict("records"):
        moment = {name: _plain(event[name]) for name in CONTEXT}
        films: tuple[int, ...] = () if single_row else _films(int(event["item_id"]), all_items, each, random)
        start = len(next(iter(columns.values())))
        requests.append(ShimRequest(int(event["user_id"]), moment, tuple(range(start, start + each)), films))
        for name, column in columns.items():
            if name in moment:
                column += [moment[name]] * each
            elif name in users.columns:
                column += [users.value(name, int(event["user_id"]))] * each
            elif name in items.columns and not single_row:
                column += [items.value(name, film) for film in films]
            else:
                raise InvalidInput(f"neither the store nor a request has the model's input '{name}'", name)
    return Moments(columns, tuple(requests))


class _Table:
    def __init__(self, table: FeatureTable) -> None:
        self._indices = {number: index for index, number in enumerate(table.ids)}
        self.columns = {name: _values(values, table.nan_is_missing) for name, values in table.columns.items()}

    def value(self, name: str, number: int) -> Value:
        return self.columns[name][self._indices[number]]


def _values(values: Sequence[Any], nan_is_missing: bool) -> list[Value]:
    plain = values.tolist() if isinstance(values, np.ndarray) else list(values)
    return [None if nan_is_missing and isinstance(value, float) and value != value else value for value in plain]


def _films(first: int, catalog: "np.ndarray[Any, Any]", count: int, random: np.random.Generator) -> tuple[int, ...]:
    others = catalog[catalog != first]
    return (first, *random.choice(others, count - 1, replace=False).tolist())


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
