"""Items by dot products: those whose vectors have the largest products with a user's, as the sidecar picks them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pillion.features.catalog import Catalog
from pillion.features.ids import Ids
from pillion.features.popularity import among

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ItemVectors:
    """The vectors of items.

    A product begins at zero, and the products of elements are added in single precision from the first to the last,
    each rounded, so that it has the same bits on every machine, and those of the sidecar.

    Attributes:
        items: Their numbers, int64, shape (n,), ascending.
        elements: float32, shape (size, n); NaN where one is missing.
    """

    items: Ids
    elements: npt.NDArray[np.float32]

    def products(self, user: Vector) -> npt.NDArray[np.float32]:
        """Returns the dot products of all items, float32, shape (n,); NaN where an element is missing.

        Args:
            user: The user's vector, float32, shape (size,).
        """
        sums = np.zeros(len(self.items), dtype=np.float32)
        with np.errstate(over="ignore", invalid="ignore"):
            for element, column in zip(user, self.elements, strict=True):
                sums += element * column
        return sums

    def best(self, user: Vector, seen: Ids, count: int, looked_at: int | None = None) -> Ids:
        """Returns the unseen items with the largest products, int64, shape (m,), m ≤ `count`, best first.

        Equal products are ordered by rising number; an item that lacks an element is never among them.

        Args:
            user: The user's vector, float32, shape (size,).
            seen: None of these items.
            count: How many, at most.
            looked_at: Of the first so many items; None for all.
        """
        items, products = self.items[:looked_at], self.products(user)[:looked_at]
        kept = ~among(items, seen) & ~np.isnan(products)
        items, products = items[kept], products[kept]
        if len(items) > count > 0:
            least = np.partition(products, len(products) - count)[len(products) - count]
            kept = products >= least  # more than `count` where some are equal
            items, products = items[kept], products[kept]
        best: Ids = items[np.lexsort((items, -products))][:count]
        return best


def item_vectors(catalog: Catalog, names: tuple[str, ...]) -> ItemVectors:
    """Returns the vectors of a catalog's items.

    Args:
        catalog: The feature version.
        names: The items' features that are the elements, which hold numbers.
    """
    elements = np.empty((len(names), len(catalog.table.ids)), dtype=np.float32)
    for element, name in zip(elements, names, strict=True):
        values, mask = catalog.table.columns[name]
        with np.errstate(over="ignore"):
            element[:] = values.astype(np.float64)
        if mask is not None:
            element[mask] = np.nan
    return ItemVectors(catalog.table.ids, elements)
