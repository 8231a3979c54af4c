"""The rank request: a context, and the items to rank for it, which the sidecar holds in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pillion.scoring.row_error import RowError
from pillion.types import FieldType, Id, Trace, Value

CATALOG = "*"
"""The list of all items."""


@dataclass(frozen=True, slots=True)
class RankRequest:
    """A context, and the items to rank for it.

    Attributes:
        model: Its name.
        types: Of every input that is sent, by name; an input that is missing cannot tell its own.
        context: Values by input, which count for every item; None is missing.
        k: How many items are wanted, at most.
        items: Ids of items that the sidecar has in memory; of a model whose classes are its items, those that may be
            returned, where None is for all of them.
        listed: A list of the sidecar's in place of `items`: CATALOG, `global`, or a segment's such as `country=DE`.
        list_size: The first so many of the list, those excluded not counted; 0 for all.
        excluded: Ids of items that are not returned.
        classes: Whether the model's classes are its items.
        described: Features by input of items that the sidecar does not have, by id.
        defaults: Values by input that stand in where an item has none.
        feature_version: Whose items are meant; 0 for the sidecar's active one.
        vectors: What the user's vector and the items' are called: the items with the largest dot products are the
            list, for users who have a vector. The elements of `user_factor` are the inputs `user_factor_0`, ….
        request_id: Travels along, for the logs.
        trace: Travels along, for the logs.
    """

    model: str
    types: Mapping[str, FieldType]
    context: Mapping[str, Value]
    k: int
    items: Sequence[Id] | None = None
    listed: str | None = None
    list_size: int = 0
    excluded: Sequence[Id] = ()
    classes: bool = False
    described: Mapping[Id, Mapping[str, Value]] = field(default_factory=dict)
    defaults: Mapping[str, Value] = field(default_factory=dict)
    feature_version: int = 0
    vectors: tuple[str, str] | None = None
    request_id: str = ""
    trace: Trace | None = None

    def described_columns(self) -> dict[str, list[Value]]:
        """Returns the described items' values by input, of all inputs that are not of the context."""
        names = [name for name in self.types if name not in self.context] if self.described else []
        return {name: [features.get(name) for features in self.described.values()] for name in names}


@dataclass(frozen=True, slots=True)
class RankedItems:
    """Items in order.

    Attributes:
        items: Ids, best first: by falling score, and by rising id where scores are equal.
        scores: Of each.
        candidates: How many items were ranked.
        unscored: How many of them had no score.
        feature_version: Whose items they are; None where that is not known, or they are of none.
        model_version: The version that scored; None where it is not known.
        engine: The engine that scored.
        row_errors: Items that could not be scored, by their place among those that were ranked.
        seen_share: The share of all items that the dot products were taken of before time was up, from 0 to 1; None
            where there were none to take.
    """

    items: tuple[Id, ...]
    scores: tuple[float, ...]
    candidates: int
    unscored: int = 0
    feature_version: int | None = None
    model_version: int | None = None
    engine: str | None = None
    row_errors: tuple[RowError, ...] = ()
    seen_share: float | None = None
