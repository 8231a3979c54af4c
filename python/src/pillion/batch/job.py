"""The job: Spark's executors score the users of a feature version, bucket by bucket, and write their answers."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pillion.batch.bucket_scorer import BucketScorer
from pillion.config import StoreSettings
from pillion.errors import ConfigurationError, NotReproduced
from pillion.features import Catalog, begin_run, finish_run, keys, read_catalog
from pillion.features.catalog import RawCatalog, build_catalog
from pillion.features.popularity import segment_of
from pillion.features.record_codec import unpack_ids
from pillion.features.redis import open_store
from pillion.features.store import HashEntry
from pillion.project import Project
from pillion.recommend import Models
from pillion.scoring import ModelRepository
from pillion.scoring.repository import MODEL, why_not_cleared
from pillion.types import Value

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Progress = Callable[[str, int, int], None]
_TRIP = 64
"""Buckets that are read, scored and written at once."""
_WAVE = 64
"""Trips of a job of Spark's; how far it is is told after each."""


@dataclass(frozen=True, slots=True)
class BatchTask:
    """What executors are to do; it travels to them.

    Attributes:
        store: Where from, and where to.
        models: The model repository; executors see it as well.
        project: Says where inputs come from.
        model: Which.
        jar: The sidecar's jar, which has the engine.
        raw: The feature version's catalog.
        run: Of which the answers are.
        online: The values that stand for the request's own.
        segment: Whose popular items are candidates; None for everybody's.
        candidates: Items scored for each user, at most.
        k: Items in an answer, at most.
    """

    store: StoreSettings
    models: Path
    project: Project
    model: str
    jar: Path
    raw: RawCatalog
    run: int
    online: Mapping[str, Value]
    segment: str | None
    candidates: int
    k: int


@dataclass(frozen=True, slots=True)
class BatchRun:
    """What a run did.

    Attributes:
        feature_version: Whose users.
        run: Its number.
        model: Which scored.
        model_version: Which version of it.
        users: Who have an answer now.
        without: Users that have none: nothing unseen is left, or no candidate has a score.
        pairs: How many were scored.
    """

    feature_version: int
    run: int
    model: str
    model_version: int
    users: int
    without: int
    pairs: int


def run_batch(
    session: "SparkSession",
    store: StoreSettings,
    models: Path,
    project: Project,
    jar: Path,
    *,
    model: str | None,
    online: Mapping[str, Value],
    segment_fields: Sequence[str],
    candidates: int,
    k: int,
    progress: Progress = lambda what, done, total: None,
) -> BatchRun:
    """Scores every user of the active feature version with a published model, and has the answers read from then on.

    Where it ends before that, the answers of the run before stay in use.

    Args:
        session: Spark's; its executors reach the store, the repository and the jar.
        store: The online store.
        models: The model repository.
        project: What is served.
        jar: The sidecar's jar.
        model: Which; None for the only one.
        online: The values that stand for the request's own.
        segment_fields: Those of them that make a segment, the most telling first.
        candidates: Items scored for each user, at most: the most popular unseen ones, as a request has them.
        k: Items in an answer, at most.
        progress: Is told how many users are done, and of how many.

    Raises:
        StoreError: The store failed, or has no features.
        ConfigurationError: The model wants what the store lacks.
        InvalidModel: The model's newest version is bad.
        NotReproduced: It is cleared for no engine.
    """
    catalog = asyncio.run(_read(store))
    known = Models(ModelRepository(models), project, model)
    known.load()
    served = known.get(model)
    if why := why_not_cleared(ModelRepository(models).read(served.name, served.version).path.parent):
        raise NotReproduced(f"{why}; export the model anew")
    known.bind(served, catalog)
    segment = segment_of(catalog, online, segment_fields)
    run, buckets = asyncio.run(_begin(store, catalog))
    task = BatchTask(store, models, project, served.name, jar, catalog.raw, run, online, segment, candidates, k)
    answered = left = pairs = 0
    step = _TRIP * _WAVE
    for start in range(0, len(buckets), step):
        wave = buckets[start : start + step]
        parts = [wave[at : at + _TRIP] for at in range(0, len(wave), _TRIP)]
        done = session.sparkContext.parallelize(parts, len(parts)).mapPartitions(_Executor(task)).collect()
        answered += sum(each[0] for each in done)
        left += sum(each[1] for each in done)
        pairs += sum(each[2] for each in done)
        progress("buckets of users", min(start + step, len(buckets)), len(buckets))
    asyncio.run(_finish(store, catalog.version, run, served.name, served.version))
    return BatchRun(catalog.version, run, served.name, served.version, answered, left, pairs)


class _Executor:
    """What a partition of buckets is given to, in a process of Spark's."""

    def __init__(self, task: BatchTask) -> None:
        self._task = task

    def __call__(self, parts: Iterable[list[int]]) -> Iterator[tuple[int, int, int]]:
        scorer = _scorer(self._task)
        for numbers in parts:
            yield asyncio.run(_score(self._task, scorer, numbers))


_scorers: dict[tuple[Any, ...], BucketScorer] = {}
"""Of this process: an executor's process scores many partitions of a run."""


def _scorer(task: BatchTask) -> BucketScorer:
    from pillion.scoring.jvm import open_model

    key = (str(task.models), task.model, task.raw.version, task.run)
    if key not in _scorers:
        _scorers.clear()
        catalog = build_catalog(task.raw)
        models = Models(ModelRepository(task.models), task.project, task.model)
        models.load()
        served = models.get(task.model)
        manifest = ModelRepository(task.models).read(served.name, served.version)
        engine = open_model((manifest.path.parent / MODEL).read_bytes(), manifest.engine, task.jar)
        _scorers[key] = BucketScorer(
            catalog,
            served,
            models.bind(served, catalog),
            engine,
            task.online,
            task.segment,
            task.candidates,
            task.k,
        )
    return _scorers[key]


async def _score(task: BatchTask, scorer: BucketScorer, numbers: list[int]) -> tuple[int, int, int]:
    """Reads, scores and writes some buckets; returns users with an answer, users without, and pairs."""
    version, timeout_s = task.raw.version, task.store.load_timeout_s
    async with open_store(task.store) as store:
        names = [of(version, number) for of in (keys.users, keys.seen) for number in numbers]
        hashes = await store.read_hashes(names, timeout_s)
        users, seen = hashes[: len(numbers)], hashes[len(numbers) :]
        entries, pairs = [], 0
        for number, records, taken in zip(numbers, users, seen, strict=True):
            answers, scored = scorer.answers(records, taken)
            pairs += scored
            if answers:
                fields: dict[int | str, bytes] = {name.decode(): packed for name, packed in answers.items()}
                key = keys.batch_answers(version, task.run, number)
                entries.append(HashEntry(key, fields, task.store.version_ttl_s))
        if entries:
            await store.write(entries, timeout_s)
    answered = sum(len(entry.fields) for entry in entries)
    return answered, sum(map(len, users)) - answered, pairs


async def _read(settings: StoreSettings) -> Catalog:
    async with open_store(settings) as store:
        catalog = await read_catalog(store, settings.load_timeout_s)
        assert catalog is not None  # none was known before
        return catalog


async def _begin(settings: StoreSettings, catalog: Catalog) -> tuple[int, list[int]]:
    """The number of a new run, and the buckets of users."""
    async with open_store(settings) as store:
        (packed,) = (await store.read([], [keys.buckets(catalog.version)], settings.load_timeout_s)).strings
        if packed is None:
            raise ConfigurationError(f"the store has lost the list of users of feature version {catalog.version}")
        run = await begin_run(store, catalog.version, settings.load_timeout_s)
        return run, unpack_ids(packed, keys.BUCKET_WIDTH).tolist()


async def _finish(settings: StoreSettings, version: int, run: int, model: str, model_version: int) -> None:
    async with open_store(settings) as store:
        await finish_run(
            store,
            version,
            run,
            model=model,
            model_version=model_version,
            ttl_s=settings.version_ttl_s,
            grace_s=settings.grace_s,
            timeout_s=settings.load_timeout_s,
        )
