"""One request on its way down the ladder: what each rung does, and what was learned above it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from pillion.config import RecommendSettings
from pillion.errors import PillionError, SidecarRefused
from pillion.features import Catalog, Store, UserSide, assemble, read_user
from pillion.features import keys as store_keys
from pillion.features.catalog import Ids
from pillion.features.popularity import among, generate_candidates, popular_items, segment_of, without
from pillion.recommend.guards import reason_of
from pillion.recommend.lookout import Rehearsal
from pillion.recommend.models import Models, ServedModel
from pillion.resilience import Deadline, Guard, NoAnswer
from pillion.scoring import ClassRanking, Ranked, Scorer, ScoreRequest, Scores, rank, rank_classes
from pillion.types import Item, OnlineFeatures, Request, ScoredItem, Timings

UNKNOWN_USER = "unknown_user"
NO_CANDIDATES = "no_candidates"
NO_SCORES = "no_scores"
NO_BATCH_ANSWER = "no_batch_answer"
NO_SEGMENT = "no_segment"
NOTHING_POPULAR = "nothing_popular"
_NOTHING: Ids = np.zeros(0, dtype=np.int64)
_NOBODY = UserSide(None, _NOTHING, None, {}, {})


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What every request shares.

    Attributes:
        store: The online store.
        scorer: The sidecar.
        store_guard: Protects calls to the store.
        scorer_guard: Protects calls to the sidecar.
        models: The models.
        rehearsal: Keeps the last request to the sidecar.
        settings: Limits.
    """

    store: Store
    scorer: Scorer
    store_guard: Guard
    scorer_guard: Guard
    models: Models
    rehearsal: Rehearsal
    settings: RecommendSettings


@dataclass(frozen=True, slots=True)
class Draft:
    """What a rung has found.

    Attributes:
        items: Best first, int64, shape (n,).
        scores: Of each; None where the rung has none.
        reason: Why the answer is not all that it could be; None where it is.
        model: Which gave it, where one did.
        version: Its version.
        engine: Its engine.
        created: When what it rests on was published, in seconds since 1970 UTC.
    """

    items: Ids
    created: float
    scores: list[float] | None = None
    reason: str | None = None
    model: str | None = None
    version: int | None = None
    engine: str | None = None


@dataclass(slots=True)
class Attempt:
    """A request with what is known of it so far.

    Attributes:
        needs: Store, sidecar, guards, models.
        request: Checked already.
        k: How many items are wanted.
        model: The model to ask.
        catalog: The feature version of this request.
        online: The request's own features.
        candidates: As given, without doubles; None where none were given.
        side: The user's side, once it was fetched.
        timings: Where the time went, so far.
        unknown_items: Candidates that the store does not know.
        seen_items: How many candidates the user has seen.
        unscored_items: How many candidates got no score.
    """

    needs: Dependencies
    request: Request
    k: int
    model: ServedModel
    catalog: Catalog
    online: OnlineFeatures
    candidates: Ids | None
    side: UserSide | None = None
    timings: Timings = field(default_factory=Timings)
    unknown_items: tuple[int, ...] = ()
    seen_items: int = 0
    unscored_items: int = 0
    _now: Callable[[], float] = time.perf_counter

    async def ask_model(self, deadline: Deadline) -> Draft | NoAnswer:
        """The first rung: the model, asked for this request."""
        started = self._now()
        bound = self.needs.models.bind(self.model, self.catalog)
        reason: str | None = None
        try:
            self.side = side = await self._fetch(deadline)
        except PillionError as error:
            reason = reason_of(self.needs.store_guard.name, error)
            if not (self.needs.settings.ask_without_store and bound.has_user_defaults):
                return NoAnswer(reason)
            side = _NOBODY
        finally:
            self.timings = replace(self.timings, fetch_ms=self._since(started))
        if side.features is None and not bound.takes_unknown_users:
            return NoAnswer(reason or UNKNOWN_USER)
        if side.features is None and reason is None:
            reason = UNKNOWN_USER
        started = self._now()
        candidates = self._choose(side)
        if not len(candidates) and not (self.model.single_row and self.candidates is None):
            return Draft(_NOTHING, self.catalog.created, reason=NO_CANDIDATES)
        rows = np.zeros(1, dtype=np.int64) if self.model.single_row else candidates
        columns = assemble(bound, self.catalog, side.features, self.online, rows, side.items)
        request = ScoreRequest(
            self.model.name,
            bound.types,
            columns,
            len(rows),
            self.model.outputs,
            self.request.request_id,
            self.request.trace,
        )
        self.needs.rehearsal.request = request
        self.timings = replace(self.timings, assemble_ms=self._since(started))
        started = self._now()
        try:
            scores = await self.needs.scorer_guard.call(
                lambda timeout_s: self.needs.scorer.score(request, timeout_s), deadline
            )
        except PillionError as error:
            if isinstance(error, SidecarRefused):
                self.needs.models.note_version(self.model.name, None)
            return NoAnswer(reason_of(self.needs.scorer_guard.name, error))
        finally:
            self.timings = replace(self.timings, score_ms=self._since(started))
        return self._rank(scores, candidates, side, reason)

    def _rank(self, scores: Scores, candidates: Ids, side: UserSide, reason: str | None) -> Draft | NoAnswer:
        started = self._now()
        ranking = self.model.ranking
        ranked: Ranked
        if isinstance(ranking, ClassRanking):
            allowed = None if self.candidates is None else candidates
            ranked = rank_classes(ranking, scores.columns, allowed, side.seen, self.k)
        else:
            ranked = rank(candidates, scores.columns[ranking.output], self.k)
        self.unscored_items = ranked.unscored
        version = self.model.version if scores.model_version is None else scores.model_version
        self.needs.models.note_version(self.model.name, version)
        self.timings = replace(self.timings, rank_ms=self._since(started))
        if not len(ranked.items):
            return NoAnswer(reason or (NO_SCORES if ranked.unscored else NO_CANDIDATES))
        return Draft(
            ranked.items,
            self.catalog.created,
            ranked.scores.tolist(),
            reason,
            self.model.name,
            version,
            scores.engine,
        )

    def take_batch_answer(self) -> Draft | NoAnswer:
        """The second rung: this user's top items, computed ahead; they came with the user's features."""
        batch = self.catalog.batch
        if self.side is None or self.side.batch is None or batch is None:
            return NoAnswer(NO_BATCH_ANSWER)
        items = without(self.side.batch, self.side.seen)
        if self.candidates is not None:
            items = items[among(items, self.candidates)]
        if not len(items):
            return NoAnswer(NO_BATCH_ANSWER)
        return Draft(items[: self.k], batch.created, None, None, batch.model, batch.version)

    def take_segment(self) -> Draft | NoAnswer:
        """The third rung: what is popular in the request's segment."""
        segment = self.segment()
        return NoAnswer(NO_SEGMENT) if segment is None else self._popular(segment, NO_SEGMENT)

    def take_popular(self) -> Draft | NoAnswer:
        """The last rung: what is popular with everybody; of given candidates, all that are known."""
        return self._popular(store_keys.GLOBAL, NOTHING_POPULAR)

    def segment(self) -> str | None:
        """Returns the most telling segment of the request that has a popularity list."""
        return segment_of(self.catalog, self.online, self.needs.settings.segment_fields)

    def with_titles(self, draft: Draft) -> tuple[ScoredItem, ...]:
        """Returns a rung's items as they are answered."""
        fetched = {} if self.side is None else self.side.titles
        items = draft.items.tolist()
        scores = [None] * len(items) if draft.scores is None else draft.scores
        return tuple(
            ScoredItem(Item(item, fetched.get(item, title)), score)
            for item, title, score in zip(items, self.catalog.titles(draft.items), scores, strict=True)
        )

    def _popular(self, segment: str, otherwise: str) -> Draft | NoAnswer:
        seen = _NOTHING if self.side is None else self.side.seen
        items = popular_items(self.catalog.popularity[segment], self.candidates, seen, self.k)
        if self.candidates is not None and segment == store_keys.GLOBAL:
            known = self.candidates[self.catalog.table.places(self.candidates) >= 0]
            items = np.concatenate([items, without(without(known, seen), items)])[: self.k]
        return Draft(items, self.catalog.created) if len(items) else NoAnswer(otherwise)

    async def _fetch(self, deadline: Deadline) -> UserSide:
        absent: list[int] = []
        if self.candidates is not None:
            absent = self.candidates[self.catalog.table.places(self.candidates) < 0].tolist()
        return await self.needs.store_guard.call(
            lambda timeout_s: read_user(self.needs.store, self.catalog, self.request.user_id, absent, timeout_s),
            deadline,
        )

    def _choose(self, side: UserSide) -> Ids:
        """The unseen candidates that have features; notes what was left out."""
        if self.candidates is None:
            return generate_candidates(self.catalog, self.segment(), side.seen, self.needs.settings.candidate_count)
        known = self.catalog.table.places(self.candidates) >= 0
        if side.items:
            known |= among(self.candidates, np.array(list(side.items), dtype=np.int64))
        self.unknown_items = tuple(self.candidates[~known].tolist())
        unseen = without(self.candidates[known], side.seen)
        self.seen_items = int(known.sum()) - len(unseen)
        return unseen

    def _since(self, started: float) -> float:
        return (self._now() - started) * 1000
