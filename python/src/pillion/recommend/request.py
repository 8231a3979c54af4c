"""The prepared request: checked, with its model, its feature version and its online features."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pillion.config import RecommendSettings
from pillion.errors import InvalidInput
from pillion.features import Catalog, OnlineInputs, UserSide
from pillion.features.ids import Ids, check_id, check_ids
from pillion.features.popularity import segment_of
from pillion.recommend.models import Models, ServedModel
from pillion.resilience import Deadline
from pillion.types import Id, IdType, Request, Timings, Value

NO_ITEMS: Ids = np.zeros(0, dtype=np.int64)
NOBODY = UserSide(None, NO_ITEMS, None, {}, {})
"""What is known of a user of whom the store said nothing."""
_NO_TIME = Timings()


@dataclass(frozen=True, slots=True)
class RequestForm:
    """How a request must be.

    Attributes:
        user_ids: Of which kind the users' ids are.
        item_ids: Of which kind the items' ids are.
        online: The request's own fields.
    """

    user_ids: IdType
    item_ids: IdType
    online: OnlineInputs


@dataclass(frozen=True, slots=True)
class Findings:
    """What the online step learned, whether or not it had an answer.

    Attributes:
        user: What the store knows of the user; NOBODY where it was not reached.
        unknown_items: Candidates that the store does not know.
        seen_items: How many candidates the user has seen.
        unscored_items: How many candidates got no score.
        seen_share: The share of all items that a first phase looked at; None where there was none.
        timings: Where the time went.
    """

    user: UserSide = NOBODY
    unknown_items: tuple[Id, ...] = ()
    seen_items: int = 0
    unscored_items: int = 0
    seen_share: float | None = None
    timings: Timings = _NO_TIME


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """A request that passed the checks, as every rung gets it.

    Attributes:
        request: As it came.
        k: How many items are wanted.
        model: The model to ask.
        catalog: The feature version to answer with.
        online: The request's own values.
        segment: The most telling segment of the request that has a popularity list; None where none has.
        candidates: Numbers of those given that the feature version can name, without doubles, int64, shape (n,); None
            where none were given.
        nameless: Those given that it can't name.
        held: Which of the candidates its table of items has, bool, shape (n,); None where none were given.
        deadline: Its time.
        started: When it came, in seconds of `time.perf_counter`.
        now_s: The same in seconds since 1970 UTC.
        findings: What the rungs above learned.
    """

    request: Request
    k: int
    model: ServedModel
    catalog: Catalog
    online: Mapping[str, Value]
    segment: str | None
    candidates: Ids | None
    nameless: tuple[Id, ...]
    held: npt.NDArray[np.bool_] | None
    deadline: Deadline
    started: float
    now_s: float
    findings: Findings = Findings()

    def having(self, findings: Findings) -> "PreparedRequest":
        """Returns the same request for the rungs below one that learned something."""
        return replace(self, findings=findings)


def prepare(
    request: Request,
    form: RequestForm,
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
    check_id(request.user_id, form.user_ids, "user_id")
    k = settings.k if request.k is None else request.k
    if not _is_whole(k, 1, settings.max_k):
        raise InvalidInput(f"the field 'k' must be a whole number from 1 to {settings.max_k}, not {k!r}", "k")
    given = _candidates(request, form.item_ids, settings.max_candidates)
    online = form.online.read(request.context, now_s)
    model = models.get(request.model)
    if catalog is None:
        return None
    segment = segment_of(catalog, online, settings.segment_fields)
    candidates, nameless = _numbers(given, catalog)
    held = None if candidates is None else catalog.table.indices(candidates) >= 0
    return PreparedRequest(
        request, k, model, catalog, online, segment, candidates, nameless, held, deadline, started, now_s
    )


def ms_since(started: float) -> float:
    """Returns the milliseconds since a reading of `time.perf_counter`."""
    return (time.perf_counter() - started) * 1000


def _candidates(request: Request, kind: IdType, most: int) -> list[Id] | None:
    if request.candidates is None:
        return None
    if len(request.candidates) > most:
        raise InvalidInput(
            f"the field 'candidates' has {len(request.candidates)} items, but {most} are the most", "candidates"
        )
    check_ids(request.candidates, kind, "candidates")
    return list(dict.fromkeys(request.candidates))


def _numbers(given: list[Id] | None, catalog: Catalog) -> tuple[Ids | None, tuple[Id, ...]]:
    if given is None:
        return None, ()
    found = catalog.numbers.find(given)
    return found[found >= 0], tuple(given[at] for at in np.flatnonzero(found < 0).tolist())


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
