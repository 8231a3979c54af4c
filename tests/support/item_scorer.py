"""A scorer that ranks the items of a store as the sidecar does, by a function of full rows."""

from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from typing import Any

import numpy as np

from pillion.errors import SidecarLacksItems
from pillion.features import Catalog, MemoryStore, read_catalog
from pillion.features.catalog import TITLE
from pillion.features.popularity import without
from pillion.features.record_codec import unpack_ids
from pillion.scoring import FakeScorer, RankedItems, RankRequest, ScoreRequest, Scores, rank
from pillion.types import Id, Value


class ItemScorer(FakeScorer):
    """A sidecar over the items of a store, each row of which a function scores.

    Args:
        store: Whose items it has in memory; those that a version began with, whatever it holds later.
        function: Makes scores of full rows, or raises.
        classes: The item of each output of a model whose classes are its items.
    """

    def __init__(
        self,
        store: MemoryStore,
        function: Callable[[ScoreRequest], Scores | Awaitable[Scores]],
        classes: Mapping[str, Id] | None = None,
    ) -> None:
        super().__init__(function)
        self._store = store
        self._classes = classes or {}
        self._catalogs: dict[int, Catalog] = {}

    async def rank(self, request: RankRequest, timeout_s: float) -> RankedItems:
        """See `Scorer.rank`."""
        self.rank_requests.append(request)
        if request.classes:
            return await self._rank_classes(request, timeout_s)
        catalog = await self._catalog(request.feature_version, timeout_s)
        items = self._items(request, catalog)
        features = {item: features_of(catalog, item) for item in items} | dict(request.described)
        order = sorted(features)
        rows = {name: [self._value(request, name, features[item]) for item in order] for name in request.types}
        scores = await self._scores(request, rows, len(order), timeout_s)
        ((_, column),) = scores.columns.items()
        best = rank(np.arange(len(order)), column, request.k)
        return RankedItems(
            tuple(order[at] for at in best.items.tolist()),
            tuple(best.scores.tolist()),
            len(order),
            best.unscored,
            catalog.version,
            scores.model_version,
            scores.engine,
            scores.row_errors,
        )

    async def _rank_classes(self, request: RankRequest, timeout_s: float) -> RankedItems:
        rows = {name: [request.context[name]] for name in request.types}
        scores = await self._scores(request, rows, 1, timeout_s)
        may = [
            (name, item)
            for name, item in self._classes.items()
            if (request.items is None or item in request.items) and item not in request.excluded
        ]
        items = [item for _, item in may]
        best = rank(np.arange(len(items)), [scores.columns[name][0] for name, _ in may], request.k)
        return RankedItems(
            tuple(items[at] for at in best.items.tolist()),
            tuple(best.scores.tolist()),
            len(items),
            best.unscored,
            None,
            scores.model_version,
            scores.engine,
            scores.row_errors,
        )

    async def _scores(self, request: RankRequest, rows: dict[str, list[Any]], count: int, timeout_s: float) -> Scores:
        return await self.score(
            ScoreRequest(request.model, request.types, rows, count, (), request.request_id, request.trace), timeout_s
        )

    def _value(self, request: RankRequest, name: str, features: Mapping[str, Value]) -> Value:
        if name in request.context:
            return request.context[name]
        value = features.get(name)
        return request.defaults.get(name) if value is None else value

    def _items(self, request: RankRequest, catalog: Catalog) -> list[Id]:
        excluded = catalog.numbers.find(list(request.excluded))
        if request.listed is None:
            given = catalog.numbers.find(list(request.items or ()))
            return catalog.numbers.ids(without(given, excluded))
        listed = without(catalog.candidates[request.listed], excluded)
        return catalog.numbers.ids(listed[: request.list_size or None])

    async def _catalog(self, version: int, timeout_s: float) -> Catalog:
        if version not in self._catalogs:
            contents = copy(self._store)
            contents.down = False  # what is in memory stays where the store is down
            catalog = await read_catalog(contents, timeout_s, version=version)
            if catalog is None:
                raise SidecarLacksItems(f"the items of feature version {version} are not in memory")
            self._catalogs[version] = catalog
        return self._catalogs[version]


def features_of(catalog: Catalog, item: Id) -> Mapping[str, Value]:
    """An item's features, as its record has them."""
    number = int(catalog.numbers.find([item])[0])
    at = unpack_ids(catalog.raw.ids, catalog.id_width).tolist().index(number)
    values = catalog.items.unpack(catalog.raw.records[at])
    values.pop(TITLE, None)
    return values
