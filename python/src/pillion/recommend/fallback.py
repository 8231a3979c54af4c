"""The fallback: the rungs that answer from memory."""

import numpy as np

from pillion.features import keys
from pillion.features.popularity import popular_items, without
from pillion.recommend.answer import Answer, RungResult
from pillion.recommend.mode import items_ahead
from pillion.recommend.request import NO_ITEMS, PreparedRequest
from pillion.resilience import MemoryRung, NoAnswer
from pillion.types import Source

NO_BATCH_ANSWER = "no_batch_answer"
NO_SEGMENT = "no_segment"
NOTHING_POPULAR = "nothing_popular"


def batch_answer(request: PreparedRequest) -> Answer:
    """This user's top items, computed ahead; they came with the user's features."""
    batch, items = request.catalog.batch, items_ahead(request)
    if batch is None or not len(items):
        return NoAnswer(NO_BATCH_ANSWER)
    return RungResult(items[: request.k], batch.created, request.findings, model=batch.model, version=batch.version)


def popular_in_segment(request: PreparedRequest) -> Answer:
    """What is popular in the request's segment."""
    if request.segment is None:
        return NoAnswer(NO_SEGMENT)
    popularity = request.catalog.popularity[request.segment]
    items = popular_items(popularity, request.candidates, request.findings.user.seen, request.k)
    return RungResult(items, request.catalog.created, request.findings) if len(items) else NoAnswer(NO_SEGMENT)


def popular(request: PreparedRequest) -> Answer:
    """What is popular with everybody; of given candidates, all that are known."""
    catalog, seen, given = request.catalog, request.findings.user.seen, request.candidates
    items = popular_items(catalog.popularity[keys.GLOBAL], given, seen, request.k)
    if given is not None and request.held is not None:
        known = given[request.held]
        items = np.concatenate([items, without(without(known, seen), items)])[: request.k]
    return RungResult(items, catalog.created, request.findings) if len(items) else NoAnswer(NOTHING_POPULAR)


def no_items(request: PreparedRequest) -> RungResult:
    """No items, where nothing has any: the answer is empty then, and no error."""
    return RungResult(NO_ITEMS, request.catalog.created, request.findings)


def has_answer(request: PreparedRequest) -> bool:
    """Returns whether what is popular would answer a request: the check of a fallback that is not needed now."""
    return not (isinstance(popular_in_segment(request), NoAnswer) and isinstance(popular(request), NoAnswer))


RUNGS: tuple[MemoryRung[PreparedRequest, RungResult], ...] = (
    MemoryRung(Source.BATCH, batch_answer),
    MemoryRung(Source.SEGMENT, popular_in_segment),
    MemoryRung(Source.POPULAR, popular),
    MemoryRung(Source.POPULAR, no_items),
)
