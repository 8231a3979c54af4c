"""Candidates by factors: the unseen items whose vectors have the largest products with the user's.

A product is added up in doubles, factor by factor, so that it has the same bits on every machine; equal ones are
ordered by rising id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from pillion.errors import ConfigurationError
from pillion.features import Catalog
from pillion.features.ids import Ids

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ItemFactors:
    """The vectors of a catalog's items.

    Attributes:
        items: Their numbers, int64, shape (n,), ascending; those without a vector are left out.
        columns: float64, shape (rank, n).
    """

    items: Ids
    columns: npt.NDArray[np.float64]

    def best(self, user: Vector, seen: Ids, count: int) -> Ids:
        """Returns the best unseen items, int64, shape (m,), m ≤ `count`, best first.

        Args:
            user: The user's vector, float32, shape (rank,).
            seen: None of these items.
            count: How many, at most.
        """
        products = np.zeros(len(self.items))
        for factor, column in zip(user.astype(np.float64).tolist(), self.columns, strict=True):
            products += factor * column
        unseen = np.isin(self.items, seen, invert=True)
        items, products = self.items[unseen], products[unseen]
        if len(items) > count > 0:
            least = np.partition(products, len(products) - count)[len(products) - count]
            kept = products >= least  # more than `count` where some are equal
            items, products = items[kept], products[kept]
        best: Ids = items[np.lexsort((items, -products))][:count]
        return best


@dataclass(frozen=True, slots=True)
class SavedFactors:
    """A saved ALSModel of Spark's.

    Attributes:
        items: Vectors of the catalog's items.
        users: A frame of Spark's with the columns `id` and `features`.
    """

    items: ItemFactors
    users: "DataFrame"

    def between(self, first: int, last: int) -> dict[int, Vector]:
        """Returns the vectors of the users with ids from `first` to `last`, as far as they have one."""
        return _vectors(self.users.where(self.users["id"].between(first, last)))

    def of(self, users: Sequence[int]) -> dict[int, Vector]:
        """Returns the vectors of some users, as far as they have one."""
        return _vectors(self.users.where(self.users["id"].isin(list(users))))


def _vectors(users: "DataFrame") -> dict[int, Vector]:
    return {int(row["id"]): np.array(row["features"], dtype=np.float32) for row in users.collect()}


def read_factors(session: "SparkSession", folder: Path, catalog: Catalog) -> SavedFactors:
    """Reads a saved ALSModel.

    Args:
        session: Spark's.
        folder: Where it was saved.
        catalog: The feature version; users and items have the ids that ALS has them by.

    Raises:
        ConfigurationError: It is none, knows no item of the catalog, or the catalog's ids are text.
    """
    from pyspark.ml.recommendation import ALSModel

    if "string" in (catalog.user_ids, catalog.numbers.kind):
        raise ConfigurationError("candidates by ALS need users and items whose ids are whole numbers, as ALS has them")
    try:
        model: Any = ALSModel.load(folder.absolute().as_uri())
        rows = model.itemFactors.collect()
    except (Py4JJavaError, PySparkException) as error:
        said = str(error).strip().splitlines()
        raise ConfigurationError(f"{folder} is no saved ALSModel of Spark's: {said[0] if said else error}") from error
    vectors: Mapping[int, Sequence[float]] = {int(row["id"]): row["features"] for row in rows}
    known = np.array(sorted(vectors), dtype=np.int64)
    items = known[catalog.table.indices(known) >= 0]
    if not len(items):
        raise ConfigurationError(
            f"{folder} has vectors of {len(known):,} items, and feature version {catalog.version} has none of them"
        )
    columns = np.array([vectors[item] for item in items.tolist()], dtype=np.float64).T
    return SavedFactors(ItemFactors(items, np.ascontiguousarray(columns)), model.userFactors.cache())
