"""A request that was found good, and its answer once the ladder has been walked."""

import time
from dataclasses import dataclass, replace

import numpy as np

from pillion.features.catalog import Ids
from pillion.recommend.attempt import Attempt, Draft
from pillion.resilience import Deadline, LadderAnswer
from pillion.types import Recommendation, Request, ScoredItem, Source, Timings

_NO_ITEMS: Ids = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request on its way.

    Attributes:
        request: As it came.
        started: When it came, on `time.perf_counter`.
        now_s: The same in seconds since 1970 UTC.
        deadline: Its time.
        attempt: What is known of it; None while there is no snapshot.
    """

    request: Request
    started: float
    now_s: float
    deadline: Deadline
    attempt: Attempt | None

    def found(self, answer: LadderAnswer[Draft], items: tuple[ScoredItem, ...]) -> Recommendation:
        """Returns the answer that a rung gave, whose items are these."""
        assert self.attempt is not None
        attempt, draft = self.attempt, answer.value
        return Recommendation(
            self.request.request_id,
            self.request.user_id,
            items,
            Source(answer.source),
            answer.reason or draft.reason,
            draft.model,
            draft.version,
            draft.engine,
            max(0.0, self.now_s - draft.created),
            attempt.unknown_items,
            attempt.seen_items,
            attempt.unscored_items,
            self._timings(),
            self.deadline.remaining() * 1000,
        )

    def nothing(self, reason: str) -> Recommendation:
        """Returns the answer without items, where no rung has any."""
        if self.attempt is not None:
            empty = Draft(_NO_ITEMS, self.attempt.catalog.created, reason=reason)
            return self.found(LadderAnswer(empty, Source.POPULAR), ())
        return Recommendation(
            self.request.request_id,
            self.request.user_id,
            (),
            Source.POPULAR,
            reason,
            timings=self._timings(),
            deadline_left_ms=self.deadline.remaining() * 1000,
        )

    def _timings(self) -> Timings:
        so_far = Timings() if self.attempt is None else self.attempt.timings
        return replace(so_far, total_ms=(time.perf_counter() - self.started) * 1000)
