"""The job: Spark's executors score the users of a feature version, bucket by bucket, and write their answers."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from py4j.protocol import Py4JJavaError

from pillion.batch.bucket_scorer import Terms
from pillion.batch.changes import basis_of, read_last_run
from pillion.batch.executor import BatchTask, Executor, Tally, Trip
from pillion.batch.factors import SavedFactors, read_factors
from pillion.batch.planner import Plan, plan
from pillion.batch.run import BatchRequest, BatchRun
from pillion.batch.workload import Workload
from pillion.config import StoreSettings
from pillion.errors import DependencyError, InvalidInput, NotReproduced, StoreError
from pillion.features import Assumed, Catalog, begin_run, finish_run, keys, read_catalog
from pillion.features.item_vectors import Vector
from pillion.features.lock import HeldLock, hold_lock
from pillion.features.popularity import segment_of
from pillion.features.redis import RedisStore, open_store
from pillion.features.spark_users import executor_cores
from pillion.features.user_sample import read_user_buckets
from pillion.project import Project
from pillion.recommend import Models
from pillion.recommend.models import BoundModel, ServedModel
from pillion.scoring import ModelRepository
from pillion.scoring.repository import MODEL, why_not_cleared

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Progress = Callable[[str, int, int], None]
Check = Callable[[BatchRun, SavedFactors | None], None]
"""Is shown a run, and the vectors that chose its candidates, where some did."""
LOCK = "batch"
_TRIP = 64
"""Buckets that are read, scored and written at once, at most."""
_WAVE = 64
"""Trips of a job of Spark's; how far it is is told after each."""
_TRIPS_A_CORE = 4
"""At least, where there are so many buckets, so that no core waits long for the last."""


def run_batch(
    session: "SparkSession",
    store: StoreSettings,
    models: Path,
    project: Project,
    jar: Path,
    request: BatchRequest,
    *,
    check: Check | None = None,
    progress: Progress = lambda what, done, total: None,
) -> BatchRun:
    """Scores the users of the active feature version with a published model, and has the answers read from then on.

    Users of whom nothing has changed since the last run keep its answers. Where it ends before that, the answers of
    the run before stay in use.

    Args:
        session: Spark's; its executors reach the store, the repository and the jar.
        store: The online store.
        models: The model repository.
        project: What is served.
        jar: The sidecar's jar.
        request: What is to be computed.
        check: Is called before the run's answers are read; where it raises, those before stay in use.
        progress: Is told how many buckets of users are done, and of how many.

    Raises:
        StoreLocked: Another run is under way in this store.
        StoreError: The store failed, has no features, or got others meanwhile.
        InvalidInput: The version has no users, or fewer items than an answer.
        ConfigurationError: The model wants what the store lacks.
        InvalidModel: The model's newest version is bad.
        NotReproduced: It is cleared for no engine.
        DependencyError: Spark failed.
    """
    return asyncio.run(_Job(session, store, models, project, jar, request, check, progress).run())


class _Job:
    """A run; see `run_batch`."""

    def __init__(
        self,
        session: "SparkSession",
        settings: StoreSettings,
        models: Path,
        project: Project,
        jar: Path,
        request: BatchRequest,
        check: Check | None,
        progress: Progress,
    ) -> None:
        self._session = session
        self._context = session.sparkContext
        self._settings = settings
        self._repository = ModelRepository(models)
        self._project = project
        self._jar = jar
        self._request = request
        self._check = check
        self._progress = progress
        self._cores = executor_cores(session)
        self._saved: SavedFactors | None = None
        self._timeout_s = settings.load_timeout_s

    async def run(self) -> BatchRun:
        async with (
            open_store(self._settings) as store,
            hold_lock(store, LOCK, self._timeout_s, self._settings.lock_s) as lock,
        ):
            catalog = await read_catalog(store, self._timeout_s)
            served, bound = self._bind(catalog)
            if self._request.als is not None:
                self._saved = await asyncio.to_thread(read_factors, self._session, self._request.als, catalog)
            buckets = await self._buckets(store, catalog)
            task = await self._begin(store, catalog, served, bound)
            started = time.perf_counter()
            tallies = await self._compute(task, buckets, lock)
            seconds = time.perf_counter() - started
            users = sum(tally.users for tally in tallies)
            if not users:
                raise InvalidInput(_no_users(catalog), "users")
            pairs, terms = sum(tally.pairs for tally in tallies), task.terms
            planned = self._plan(catalog, task, 1 if served.single_row else terms.candidates, users, pairs / seconds)
            answered = sum(tally.answered for tally in tallies)
            made = BatchRun(
                catalog.version, task.run, served.name, served.version, answered, users - answered,
                sum(tally.carried for tally in tallies), pairs, seconds, len({tally.executor for tally in tallies}),
                planned.verdict, planned.sentence,
            )  # fmt: skip
            if self._check is not None:
                await asyncio.to_thread(self._check, made, self._saved)
            await self._require_unchanged(store, catalog)
            await lock.require()
            await finish_run(
                store, catalog.version, task.run, model=served.name, model_version=served.version,
                assumed=Assumed(terms.k, terms.online, terms.segment, planned.verdict), basis=task.basis,
                ttl_s=self._settings.version_ttl_s, grace_s=self._settings.grace_s, timeout_s=self._timeout_s,
            )  # fmt: skip
        return made

    def _bind(self, catalog: Catalog) -> tuple[ServedModel, BoundModel]:
        models = Models(self._repository, self._project, self._request.model)
        models.load()
        served = models.get(self._request.model)
        if why := why_not_cleared(self._repository.read(served.name, served.version).path.parent):
            raise NotReproduced(f"{why}; export the model anew")
        bound = models.bind(served, catalog)
        most = len(bound.classes) if served.single_row else len(catalog.table.ids)
        if self._request.k > most:
            has = f"the model '{served.name}' ranks" if served.single_row else f"feature version {catalog.version} has"
            raise InvalidInput(
                f"an answer is to have {self._request.k} items, but {has} {most}: ask for no more by -k", "k"
            )
        return served, bound

    async def _buckets(self, store: RedisStore, catalog: Catalog) -> list[int]:
        buckets = await read_user_buckets(store, catalog, self._timeout_s)
        if not buckets:
            raise InvalidInput(_no_users(catalog), "users")
        return buckets

    async def _begin(self, store: RedisStore, catalog: Catalog, served: ServedModel, bound: BoundModel) -> BatchTask:
        asked, manifest = self._request, self._repository.read(served.name, served.version)
        document = (manifest.path.parent / MODEL).read_bytes()
        factors = None if self._saved is None else self._saved.items
        phase = self._project.serving(served.name).first_phase
        chosen = [asked.candidates, None if phase is None else phase.model_dump(), factors is not None]
        basis = basis_of(catalog, served, bound, document, asked.online, chosen, asked.k)
        last = None if asked.anew else await read_last_run(store, catalog, basis, self._timeout_s)
        run = await begin_run(store, catalog.version, asked.k * catalog.id_width, self._timeout_s)
        segment = segment_of(catalog, asked.online, asked.segment_fields)
        return BatchTask(
            self._settings, self._repository.folder, self._project, served.name, served.version, self._jar,
            catalog.raw, run, last, basis, Terms(asked.online, segment, asked.candidates, asked.k, factors),
        )  # fmt: skip

    async def _compute(self, task: BatchTask, buckets: Sequence[int], lock: HeldLock) -> list[Tally]:
        trip = min(_TRIP, max(1, len(buckets) // (self._cores * _TRIPS_A_CORE)))
        shared = self._context.broadcast(task)
        tallies: list[Tally] = []
        try:
            for start in range(0, len(buckets), trip * _WAVE):
                await lock.require()
                wave = buckets[start : start + trip * _WAVE]
                vectors = await asyncio.to_thread(self._vectors, wave[0], wave[-1])
                parts = (wave[at : at + trip] for at in range(0, len(wave), trip))
                trips = [Trip(part, {each: vectors[each] for each in part if each in vectors}) for part in parts]
                for result in await self._collect(trips, Executor(shared)):
                    if not isinstance(result, Tally):
                        raise result
                    tallies.append(result)
                self._progress("buckets of users", min(start + trip * _WAVE, len(buckets)), len(buckets))
        finally:
            shared.unpersist()
        return tallies

    def _vectors(self, first: int, last: int) -> Mapping[int, Mapping[bytes, Vector]]:
        """The users' vectors by bucket, from one to another, and field."""
        if self._saved is None:
            return {}
        vectors: defaultdict[int, dict[bytes, Vector]] = defaultdict(dict)
        found = self._saved.between(first << keys.BUCKET_BITS, ((last + 1) << keys.BUCKET_BITS) - 1)
        for user, vector in found.items():
            bucket, field = keys.place(user, 0)
            vectors[bucket][str(field).encode()] = vector
        return vectors

    async def _collect(self, trips: list[Trip], executor: Executor) -> list[Any]:
        def collect() -> list[Any]:
            return self._context.parallelize(trips, len(trips)).mapPartitions(executor).collect()

        try:
            return await asyncio.to_thread(collect)
        except Py4JJavaError as error:
            said = str(error.java_exception.getMessage()).strip().splitlines()
            raise DependencyError(
                f"Spark failed, and the answers before stay in use: {said[0]} … {said[-1]}"
            ) from error
        except asyncio.CancelledError:
            self._context.cancelAllJobs()
            raise

    async def _require_unchanged(self, store: RedisStore, catalog: Catalog) -> None:
        """What users' requests are answered by now is what was scored."""
        active, meta = (await store.read([], [keys.ACTIVE, keys.meta(catalog.version)], self._timeout_s)).strings
        if active != str(catalog.version).encode():
            raise StoreError(
                f"feature version {catalog.version} is no longer the active one, since another was loaded meanwhile:"
                " run it again"
            )
        if meta != catalog.raw.meta:
            raise StoreError(
                f"feature version {catalog.version} was changed while its users were scored: load another version, and"
                " run it again"
            )

    def _plan(self, catalog: Catalog, task: BatchTask, rows: int, users: int, pairs_s: float) -> Plan:
        items, serving = len(catalog.table.ids), self._project.serving(task.model)
        work = Workload(
            users=users, items=items, top=task.terms.k, candidates=min(rows, items), cores=self._cores,
            online_candidates=rows, max_age_h=serving.max_age_hours,
        )  # fmt: skip
        if pairs_s:  # else all answers were carried over
            work = replace(work, pairs_s=pairs_s / self._cores)
        return plan(work)


def _no_users(catalog: Catalog) -> str:
    return f"feature version {catalog.version} has no users with features: load a table of users first"
