"""What is popular: candidates for the model, and answers without one."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from pillion.features import keys
from pillion.features.catalog import Catalog, Popularity
from pillion.features.ids import Ids
from pillion.types import Value


def segment_of(catalog: Catalog, online: Mapping[str, Value], fields: Sequence[str]) -> str | None:
    """Returns the most telling segment of a request that has a popularity list; None where none has.

    Args:
        catalog: Has the lists.
        online: The request's own values.
        fields: The features that make segments, the most telling first.
    """
    for field in fields:
        value = online.get(field)
        if value is not None and (name := keys.segment(field, value)) in catalog.popularity:
            return name
    return None


def generate_candidates(catalog: Catalog, segment: str | None, seen: Ids, count: int) -> Ids:
    """Returns the most popular unseen items, int64, shape (n,), n ≤ `count`: the segment's, then everybody's.

    Items that the catalog lacks are left out, since they have no features.
    """
    return _head(catalog.candidates[keys.GLOBAL if segment is None else segment], seen, count)


def popular_items(popularity: Popularity, allowed: Ids | None, seen: Ids, k: int) -> Ids:
    """Returns the most popular unseen items, int64, shape (n,), n ≤ `k`.

    Args:
        popularity: The list.
        allowed: Only these items; None for all.
        seen: None of these.
        k: How many, at most.
    """
    if allowed is None:
        return _head(popularity.items, seen, k)
    wanted = among(popularity.items, allowed) & ~among(popularity.items, seen)
    return popularity.items[wanted][:k]


def without(items: Ids, excluded: Ids) -> Ids:
    """Returns the items that are not in `excluded`, in their order."""
    return items[~among(items, excluded)]


def among(items: Ids, others: Ids) -> npt.NDArray[np.bool_]:
    """Returns which items are among the others, bool, shape (n,)."""
    if not len(others):
        return np.zeros(len(items), dtype=bool)
    ordered = np.sort(others)
    found: npt.NDArray[np.bool_] = ordered[np.minimum(np.searchsorted(ordered, items), len(ordered) - 1)] == items
    return found


def _head(items: Ids, seen: Ids, count: int) -> Ids:
    """The first unseen items; no more of the list is looked at than can be needed."""
    return without(items[: count + len(seen)], seen)[:count]
