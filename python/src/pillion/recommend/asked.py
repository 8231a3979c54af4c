"""A request that was found good, and its answer once the ladder has been walked."""

import time
from dataclasses import dataclass, replace

from pillion.recommend.attempt import Attempt, Draft
from pillion.resilience import Deadline, LadderAnswer
from pillion.types import Recommendation, Request, ScoredItem, Source, Timings


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
        attempt = self.attempt
        return Recommendation(
            self.request.request_id,
            self.request.user_id,
            (),
            Source.POPULAR,
            reason,
            feature_age_s=None if attempt is None else max(0.0, self.now_s - attempt.catalog.created),
            unknown_items=() if attempt is None else attempt.unknown_items,
            seen_items=0 if attempt is None else attempt.seen_items,
            unscored_items=0 if attempt is None else attempt.unscored_items,
            timings=self._timings(),
            deadline_left_ms=self.deadline.remaining() * 1000,
        )

    def _timings(self) -> Timings:
        so_far = Timings() if self.attempt is None else self.attempt.timings
        return replace(so_far, total_ms=(time.perf_counter() - self.started) * 1000)
