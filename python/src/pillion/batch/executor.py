"""What Spark's executors do of a run: buckets of users read, scored and written, by an engine in a JVM of their own."""

import asyncio
import os
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pillion.batch.bucket_scorer import BucketScorer, Terms
from pillion.batch.changes import Before, Carrier, Fingerprints, LastRun
from pillion.config import StoreSettings
from pillion.errors import PillionError, StoreError
from pillion.features import keys
from pillion.features.catalog import RawCatalog, build_catalog
from pillion.features.item_vectors import Vector
from pillion.features.redis import open_store
from pillion.features.store import HashEntry
from pillion.project import Project
from pillion.recommend import Models
from pillion.scoring import ModelRepository
from pillion.scoring.repository import MODEL

if TYPE_CHECKING:
    from pyspark import Broadcast


@dataclass(frozen=True, slots=True)
class BatchTask:
    """What executors are to do; it travels to them once.

    Attributes:
        store: Where from, and where to.
        models: The model repository; executors see it as well.
        project: Says where inputs come from.
        model: Which.
        version: Which version of it.
        jar: The sidecar's jar, which has the engine.
        raw: The feature version's catalog.
        run: Of which the answers are.
        last: The run whose answers are carried over; None where there is none.
        basis: Of all answers.
        terms: Of all answers.
    """

    store: StoreSettings
    models: Path
    project: Project
    model: str
    version: int
    jar: Path
    raw: RawCatalog
    run: int
    last: LastRun | None
    basis: bytes
    terms: Terms


@dataclass(frozen=True, slots=True)
class Trip:
    """Buckets that are read, scored and written at once.

    Attributes:
        buckets: Their numbers.
        vectors: Of their users that have one, by bucket and field, where candidates are chosen by them.
    """

    buckets: Sequence[int]
    vectors: Mapping[int, Mapping[bytes, Vector]]


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of some buckets.

    Attributes:
        users: With features.
        answered: Who have an answer now.
        carried: Whose answer, or that they have none, is the last run's.
        pairs: That were scored.
        executor: Which did it.
    """

    users: int
    answered: int
    carried: int
    pairs: int
    executor: str


class Executor:
    """What a partition of buckets is given to, in a process of Spark's.

    Args:
        task: What is to be done.
    """

    def __init__(self, task: "Broadcast[BatchTask]") -> None:
        self._task = task

    def __call__(self, trips: Iterable[Trip]) -> Iterator[Tally | PillionError]:
        """Yields what came of each trip; an error of ours as a value, which Spark would bury in its own."""
        for trip in trips:
            try:
                yield asyncio.run(_work(self._task.value, trip))
            except PillionError as error:
                yield error
            except TimeoutError as error:
                yield StoreError(str(error) or "the store took too long")


@dataclass(frozen=True, slots=True)
class _Workplace:
    """What a process keeps from one partition of a run to the next."""

    scorer: BucketScorer
    carrier: Carrier | None


_workplaces: dict[tuple[Any, ...], _Workplace] = {}
"""Of this process, of one run at a time."""


def _workplace(task: BatchTask) -> _Workplace:
    from pillion.scoring.jvm import open_model

    key = (task.store.url, str(task.models), task.model, task.raw.version, task.run)
    if key not in _workplaces:
        _workplaces.clear()
        catalog, repository = build_catalog(task.raw), ModelRepository(task.models)
        models = Models(repository, task.project, task.model)
        served = models.read(task.model, task.version)
        manifest = repository.read(task.model, task.version)
        engine = open_model((manifest.path.parent / MODEL).read_bytes(), manifest.engine, task.jar)
        fingerprints = Fingerprints(catalog, task.basis)
        scorer = BucketScorer(catalog, served, models.bind(served, catalog), engine, fingerprints, task.terms)
        _workplaces[key] = _Workplace(scorer, None if task.last is None else Carrier(task.last, catalog))
    return _workplaces[key]


async def _work(task: BatchTask, trip: Trip) -> Tally:
    """Reads, scores and writes some buckets."""
    numbers = trip.buckets
    place, version, timeout_s = _workplace(task), task.raw.version, task.store.load_timeout_s
    total = answered = carried = pairs = 0
    async with open_store(task.store) as store:
        names = [of(version, number) for of in (keys.users, keys.seen) for number in numbers]
        hashes = await store.read_hashes(names, timeout_s)
        users, seen = hashes[: len(numbers)], hashes[len(numbers) :]
        before = [Before()] * len(numbers)
        if place.carrier is not None:
            before = await place.carrier.read(store, numbers, users, timeout_s)
        entries = []
        for number, records, taken, known in zip(numbers, users, seen, before, strict=True):
            made = place.scorer.answers(records, taken, known, trip.vectors.get(number, {}))
            total, answered = total + len(records), answered + len(made.answers)
            carried, pairs = carried + made.carried, pairs + made.pairs
            for of, found in ((keys.batch_answers, made.answers), (keys.batch_digests, made.digests)):
                if found:
                    fields: dict[int | str, bytes] = {name.decode(): value for name, value in found.items()}
                    entries.append(HashEntry(of(version, task.run, number), fields, task.store.version_ttl_s))
        if entries:
            await store.write(entries, timeout_s)
    return Tally(total, answered, carried, pairs, f"{socket.gethostname()}:{os.getppid()}")
