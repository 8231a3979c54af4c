"""Moments: real rows as requests would make them, for models whose pipeline is at hand for Spark to score them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pillion.features import Contents
from pillion.parity.case import ShimRequest
from pillion.types import Value


@dataclass(frozen=True, slots=True)
class Moments:
    """Rows, and the requests to the shim that they stand for.

    Attributes:
        columns: of the model's inputs, by name.
        requests: one a moment.
    """

    columns: Mapping[str, Sequence[Value]]
    requests: tuple[ShimRequest, ...]


class MomentSource(Protocol):
    """Where moments come from.

    Attributes:
        contents: what the online store holds of the users and items of the moments.
        words: what the rows are, in words.
    """

    contents: Contents
    words: str

    def draw(self, inputs: Sequence[Mapping[str, Any]], rows: int, *, single_row: bool) -> Moments:
        """Draws moments for a model.

        Args:
            inputs: of its contract.
            rows: how many are wanted; fewer where there are not so many.
            single_row: whether it scores all its items in one row.

        Raises:
            InvalidInput: no source has one of the inputs.
        """
        ...
