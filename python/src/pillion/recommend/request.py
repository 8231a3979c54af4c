"""The prepared request: checked, with its model, its feature version and its online features."""

import time
from dataclasses import dataclass, replace

import numpy as np

from pillion.config import RecommendSettings
from pillion.errors import InvalidInput
from pillion.features import Catalog, UserSide, append_online
from pillion.features.catalog import Ids
from pillion.features.popularity import segment_of
from pillion.recommend.models import Models, ServedModel
from pillion.resilience import Deadline
from pillion.types import OnlineFeatures, Request, Timings

NO_ITEMS: Ids = np.zeros(0, dtype=np.int64)
NOBODY = UserSide(None, NO_ITEMS, None, {}, {})
"""What is known of a user of whom the store said nothing."""
_NO_TIME = Timings()
_LARGEST_USER = (1 << 63) - 1
_LARGEST_ITEM = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Findings:
    """What the online step learned, whether or not it had an answer.

    Attributes:
        user: What the store knows of the user; NOBODY where it was not reached.
        unknown_items: Candidates that the store does not know.
        seen_items: How many candidates the user has seen.
        unscored_items: How many candidates got no score.
        timings: Where the time went.
    """

    user: UserSide = NOBODY
    unknown_items: tuple[int, ...] = ()
    seen_items: int = 0
    unscored_items: int = 0
    timings: Timings = _NO_TIME


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """A request that passed the checks, as every rung gets it.

    Attributes:
        request: As it came.
        k: How many items are wanted.
        model: The model to ask.
        catalog: The feature version to answer with.
        online: The request's own features.
        segment: The most telling segment of the request that has a popularity list; None where none has.
        candidates: As given, without doubles, int64, shape (n,); None where none were given.
        deadline: Its time.
        started: When it came, in seconds of `time.perf_counter`.
        now_s: The same in seconds since 1970 UTC.
        findings: What the rungs above learned.
    """

    request: Request
    k: int
    model: ServedModel
    catalog: Catalog
    online: OnlineFeatures
    segment: str | None
    candidates: Ids | None
    deadline: Deadline
    started: float
    now_s: float
    findings: Findings = Findings()

    def having(self, findings: Findings) -> "PreparedRequest":
        """Returns the same request for the rungs below one that learned something."""
        return replace(self, findings=findings)


def prepare(
    request: Request,
    settings: RecommendSettings,
    models: Models,
    catalog: Catalog | None,
    deadline: Deadline,
    started: float,
    now_s: float,
) -> PreparedRequest | None:
    """Checks a request; returns None where there is no feature version to answer it with.

    Raises:
        InvalidInput: A field of the request is not as it must be; names it.
    """
    if not _is_whole(request.user_id, 0, _LARGEST_USER):
        raise InvalidInput("the field 'user_id' must be a whole number of at least 0", "user_id")
    k = settings.k if request.k is None else request.k
    if not _is_whole(k, 1, settings.max_k):
        raise InvalidInput(f"the field 'k' must be a whole number from 1 to {settings.max_k}, not {k!r}", "k")
    candidates = _candidates(request, settings.max_candidates)
    online = append_online(request.context, now_s)
    model = models.get(request.model)
    if catalog is None:
        return None
    segment = segment_of(catalog, online, settings.segment_fields)
    return PreparedRequest(request, k, model, catalog, online, segment, candidates, deadline, started, now_s)


def ms_since(started: float) -> float:
    """Returns the milliseconds since a reading of `time.perf_counter`."""
    return (time.perf_counter() - started) * 1000


def _candidates(request: Request, most: int) -> Ids | None:
    if request.candidates is None:
        return None
    if len(request.candidates) > most:
        raise InvalidInput(
            f"the field 'candidates' has {len(request.candidates)} items, but {most} are the most", "candidates"
        )
    for item in request.candidates:
        if not _is_whole(item, 0, _LARGEST_ITEM):
            raise InvalidInput(f"the field 'candidates' has {item!r}, which is no item id", "candidates")
    return np.array(list(dict.fromkeys(request.candidates)), dtype=np.int64)


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
