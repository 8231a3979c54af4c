"""The answer: what a rung found, and the recommendation that is made of it."""

from dataclasses import dataclass, replace

from pillion.features.ids import Ids
from pillion.recommend.request import Findings, PreparedRequest, ms_since
from pillion.resilience import Deadline, LadderAnswer, NoAnswer
from pillion.types import Item, Recommendation, Request, ScoredItem, Source, Timings

NO_SNAPSHOT = "no_snapshot"


@dataclass(frozen=True, slots=True)
class RungResult:
    """What a rung has found.

    Attributes:
        items: Numbers, best first, int64, shape (n,).
        created: When what it rests on was published, in seconds since 1970 UTC.
        findings: What was learned on the way.
        scores: Of each item; None where the rung has none.
        reason: Why the answer is not all that it could be; None where it is.
        model: Which gave it, where one did.
        version: Its version.
        engine: Its engine.
    """

    items: Ids
    created: float
    findings: Findings
    scores: list[float] | None = None
    reason: str | None = None
    model: str | None = None
    version: int | None = None
    engine: str | None = None


Answer = RungResult | NoAnswer[PreparedRequest]
"""What a rung returns."""


def recommendation(request: PreparedRequest, found: LadderAnswer[RungResult]) -> Recommendation:
    """Returns the answer to a request that a rung has answered."""
    result, findings = found.value, found.value.findings
    numbers, items = result.items.tolist(), request.catalog.numbers.ids(result.items)
    scores = [None] * len(items) if result.scores is None else result.scores
    titles, fetched = request.catalog.titles(result.items), findings.user.titles
    return Recommendation(
        request.request.request_id,
        request.request.user_id,
        tuple(
            ScoredItem(Item(item, fetched.get(number, title)), score)
            for item, number, title, score in zip(items, numbers, titles, scores, strict=True)
        ),
        Source(found.source),
        found.reason or result.reason,
        result.model,
        result.version,
        result.engine,
        max(0.0, request.now_s - result.created),
        findings.unknown_items,
        findings.seen_items,
        findings.unscored_items,
        findings.seen_share,
        replace(findings.timings, total_ms=ms_since(request.started)),
        request.deadline.remaining() * 1000,
    )


def without_snapshot(request: Request, deadline: Deadline, started: float) -> Recommendation:
    """Returns the empty answer where there is no feature version to answer with."""
    return Recommendation(
        request.request_id,
        request.user_id,
        (),
        Source.POPULAR,
        NO_SNAPSHOT,
        timings=Timings(total_ms=ms_since(started)),
        deadline_left_ms=deadline.remaining() * 1000,
    )
