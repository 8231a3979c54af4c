"""A saved ALSModel of Spark's: the vectors of users and items that choose candidates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from pillion.errors import ConfigurationError
from pillion.features import Catalog
from pillion.features.item_vectors import ItemVectors, Vector

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@dataclass(frozen=True, slots=True)
class SavedFactors:
    """A saved ALSModel of Spark's.

    Attributes:
        items: Vectors of the catalog's items.
        users: A frame of Spark's with the columns `id` and `features`.
    """

    items: ItemVectors
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
    elements = np.array([vectors[item] for item in items.tolist()], dtype=np.float32).T
    return SavedFactors(ItemVectors(items, np.ascontiguousarray(elements)), model.userFactors.cache())
