"""The recommender: checks a request, walks it down the ladder, and keeps snapshot and models fresh."""

import asyncio
import logging
import random as _random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np

from pillion.config import RecommendSettings, SidecarSettings, StoreSettings
from pillion.errors import InvalidInput, PillionError
from pillion.features import SnapshotKeeper, Store, append_online
from pillion.features.catalog import Ids
from pillion.recommend.asked import Asked
from pillion.recommend.attempt import Attempt, Dependencies, Draft
from pillion.recommend.guards import BUSY, guard_dependency
from pillion.recommend.lookout import Lookout, Rehearsal
from pillion.recommend.models import Models
from pillion.resilience import (
    AdmissionLimit,
    AdmissionSettings,
    Breaker,
    BreakerSnapshot,
    Clock,
    Deadline,
    Ladder,
    LadderExhausted,
    Listener,
    MemoryRung,
    NoAnswer,
    RetryBudget,
    Rung,
    SystemClock,
)
from pillion.scoring import ModelRepository, Scorer
from pillion.types import Recommendation, Request, Source

_log = logging.getLogger("pillion.recommend")
NO_SNAPSHOT = "no_snapshot"
_LARGEST_USER = (1 << 63) - 1
_LARGEST_ITEM = (1 << 32) - 1
_PING_S = 0.5


@dataclass(frozen=True, slots=True)
class Status:
    """How the data plane is.

    Attributes:
        snapshot_version: The feature version in use; None where there is none.
        snapshot_age_s: Seconds since it was published.
        snapshot_problem: Why the last look for another one failed; None where it did not.
        models: Versions in use, by model.
        breakers: One per dependency.
        in_flight: Calls under way, by dependency.
        busy: Calls refused because too many were under way, by dependency.
        knocks: Calls of the lookout, by dependency.
        retry_tokens: Retries that could be made now.
        retries: Retries made.
        admission: Requests that may ask store and sidecar at once, those that do, and those refused so far.
        exercises: How often the fallback was computed beside an online answer, to know that it works.
        failed_exercises: How often it had no answer then.
    """

    snapshot_version: int | None
    snapshot_age_s: float | None
    snapshot_problem: str | None
    models: dict[str, int]
    breakers: tuple[BreakerSnapshot, ...]
    in_flight: dict[str, int]
    busy: dict[str, int]
    knocks: dict[str, int]
    retry_tokens: float
    retries: int
    admission: tuple[int, int, int]
    exercises: int
    failed_exercises: int


class Recommender:
    """The data plane over a store and a scorer.

    Args:
        store: The online store; closed by `close`.
        scorer: The sidecar; closed by `close`.
        repository: The manifests of the models.
        settings: Limits of requests.
        store_settings: Times of the store's guard.
        sidecar_settings: Times of the sidecar's guard.
        clock: Seconds for deadlines and breakers.
        now: Seconds since 1970 UTC.
        random: A source of numbers in [0, 1), which picks the requests that exercise the fallback.
        listeners: Told of each change of a breaker's state.
    """

    def __init__(
        self,
        store: Store,
        scorer: Scorer,
        repository: ModelRepository,
        settings: RecommendSettings | None = None,
        store_settings: StoreSettings | None = None,
        sidecar_settings: SidecarSettings | None = None,
        *,
        clock: Clock | None = None,
        now: Callable[[], float] = time.time,
        random: Callable[[], float] = _random.random,
        listeners: Iterable[Listener] = (),
    ) -> None:
        self.settings = settings or RecommendSettings()
        store_settings = store_settings or StoreSettings()
        sidecar_settings = sidecar_settings or SidecarSettings()
        self._budget = budget = RetryBudget()
        self._clock = clock or SystemClock()
        listeners = tuple(listeners)
        models = Models(repository, self.settings.model)
        rehearsal = Rehearsal(scorer)
        self._needs = Dependencies(
            store,
            scorer,
            guard_dependency("store", store_settings, budget, self._clock, listeners),
            guard_dependency("sidecar", sidecar_settings, budget, self._clock, listeners),
            models,
            rehearsal,
            self.settings,
        )
        self._keeper = SnapshotKeeper(store, models.check, self.settings.snapshot_path, store_settings.load_timeout_s)
        limits = AdmissionSettings(
            min(self.settings.admission_least, self.settings.admission_most),
            self.settings.admission_most,
            self.settings.admission_target_ms / 1000,
        )
        self._admission = AdmissionLimit(limits, self._clock)
        self._now = now
        self._random = random
        watched = (
            (self._needs.store_guard, store.ping, store_settings.slow_ms),
            (self._needs.scorer_guard, rehearsal, sidecar_settings.slow_ms),
        )
        self._lookouts = [
            Lookout(guard.breaker, knock, slow_ms / 1000, self._clock) for guard, knock, slow_ms in watched
        ]
        self._background: list[asyncio.Task[None]] = []
        self._exercises = self._failed_exercises = 0

    async def start(self) -> None:
        """Reads the models and a first snapshot, and keeps them fresh from now on.

        A store or a sidecar that does not answer is no error: the snapshot is then read from its file, or
        comes later.

        Raises:
            ConfigurationError: The repository lacks the model, or the store lacks what a model wants.
            InvalidModel: The model's manifest is bad.
        """
        self._needs.models.load()
        await self._keeper.start(_PING_S)
        self._background.append(asyncio.create_task(self._refresh_forever(), name="refresh"))
        self._background += [asyncio.create_task(lookout.watch(), name="lookout") for lookout in self._lookouts]

    async def close(self) -> None:
        """Ends what goes on in the background and gives the connections back."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        self._background.clear()
        await self._needs.scorer.close()
        await self._needs.store.close()

    @property
    def ready(self) -> bool:
        """Whether every request can be answered with items: there is a snapshot."""
        return self._keeper.catalog is not None

    async def refresh(self) -> None:
        """Looks for another feature version and another version of the models."""
        await self._keeper.refresh()
        await asyncio.to_thread(self._needs.models.refresh, self._keeper.catalog)

    async def ping(self) -> dict[str, str | None]:
        """Returns, per dependency, why it does not answer; None where it does."""

        async def problem(dependency: Store | Scorer) -> str | None:
            try:
                await dependency.ping(_PING_S)
            except (PillionError, TimeoutError) as error:
                return str(error) or "no answer in time"
            return None

        store, sidecar = await asyncio.gather(problem(self._needs.store), problem(self._needs.scorer))
        return {"store": store, "sidecar": sidecar}

    def status(self) -> Status:
        """Returns how the data plane is."""
        catalog = self._keeper.catalog
        guards = (self._needs.store_guard, self._needs.scorer_guard)
        return Status(
            None if catalog is None else catalog.version,
            None if catalog is None else max(0.0, self._now() - catalog.created),
            self._keeper.problem,
            self._needs.models.versions,
            tuple(guard.breaker.snapshot() for guard in guards),
            {guard.name: guard.bulkhead.in_flight for guard in guards},
            {guard.name: guard.bulkhead.refused for guard in guards},
            {guard.name: lookout.knocks for guard, lookout in zip(guards, self._lookouts, strict=True)},
            self._budget.tokens,
            self._budget.withdrawn,
            (self._admission.limit, self._admission.in_flight, self._admission.refused),
            self._exercises,
            self._failed_exercises,
        )

    @property
    def breakers(self) -> dict[str, Breaker]:
        """The breakers by dependency, for operators."""
        return {guard.name: guard.breaker for guard in (self._needs.store_guard, self._needs.scorer_guard)}

    async def recommend(self, request: Request) -> Recommendation:
        """Answers a request, in time, from the best rung that can.

        Args:
            request: What is wanted.

        Raises:
            InvalidInput: A field of the request is not as it must be; names it.
        """
        asked = self._begin(request)
        if asked.attempt is None:
            return asked.nothing(NO_SNAPSHOT)
        try:
            found = await self._ladder(asked.attempt).answer(asked.deadline)
        except LadderExhausted as error:
            return asked.nothing(error.reasons[0])
        if found.source == Source.ONLINE and self._random() < self.settings.exercise_share:
            self._exercise(asked.attempt)
        return asked.found(found, asked.attempt.with_titles(found.value))

    def _begin(self, request: Request) -> Asked:
        started = time.perf_counter()
        limit_ms = self.settings.deadline_ms
        if request.deadline_ms is not None:
            limit_ms = min(limit_ms, request.deadline_ms)
        deadline = Deadline.after(limit_ms / 1000, self._clock, self.settings.reserve_ms / 1000)
        k = self._check(request)
        candidates = self._candidates(request)
        now_s = self._now()
        online = append_online(request.context, now_s)
        model = self._needs.models.get(request.model)
        catalog = self._keeper.catalog
        attempt = None if catalog is None else Attempt(self._needs, request, k, model, catalog, online, candidates)
        return Asked(request, started, now_s, deadline, attempt)

    def _ladder(self, attempt: Attempt) -> Ladder[Draft]:
        return Ladder(
            [Rung(Source.ONLINE, partial(self._ask_model, attempt))],
            [
                MemoryRung(Source.BATCH, attempt.take_batch_answer),
                MemoryRung(Source.SEGMENT, attempt.take_segment),
                MemoryRung(Source.POPULAR, attempt.take_popular),
            ],
        )

    async def _ask_model(self, attempt: Attempt, deadline: Deadline) -> Draft | NoAnswer:
        with self._admission.slot() as slot:
            found = await attempt.ask_model(deadline)
            slot.crowded = isinstance(found, NoAnswer) and found.reason.endswith(BUSY)
            return found

    def _exercise(self, attempt: Attempt) -> None:
        """Computes the fallback of a healthy request, whose answer nobody sees, to know that it works."""
        self._exercises += 1
        if isinstance(attempt.take_segment(), NoAnswer) and isinstance(attempt.take_popular(), NoAnswer):
            self._failed_exercises += 1
            _log.warning("the fallback had no answer when it was exercised")

    def _check(self, request: Request) -> int:
        if not _is_whole(request.user_id, 0, _LARGEST_USER):
            raise InvalidInput("the field 'user_id' must be a whole number of at least 0", "user_id")
        k = self.settings.k if request.k is None else request.k
        if not _is_whole(k, 1, self.settings.max_k):
            raise InvalidInput(f"the field 'k' must be a whole number from 1 to {self.settings.max_k}, not {k!r}", "k")
        return k

    def _candidates(self, request: Request) -> Ids | None:
        if request.candidates is None:
            return None
        if len(request.candidates) > self.settings.max_candidates:
            raise InvalidInput(
                f"the field 'candidates' has {len(request.candidates)} items, "
                f"but {self.settings.max_candidates} are the most",
                "candidates",
            )
        for item in request.candidates:
            if not _is_whole(item, 0, _LARGEST_ITEM):
                raise InvalidInput(f"the field 'candidates' has {item!r}, which is no item id", "candidates")
        return np.array(list(dict.fromkeys(request.candidates)), dtype=np.int64)

    async def _refresh_forever(self) -> None:
        while True:
            await asyncio.sleep(self.settings.refresh_s)
            try:
                await self.refresh()
            except (PillionError, OSError, ValueError, LookupError, TypeError):
                # The next round may go well, and the snapshot in use goes on answering.
                _log.exception("the refreshing failed")


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
