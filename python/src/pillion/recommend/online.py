"""The online step: fetch the user, assemble the model's inputs, have them scored, rank."""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pillion.config import RecommendSettings
from pillion.errors import PillionError, SidecarRefused
from pillion.features import Store, UserSide, assemble, read_user
from pillion.features.ids import Ids
from pillion.features.popularity import among, generate_candidates, without
from pillion.recommend.answer import Answer, RungResult
from pillion.recommend.guards import reason_of
from pillion.recommend.mode import COMPUTED_AHEAD, comes_ahead
from pillion.recommend.models import BoundModel, Models
from pillion.recommend.observer import Observer, ScoredRequest, tell
from pillion.recommend.prober import ReplayProbe
from pillion.recommend.request import NO_ITEMS, NOBODY, Findings, PreparedRequest, ms_since
from pillion.resilience import Guard, NoAnswer
from pillion.scoring import ClassRanking, Ranked, Scorer, ScoreRequest, Scores, rank, rank_classes
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
            answer = await self._score(replace(request, online=online).having(Findings(user)), bound, None)
        except Exception:  # noqa: BLE001 - whatever went wrong, requests find it out by themselves
            return False
        return not isinstance(answer, NoAnswer) or answer.reason in (NO_SCORES, NO_CANDIDATES)

    async def _fetch(self, request: PreparedRequest) -> UserSide:
        catalog, user_id, absent = request.catalog, request.request.user_id, []
        if request.candidates is not None:
            absent = request.candidates[catalog.table.indices(request.candidates) < 0].tolist()
        return await self._store_guard.call(
            lambda timeout_s: read_user(self._store, catalog, user_id, absent, timeout_s), request.deadline
        )

    async def _score(self, request: PreparedRequest, bound: BoundModel, reason: str | None) -> Answer:
        started = time.perf_counter()
        candidates, findings = self._choose(request)
        if not len(candidates) and not (request.model.single_row and request.candidates is None):
            return RungResult(NO_ITEMS, request.catalog.created, findings, reason=NO_CANDIDATES)
        rows = self._replay.request = _assemble(request, bound, candidates)
        timings = replace(findings.timings, assemble_ms=ms_since(started))
        started = time.perf_counter()
        try:
            scores = await self._scorer_guard.call(
                lambda timeout_s: self._scorer.score(rows, timeout_s), request.deadline
            )
        except Exception as error:  # noqa: BLE001 - as above
            if isinstance(error, SidecarRefused):
                self._models.note_version(request.model.name, None)
            findings = replace(findings, timings=replace(timings, score_ms=ms_since(started)))
            return NoAnswer(reason_of(self._scorer_guard.name, error), request.having(findings))
        timings = replace(timings, score_ms=ms_since(started))
        started = time.perf_counter()
        ranked = _rank(request, bound, candidates, scores)
        version = request.model.version if scores.model_version is None else scores.model_version
        self._models.note_version(request.model.name, version)
        timings = replace(timings, rank_ms=ms_since(started))
        findings = replace(findings, unscored_items=ranked.unscored, timings=timings)
        if not len(ranked.items):
            self._tell_why(request.model.name, scores)
            return NoAnswer(reason or (NO_SCORES if ranked.unscored else NO_CANDIDATES), request.having(findings))
        result = RungResult(
            ranked.items,
            request.catalog.created,
            findings,
            ranked.scores.tolist(),
            reason,
            request.model.name,
            version,
            scores.engine,
        )
        tell(self._observers, ScoredRequest(request, bound, candidates, rows, result))
        return result

    def _tell_why(self, model: str, scores: Scores) -> None:
        """Logs why nothing has a score, once for each field of a model: requests may lack it for ever."""
        error = next(iter(scores.row_errors), None)
        if error is not None and (model, error.field) not in self._told:
            self._told.add((model, error.field))
            _log.warning(
                "the model '%s' gave no candidate a score, by the first one's field '%s': %s; a 'default' in the"
                " project file stands in where a value is missing",
                model,
                error.field,
                error.message,
            )

    def _choose(self, request: PreparedRequest) -> tuple[Ids, Findings]:
        """The unseen candidates that have features, and what was left out."""
        given, findings, user = request.candidates, request.findings, request.findings.user
        if given is None:
            count = self._settings.candidate_count
            return generate_candidates(request.catalog, request.segment, user.seen, count), findings
        known = request.catalog.table.indices(given) >= 0
        if user.items:
            known |= among(given, np.array(list(user.items), dtype=np.int64))
        unseen = without(given[known], user.seen)
        seen_items = int(known.sum()) - len(unseen)
        unknown = (*request.catalog.numbers.ids(given[~known]), *request.nameless)
        return unseen, replace(findings, unknown_items=unknown, seen_items=seen_items)


def _assemble(request: PreparedRequest, bound: BoundModel, candidates: Ids) -> ScoreRequest:
    """One row per candidate, or a single one for a model that scores the context alone."""
    user = request.findings.user
    rows = np.zeros(1, dtype=np.int64) if request.model.single_row else candidates
    columns = assemble(bound.contract, request.catalog, user.features, request.online, rows, user.items)
    return ScoreRequest(
        request.model.name,
        bound.contract.types,
        columns,
        len(rows),
        request.model.outputs,
        request.request.request_id,
        request.request.trace,
    )


def _rank(request: PreparedRequest, bound: BoundModel, candidates: Ids, scores: Scores) -> Ranked:
    ranking = request.model.ranking
    if isinstance(ranking, ClassRanking):
        allowed = None if request.candidates is None else candidates
        return rank_classes(bound.classes, scores.columns, allowed, request.findings.user.seen, request.k)
    return rank(candidates, scores.columns[ranking.output], request.k)
