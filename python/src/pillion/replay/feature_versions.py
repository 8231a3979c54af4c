"""The feature versions of a store, as a replay reads them: not only the one in use."""

import asyncio
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Self

from pillion.features import Catalog, Store, read_catalog, read_user
from pillion.features.user_sample import TRIP, read_user_buckets, read_user_ids
from pillion.types import Id, Value

_KEPT = 8
_REACH = 5


class FeatureVersions:
    """Reads feature versions, one after the other, in an event loop of its own.

    Args:
        store: Where from; closed at the end.
        timeout_s: Of each trip.
    """

    def __init__(self, store: Store, timeout_s: float) -> None:
        self._store = store
        self._timeout_s = timeout_s
        self._catalogs: dict[int, Catalog | None] = {}
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        self._runner.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self._store.close())
        self._runner.__exit__(kind, error, trace)

    def find(self, version: int) -> Catalog | None:
        """Returns a version; None where the store no longer has it.

        Raises:
            StoreError: The store failed, or a part of the version is not what was written.
            TimeoutError: A trip took too long.
        """
        if version not in self._catalogs:
            if len(self._catalogs) >= _KEPT:
                self._catalogs.pop(next(iter(self._catalogs)))
            self._catalogs[version] = self._runner.run(read_catalog(self._store, self._timeout_s, version=version))
        return self._catalogs[version]

    def near(self, version: int) -> Iterator[Catalog]:
        """Yields the versions before, then those after, that the store has, the nearest first."""
        before = range(version - 1, max(0, version - 1 - _REACH), -1)
        for other in (*before, *range(version + 1, version + 1 + _REACH)):
            if (catalog := self.find(other)) is not None:
                yield catalog

    def user(self, catalog: Catalog, user_id: Id) -> Mapping[str, Value] | None:
        """Returns a user's features in a version; None where it does not know the user."""
        return self._runner.run(read_user(self._store, catalog, user_id, [], self._timeout_s)).features

    def user_ids(self, catalog: Catalog) -> Iterator[list[Id]]:
        """Yields the ids of all users that a version has features of, some at a time."""
        buckets = self._runner.run(read_user_buckets(self._store, catalog, self._timeout_s))
        for start in range(0, len(buckets), TRIP):
            trip = buckets[start : start + TRIP]
            yield self._runner.run(read_user_ids(self._store, catalog, trip, self._timeout_s))
