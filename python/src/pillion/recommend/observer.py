"""The observer: is told of each request that the model has answered, as it was scored."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from pillion.features.ids import Ids
from pillion.recommend.answer import RungResult
from pillion.recommend.models import BoundModel
from pillion.recommend.request import PreparedRequest
from pillion.scoring import RankRequest
from pillion.types import Value

_log = logging.getLogger("pillion.recommend.observer")


@dataclass(frozen=True, slots=True)
class ScoredRequest:
    """A request that the model has answered.

    Attributes:
        request: The request, with what was learned of its user.
        bound: Where the model's inputs came from.
        chosen: Numbers of the items that the request gave and that were ranked, int64, shape (n,); None where it gave
            none.
        asked: What the sidecar was asked.
        result: What came of it.
    """

    request: PreparedRequest
    bound: BoundModel
    chosen: Ids | None
    asked: RankRequest
    result: RungResult

    @property
    def context(self) -> Mapping[str, Value]:
        """The inputs that all candidates share, as the model got them."""
        return self.asked.context

    @property
    def candidates(self) -> Ids:
        """Numbers of the items that were ranked, int64, shape (n,); computed again where the request gave none."""
        request = self.request
        if self.chosen is not None:
            return self.chosen
        return self.bound.candidates(
            request.catalog,
            request.segment,
            self.context,
            request.findings.user.seen,
            self.asked.list_size,
            self.result.findings.seen_share,
        )


class Observer(Protocol):
    """Watches what is scored. Both methods run on the event loop, so they must be quick."""

    def scored(self, scored: ScoredRequest) -> None:
        """Is told of a request before its answer leaves."""
        ...

    async def close(self) -> None:
        """Finishes what is to be written."""
        ...


def tell(observers: Iterable[Observer], scored: ScoredRequest) -> None:
    """Tells observers of a request; none can keep it from being answered."""
    for observer in observers:
        try:
            observer.scored(scored)
        except Exception:  # noqa: BLE001 - the answer is there, and leaves whatever its watcher does
            _log.exception("an observer failed at a request")
