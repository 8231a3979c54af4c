"""The online step: fetch the user, have the sidecar rank items for the user and the request."""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pillion.config import RecommendSettings
from pillion.errors import PillionError, SidecarLacksItems, SidecarRefused
from pillion.features import Store, UserSide, keys, read_user
from pillion.features.ids import Ids
from pillion.features.popularity import among, without
from pillion.recommend.answer import Answer, RungResult
from pillion.recommend.guards import reason_of
from pillion.recommend.mode import COMPUTED_AHEAD, comes_ahead
from pillion.recommend.models import BoundModel, Models
from pillion.recommend.observer import Observer, ScoredRequest, tell
from pillion.recommend.prober import ReplayProbe
from pillion.recommend.request import NO_ITEMS, NOBODY, Findings, PreparedRequest, ms_since
from pillion.resilience import Guard, NoAnswer
from pillion.scoring import RankedItems, RankRequest, Scorer
from pillion.types import Timings

UNKNOWN_USER = "unknown_user"
NO_CANDIDATES = "no_candidates"
NO_SCORES = "no_scores"
_log = logging.getLogger(__name__)


class OnlineScoring:
    """The first rung: the model, asked for one request. Each step hands a value to the next.

    Args:
        store: The online store.
        scorer: The sidecar.
        store_guard: Protects calls to the store.
        scorer_guard: Protects calls to the sidecar.
        models: The models.
        replay: Keeps the last request to the sidecar.
        settings: Limits.
        observers: Are told of each request that the model has answered.
    """

    def __init__(
        self,
        store: Store,
        scorer: Scorer,
        store_guard: Guard,
        scorer_guard: Guard,
        models: Models,
        replay: ReplayProbe,
        settings: RecommendSettings,
        observers: Sequence[Observer] = (),
    ) -> None:
        self._store = store
        self._scorer = scorer
        self._store_guard = store_guard
        self._scorer_guard = scorer_guard
        self._models = models
        self._replay = replay
        self._settings = settings
        self._observers = observers
        self._told: set[tuple[str, str]] = set()

    async def answer(self, request: PreparedRequest) -> Answer:
        """Asks store and sidecar; what was learned goes on to the rungs below where there is no answer."""
        started = time.perf_counter()
        bound = self._models.bind(request.model, request.catalog)
        user, reason = NOBODY, None
        try:
            user = await self._fetch(request)
        except PillionError as error:
            reason = reason_of(self._store_guard.name, error)
        request = request.having(Findings(user, timings=Timings(fetch_ms=ms_since(started))))
        if reason is not None and not (self._settings.ask_without_store and bound.contract.has_user_defaults):
            return NoAnswer(reason, request)
        if user.features is None:
            reason = reason or UNKNOWN_USER
            if not bound.contract.takes_unknown_users:
                return NoAnswer(reason, request)
        if reason is None and comes_ahead(self._models.serving(request.model.name), request, bound):
            return NoAnswer(COMPUTED_AHEAD, request)
        try:
            return await self._score(request, bound, reason)
        except Exception as error:  # noqa: BLE001 - the fallback is to know what was learned, whatever went wrong
            return NoAnswer(reason_of(self._scorer_guard.name, error), request)

    async def try_out(self, request: PreparedRequest) -> bool:
        """Goes the whole way for nobody, with values that the model takes, so that all of it is warm.

        Returns:
            Whether store and sidecar answered; that the model has no score for such values is an answer as well.
        """
        bound = self._models.bind(request.model, request.catalog)
        samples = bound.contract.samples
        user = UserSide({name: samples[name] for name in bound.contract.user}, NO_ITEMS, None, {}, {})
        online = {**request.online, **{name: samples[name] for name in bound.contract.online}}
        try:
            await self._fetch(request)
            answer = await self._score(
                replace(request, online=online).having(Findings(user)), bound, None, is_warmup=True
            )
        except Exception:  # noqa: BLE001 - whatever went wrong, requests find it out by themselves
            return False
        return not isinstance(answer, NoAnswer) or answer.reason in (NO_SCORES, NO_CANDIDATES)

    async def lacks_items(self, request: PreparedRequest) -> bool:
        """Asks the sidecar for nobody, and returns whether it says that it lacks the items of the feature version."""
        try:
            asked = self._asked(request, self._models.bind(request.model, request.catalog), None)
            await self._scorer_guard.call(lambda timeout_s: self._scorer.rank(asked, timeout_s), request.deadline)
        except SidecarLacksItems:
            return True
        except PillionError:
            return False
        return False

    async def _fetch(self, request: PreparedRequest) -> UserSide:
        catalog, user_id, absent = request.catalog, request.request.user_id, []
        if request.candidates is not None and request.held is not None:
            absent = request.candidates[~request.held].tolist()
        return await self._store_guard.call(
            lambda timeout_s: read_user(self._store, catalog, user_id, absent, timeout_s), request.deadline
        )

    async def _score(
        self, request: PreparedRequest, bound: BoundModel, reason: str | None, is_warmup: bool = False
    ) -> Answer:
        started = time.perf_counter()
        chosen, findings = _choose(request)
        if chosen is not None and not len(chosen):
            return RungResult(NO_ITEMS, request.catalog.created, findings, reason=NO_CANDIDATES)
        asked = self._replay.request = self._asked(request, bound, chosen)
        fetch_ms, assemble_ms = findings.timings.fetch_ms, ms_since(started)
        started = time.perf_counter()
        try:
            ranked = await self._scorer_guard.call(
                lambda timeout_s: self._scorer.rank(asked, timeout_s), request.deadline
            )
        except Exception as error:  # noqa: BLE001 - as above
            if isinstance(error, SidecarRefused) and not isinstance(error, SidecarLacksItems):
                self._models.note_version(request.model.name, None)
            findings = replace(findings, timings=Timings(fetch_ms, assemble_ms, ms_since(started)))
            return NoAnswer(reason_of(self._scorer_guard.name, error), request.having(findings))
        score_ms = ms_since(started)
        started = time.perf_counter()
        items = request.catalog.numbers.find(ranked.items)
        version = request.model.version if ranked.model_version is None else ranked.model_version
        self._models.note_version(request.model.name, version)
        timings = Timings(fetch_ms, assemble_ms, score_ms, ms_since(started))
        findings = replace(findings, unscored_items=ranked.unscored, seen_share=ranked.seen_share, timings=timings)
        if not ranked.candidates and not request.model.single_row:
            return RungResult(NO_ITEMS, request.catalog.created, findings, reason=NO_CANDIDATES)
        if not len(items):
            if not is_warmup:
                self._tell_why(request.model.name, ranked)
            return NoAnswer(reason or (NO_SCORES if ranked.unscored else NO_CANDIDATES), request.having(findings))
        result = RungResult(
            items,
            request.catalog.created,
            findings,
            list(ranked.scores),
            reason,
            request.model.name,
            version,
            ranked.engine,
        )
        tell(self._observers, ScoredRequest(request, bound, chosen, asked, result))
        return result

    def _tell_why(self, model: str, ranked: RankedItems) -> None:
        """Logs why nothing has a score, once for each field of a model: requests may lack it for ever."""
        error = next(iter(ranked.row_errors), None)
        if error is not None and (model, error.field) not in self._told:
            self._told.add((model, error.field))
            _log.warning(
                "the model '%s' gave no candidate a score, by the first one's field '%s': %s; a 'default' in the"
                " project file stands in where a value is missing",
                model,
                error.field,
                error.message,
            )

    def _asked(self, request: PreparedRequest, bound: BoundModel, chosen: Ids | None) -> RankRequest:
        """The context, and which items are to be ranked: those chosen, or the unseen ones of a list."""
        catalog, user, contract = request.catalog, request.findings.user, bound.contract
        single_row = request.model.single_row
        known, described = chosen, {}
        if chosen is not None and user.items and not single_row:
            outside = among(chosen, np.fromiter(user.items, dtype=np.int64, count=len(user.items)))
            known = chosen[~outside]
            numbers = chosen[outside]
            ids = catalog.numbers.ids(numbers)
            described = {item: user.items[number] for item, number in zip(ids, numbers.tolist(), strict=True)}
        segment = keys.GLOBAL if request.segment is None else request.segment
        listed = chosen is None and not single_row
        phase = self._models.serving(request.model.name).first_phase if listed else None
        return RankRequest(
            request.model.name,
            contract.types,
            contract.context(user.features, request.online),
            request.k,
            None if known is None else catalog.numbers.ids(known),
            segment if listed else None,
            self._settings.candidate_count if listed else 0,
            catalog.numbers.ids(user.seen) if chosen is None else (),
            single_row,
            described,
            contract.item_defaults,
            0 if single_row else catalog.version,
            None if phase is None else (phase.user, phase.item),
            request.request.request_id,
            request.request.trace,
        )


def _choose(request: PreparedRequest) -> tuple[Ids | None, Findings]:
    """The unseen ones of the candidates given that have features, None where none are given, and what was left out."""
    given, known, findings, user = request.candidates, request.held, request.findings, request.findings.user
    if given is None or known is None:
        return None, findings
    if user.items:
        known = known | among(given, np.array(list(user.items), dtype=np.int64))
    unseen = without(given[known], user.seen)
    seen_items = int(known.sum()) - len(unseen)
    unknown = (*request.catalog.numbers.ids(given[~known]), *request.nameless)
    return unseen, replace(findings, unknown_items=unknown, seen_items=seen_items)
