"""The first phase of a model, in terms of one feature version: what picks the candidates that go on to the model."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from pillion.errors import ConfigurationError
from pillion.features import BoundContract, Catalog
from pillion.features.ids import Ids
from pillion.features.item_vectors import ItemVectors, Vector, item_vectors
from pillion.project import FirstPhase
from pillion.types import Value


class BoundFirstPhase:
    """The inputs of a model that a first phase goes by.

    Args:
        phase: What the vectors are called.
        contract: Where the model's inputs come from.
        model: Its name, for messages.
        catalog: The feature version.

    Raises:
        ConfigurationError: The model has no such vectors, or they differ in length or hold no floating numbers.
    """

    def __init__(self, phase: FirstPhase, contract: BoundContract, model: str, catalog: Catalog) -> None:
        self._catalog = catalog
        self._user = _elements(phase.user, "user", (*contract.user, *contract.online), contract, model)
        self._item = _elements(phase.item, "item", contract.item, contract, model)
        if len(self._user) != len(self._item):
            raise ConfigurationError(
                f"the first phase of the model '{model}': the vector '{phase.user}' has {len(self._user)} elements, but"
                f" '{phase.item}' {len(self._item)}"
            )

    @cached_property
    def _vectors(self) -> ItemVectors:
        return item_vectors(self._catalog, self._item)

    def pick(self, context: Mapping[str, Value], seen: Ids, count: int, looked_at: int | None = None) -> Ids | None:
        """Returns the best unseen items as the sidecar picks them, int64, shape (n,), n ≤ `count`, best first.

        Args:
            context: The inputs that all candidates share.
            seen: None of these items.
            count: How many, at most.
            looked_at: Of the first so many items; None for all.

        Returns:
            None where the user has no vector: an element is missing, or not finite in single precision.
        """
        user = self._vector(context)
        return None if user is None else self._vectors.best(user, seen, count, looked_at)

    def _vector(self, context: Mapping[str, Value]) -> Vector | None:
        values = [context[name] for name in self._user]
        if not all(isinstance(value, float | int) for value in values):
            return None
        with np.errstate(over="ignore"):
            vector = np.array(values, dtype=np.float64).astype(np.float32)
        return vector if np.isfinite(vector).all() else None


def _elements(vector: str, whose: str, names: Sequence[str], contract: BoundContract, model: str) -> tuple[str, ...]:
    """The inputs of a vector's elements: as far as the model has them."""
    found: list[str] = []
    while (name := f"{vector}_{len(found)}") in contract.types:
        if name not in names:
            raise ConfigurationError(
                f"the first phase of the model '{model}': the input '{name}' is none of the {whose}'s"
            )
        if contract.types[name] not in ("double", "float"):
            raise ConfigurationError(
                f"the first phase of the model '{model}': the input '{name}' is of the type '{contract.types[name]}',"
                " but double or float is expected"
            )
        found.append(name)
    if not found:
        raise ConfigurationError(
            f"the first phase of the model '{model}': it has no input '{vector}_0', the first element of the {whose}'s"
            f" vector '{vector}'"
        )
    return tuple(found)
