"""The recommender: answers requests by the ladder, and keeps snapshot, models and connections alive."""

import asyncio
import logging
import random as _random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pillion.config import RecommendSettings, SidecarSettings, StoreSettings
from pillion.errors import PillionError
from pillion.features import BatchMeta, Catalog, OnlineInputs, SnapshotKeeper, Store
from pillion.project import Project
from pillion.recommend.answer import Answer, recommendation, without_snapshot
from pillion.recommend.fallback import RUNGS, has_answer
from pillion.recommend.guards import BULKHEAD_FULL, classify, guard_dependency
from pillion.recommend.models import Models
from pillion.recommend.observer import Observer
from pillion.recommend.online import OnlineScoring
from pillion.recommend.prober import HealthProber, ReplayProbe
from pillion.recommend.request import PreparedRequest, RequestForm, prepare
from pillion.recommend.warmup import CALL_S, Warmup
from pillion.resilience import (
    AdmissionLimit,
    AdmissionSettings,
    Breaker,
    BreakerSnapshot,
    Clock,
    Deadline,
    DeadlineExceeded,
    Guard,
    GuardSettings,
    Ladder,
    Listener,
    LoopLag,
    NoAnswer,
    RetryBudget,
    RetrySettings,
    Rung,
    SystemClock,
)
from pillion.scoring import ModelRepository, Scorer
from pillion.types import Recommendation, Request, Source

_log = logging.getLogger("pillion.recommend")
_PING_S = 0.5


@dataclass(frozen=True, slots=True)
class Status:
    """How the data plane is.

    Attributes:
        snapshot_version: The feature version in use; None where there is none.
        snapshot_age_s: Seconds since it was published.
        snapshot_problem: Why the last look for another one failed; None where it did not.
        batch: Which run gave the answers computed ahead that are in use, by which model; None where there are none.
        batch_age_s: Seconds since it ended.
        models: Versions in use, by model.
        breakers: One per dependency.
        in_flight: Calls under way, by dependency.
        busy: Calls refused because too many were under way, by dependency.
        probes: Calls of the health probers, by dependency.
        retry_tokens: Retries that could be made now.
        retries: Retries made.
        admission: Requests that may ask store and sidecar at once, those that do, and those refused so far.
        fallback_checks: How often the fallback was computed beside an online answer, to know that it works.
        failed_fallback_checks: How often it had no answer then.
    """

    snapshot_version: int | None
    snapshot_age_s: float | None
    snapshot_problem: str | None
    batch: BatchMeta | None
    batch_age_s: float | None
    models: dict[str, int]
    breakers: tuple[BreakerSnapshot, ...]
    in_flight: dict[str, int]
    busy: dict[str, int]
    probes: dict[str, int]
    retry_tokens: float
    retries: int
    admission: tuple[int, int, int]
    fallback_checks: int
    failed_fallback_checks: int


class Recommender:
    """The data plane over a store and a scorer.

    Args:
        store: The online store; closed by `close`.
        scorer: The sidecar; closed by `close`.
        repository: The manifests of the models.
        settings: Limits of requests.
        store_settings: Times of the store's guard.
        sidecar_settings: Times of the sidecar's guard.
        project: What is served: the request's fields, the kinds of ids, where inputs come from.
        clock: Seconds for deadlines and breakers.
        now: Seconds since 1970 UTC.
        random: A source of numbers in [0, 1), which picks the requests that check the fallback.
        listeners: Told of each change of a breaker's state.
        observers: Told of each request that the model has answered; closed by `close`.
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
        project: Project | None = None,
        clock: Clock | None = None,
        now: Callable[[], float] = time.time,
        random: Callable[[], float] = _random.random,
        listeners: Iterable[Listener] = (),
        observers: Iterable[Observer] = (),
    ) -> None:
        self.project = project or Project()
        self.settings = (settings or RecommendSettings()).with_project(self.project)
        self.online = OnlineInputs(self.project.online)
        self.online.require(self.settings.segment_fields, "the segment")
        self._form = RequestForm(self.project.users.type, self.project.items.type, self.online)
        store_settings = store_settings or StoreSettings()
        sidecar_settings = sidecar_settings or SidecarSettings()
        self._clock = clock or SystemClock()
        self._now = now
        self._random = random
        self._store = store
        self._scorer = scorer
        self._budget = RetryBudget()
        listeners = tuple(listeners)
        self._guards = store_guard, scorer_guard = (
            guard_dependency("store", store_settings, self._budget, self._clock, listeners),
            guard_dependency("sidecar", sidecar_settings, self._budget, self._clock, listeners),
        )
        self._models = Models(repository, self.project, self.settings.model)
        replay = ReplayProbe(scorer)
        self.observers = tuple(observers)
        self._online = OnlineScoring(
            store, scorer, store_guard, scorer_guard, self._models, replay, self.settings, self.observers
        )
        patient = GuardSettings(timeout_s=CALL_S, retry=RetrySettings(attempts=1))
        warming = OnlineScoring(
            store,
            scorer,
            Guard("store", patient, classify=classify),
            Guard("sidecar", patient, classify=classify),
            self._models,
            replay,
            self.settings,
        )
        self._ladder = Ladder([Rung(Source.ONLINE, self._ask_model)], RUNGS)
        self._warmup = Warmup(warming, self._models, self._form, self.settings, lambda: self._keeper.catalog, self._now)
        self._keeper = SnapshotKeeper(
            store,
            self._models.check,
            self.settings.snapshot_path,
            store_settings.load_timeout_s,
            self._warmup.await_items,
        )
        limits = AdmissionSettings(
            min(self.settings.admission_least, self.settings.admission_most),
            self.settings.admission_most,
            self.settings.admission_target_ms / 1000,
            lag_s=self.settings.admission_lag_ms / 1000,
        )
        self._lag = LoopLag()
        self._admission = AdmissionLimit(limits, self._clock, self._lag.seconds)
        self._probers = (
            HealthProber(store_guard.breaker, store.ping, store_settings.slow_ms / 1000, self._clock),
            HealthProber(scorer_guard.breaker, replay, sidecar_settings.slow_ms / 1000, self._clock),
        )
        self._background: list[asyncio.Task[None]] = []
        self._fallback_checks = self._failed_fallback_checks = 0

    async def start(self) -> None:
        """Reads the models and a first snapshot, and keeps them fresh from now on.

        A store or a sidecar that does not answer is no error: the snapshot is then read from its file, or
        comes later.

        Raises:
            ConfigurationError: The repository lacks the model, or the store lacks what a model wants.
            InvalidModel: The model's manifest is bad.
        """
        self._models.load()
        await self._keeper.start(_PING_S)
        self._background.append(asyncio.create_task(self._refresh_forever(), name="refresh"))
        self._background.append(asyncio.create_task(self._lag.watch(), name="lag"))
        self._background += [asyncio.create_task(prober.run(), name="prober") for prober in self._probers]

    async def warm_up(self) -> None:
        """Goes the whole way for nobody, so that the first requests are answered in time; see `Warmup`."""
        await self._warmup.run()

    async def close(self) -> None:
        """Ends what goes on in the background and gives the connections back."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        self._background.clear()
        await self._scorer.close()
        await self._store.close()
        for observer in self.observers:
            await observer.close()

    @property
    def catalog(self) -> Catalog | None:
        """The feature version in use; None where there is none."""
        return self._keeper.catalog

    @property
    def ready(self) -> bool:
        """Whether every request can be answered with items: there is a snapshot."""
        return self._keeper.catalog is not None

    async def refresh(self) -> None:
        """Looks for another feature version and another version of the models."""
        await self._keeper.refresh()
        await asyncio.to_thread(self._models.refresh, self._keeper.catalog)

    async def ping(self) -> dict[str, str | None]:
        """Returns, per dependency, why it does not answer; None where it does."""

        async def problem(dependency: Store | Scorer) -> str | None:
            try:
                await dependency.ping(_PING_S)
            except (PillionError, TimeoutError) as error:
                return str(error) or "no answer in time"
            return None

        store, sidecar = await asyncio.gather(problem(self._store), problem(self._scorer))
        return {"store": store, "sidecar": sidecar}

    def status(self) -> Status:
        """Returns how the data plane is."""
        catalog = self._keeper.catalog
        return Status(
            None if catalog is None else catalog.version,
            None if catalog is None else max(0.0, self._now() - catalog.created),
            self._keeper.problem,
            None if catalog is None else catalog.batch,
            None if catalog is None or catalog.batch is None else max(0.0, self._now() - catalog.batch.created),
            self._models.versions,
            tuple(guard.breaker.snapshot() for guard in self._guards),
            {guard.name: guard.bulkhead.in_flight for guard in self._guards},
            {guard.name: guard.bulkhead.refused for guard in self._guards},
            {guard.name: prober.probes for guard, prober in zip(self._guards, self._probers, strict=True)},
            self._budget.tokens,
            self._budget.withdrawn,
            (self._admission.limit, self._admission.in_flight, self._admission.refused),
            self._fallback_checks,
            self._failed_fallback_checks,
        )

    @property
    def lag_s(self) -> float:
        """How late the event loop is now, in seconds."""
        return self._lag.latest()

    @property
    def breakers(self) -> dict[str, Breaker]:
        """The breakers by dependency, for operators."""
        return {guard.name: guard.breaker for guard in self._guards}

    async def recommend(self, request: Request) -> Recommendation:
        """Answers a request, in time, from the best rung that can.

        Args:
            request: What is wanted.

        Raises:
            InvalidInput: A field of the request is not as it must be; names it.
        """
        started, settings = time.perf_counter(), self.settings
        limit_ms = settings.deadline_ms
        if request.deadline_ms is not None:
            limit_ms = min(limit_ms, request.deadline_ms)
        deadline = Deadline.after(limit_ms / 1000, self._clock, settings.reserve_ms / 1000)
        catalog = self._keeper.catalog
        prepared = prepare(request, self._form, settings, self._models, catalog, deadline, started, self._now())
        if prepared is None:
            return without_snapshot(request, deadline, started)
        found = await self._ladder.answer(prepared)
        if found.source == Source.ONLINE and self._random() < settings.fallback_check_share:
            self._check_fallback(prepared.having(found.value.findings))
        return recommendation(prepared, found)

    async def _ask_model(self, request: PreparedRequest) -> Answer:
        if request.deadline.spendable() <= 0:
            return NoAnswer(DeadlineExceeded.code)
        with self._admission.slot() as slot:
            answer = await self._online.answer(request)
            slot.saturated = isinstance(answer, NoAnswer) and answer.reason.endswith(BULKHEAD_FULL)
            return answer

    def _check_fallback(self, request: PreparedRequest) -> None:
        """Computes the fallback of a healthy request, whose answer nobody sees, to know that it works."""
        self._fallback_checks += 1
        if not has_answer(request):
            self._failed_fallback_checks += 1
            _log.warning("the fallback had no answer when it was checked")

    async def _refresh_forever(self) -> None:
        while True:
            await asyncio.sleep(self.settings.refresh_s)
            try:
                await self.refresh()
            except (PillionError, OSError, ValueError, LookupError, TypeError):
                # The next round may go well, and the snapshot in use goes on answering.
                _log.exception("the refreshing failed")
