"""The writing of users by Spark: its executors pack buckets and write them, each partition on its own.

A partition's users are whole buckets, so that each hash is written at once. A partition that is written is noted in the
store: a load of the same contents that was cut short goes on with the others.
"""

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pillion.config import StoreSettings
from pillion.errors import CorruptRecord, InvalidInput, StoreError, StoreUnreachable
from pillion.features import keys
from pillion.features.ids import check_id
from pillion.features.redis import open_store
from pillion.features.store import HashEntry, Store
from pillion.features.user_writer import Target, feature_buckets, packed_items, seen_buckets
from pillion.project import ValueType
from pillion.tabular.cells import unfit
from pillion.tabular.source import UnfitCell, arrow_cells
from pillion.tabular.spark_source import quoted
from pillion.types import Id, IdType

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark import Broadcast
    from pyspark.sql import Column, DataFrame, SparkSession

_PART = 50_000
"""Users of a partition, about."""
_SEEN = "users' seen items"
_LOOK_S = 0.25
"""How often it is looked how many partitions are written."""
_BUCKET, _PART_OF = "pillion bucket", "pillion part"
USER, ITEMS = "user", "items"
"""The columns of what users have seen."""
_OUT = "buckets binary, error string, problem string, field string"
_ERRORS = {each.__name__: each for each in (InvalidInput, StoreError, StoreUnreachable, CorruptRecord, TimeoutError)}


@dataclass(frozen=True, slots=True)
class SparkUsers:
    """Users in tables of Spark's.

    Attributes:
        settings: The store's; executors reach it as well.
        users: A column with ids, named as `id_column` says, and the features' columns; None where there is none.
        id_column: With the users' ids.
        columns: The features' columns and their types, in the schema's order.
        seen: The columns `user` and `items`, an array, a row a user; None where there are no events.
        user_ids: Of which kind the users' ids are.
        user_rows: Rows of `users`.
        seen_rows: Rows of `seen`.
        count: See `UserWriter`.
        fingerprint: See `UserWriter`.
        rate: Users written a second, at most; None for as many as there can be.
    """

    settings: StoreSettings
    users: "DataFrame | None"
    id_column: str
    columns: Sequence[tuple[str, ValueType]]
    seen: "DataFrame | None"
    user_ids: IdType
    user_rows: int
    seen_rows: int
    count: int
    fingerprint: str | None
    rate: float | None = None

    async def write(self, store: Store, target: Target) -> Collection[int]:
        """See `UserWriter.write`."""
        found: set[int] = set()
        for what, table, rows, id_column in (
            ("users", self.users, self.user_rows, self.id_column),
            (_SEEN, self.seen, self.seen_rows, USER),
        ):
            target.progress(what, 0, rows)
            if table is not None and rows:
                found |= await self._write(store, target, what, table, rows, id_column)
        return found

    async def _write(
        self, store: Store, target: Target, what: str, table: "DataFrame", rows: int, id_column: str
    ) -> set[int]:
        from pyspark.sql import functions as F

        session = table.sparkSession
        cores = executor_cores(session)
        parts = max(cores, -(-rows // _PART))
        name = f"{what}/{parts}/"
        before = await self._done(store, target, name)
        identity = column_of(id_column)
        bucket = (
            F.crc32(identity.cast("binary")) % target.user_buckets
            if self.user_ids == "string"
            else F.shiftright(identity, keys.BUCKET_BITS)
        )
        laid = table.withColumn(_BUCKET, bucket).withColumn(_PART_OF, F.pmod(F.hash(_BUCKET), F.lit(parts)))
        found: set[int] = set()
        if before:
            noted = laid.filter(F.col(_PART_OF).isin(list(before))).groupBy(_PART_OF)
            counted = noted.agg(F.count("*"), F.collect_set(_BUCKET)).collect()
            # A worker whose JVM was killed may take the end of its input for the partition's.
            whole = {part: buckets for part, count, buckets in counted if count == before[part]}
            found |= {bucket for buckets in whole.values() for bucket in buckets}
            laid = laid.filter(~F.col(_PART_OF).isin(list(whole)))
        share = None if self.rate is None else self.rate / min(cores, parts)
        task = session.sparkContext.broadcast(
            _Task(
                self.settings, replace(target, progress=_nobody), what, name, id_column,
                None if what == _SEEN else self.columns, self.user_ids, share,
            )
        )  # fmt: skip
        ordered = laid.repartition(parts, _BUCKET).sortWithinPartitions(F.col(_BUCKET), identity)
        job = asyncio.create_task(asyncio.to_thread(ordered.mapInArrow(_run(task), _OUT).collect))
        while not (await asyncio.wait([job], timeout=_LOOK_S))[0]:
            target.progress(what, sum((await self._done(store, target, name)).values()), rows)
        for row in job.result():
            if row.error is not None:
                raise _error(row.error, row.problem, row.field)
            found |= set(np.frombuffer(row.buckets, dtype=np.int64).tolist())
        done = sum((await self._done(store, target, name)).values())
        if done != rows:
            raise InvalidInput(f"the table of {what} was changed while it was read: load it again", what)
        target.progress(what, done, rows)
        return found

    async def _done(self, store: Store, target: Target, name: str) -> dict[int, int]:
        """How many users were written, by the number of their partition."""
        (fields,) = await store.read_hashes([keys.parts(target.version)], target.timeout_s)
        start = name.encode()
        return {int(each[len(start) :]): int(count) for each, count in fields.items() if each.startswith(start)}


def executor_cores(session: "SparkSession") -> int:
    """Returns how many tasks a session's executors run at once."""
    most, master = (session.sparkContext.getConf().get(name) or "" for name in ("spark.cores.max", "spark.master"))
    if master.startswith("local"):
        threads = master.removeprefix("local[").rstrip("]")
        return int(threads) if threads.isdecimal() else os.cpu_count() or 1
    return int(most) if most.isdecimal() else session.sparkContext.defaultParallelism


def column_of(name: str) -> "Column":
    """Returns a table's column, whatever its name."""
    from pyspark.sql import functions as F

    return F.col(quoted(name))


def _run(task: "Broadcast[_Task]") -> Callable[[Iterator["pa.RecordBatch"]], Iterator["pa.RecordBatch"]]:
    return lambda batches: task.value(batches)


class Pace:
    """The pace of a task that writes no more than so many users a second.

    Args:
        rate: Users a second; None for as many as there can be.
        now: Seconds.
    """

    def __init__(self, rate: float | None, now: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._now = now
        self._started = now()
        self._written = 0

    def wait_s(self, written: int) -> float:
        """Returns how long to wait after so many more users were written, in seconds."""
        self._written += written
        return 0.0 if self._rate is None else max(0.0, self._started + self._written / self._rate - self._now())


@dataclass(frozen=True, slots=True)
class _Task:
    """What a partition's process does; it travels there.

    Attributes:
        settings: The store's.
        target: What is written.
        what: Users' features or their seen items.
        name: How the notes of written partitions begin.
        id_column: With the users' ids.
        columns: The features' columns and their types; None where seen items are written.
        user_ids: Of which kind the users' ids are.
        rate: Users written a second, at most.
    """

    settings: StoreSettings
    target: Target
    what: str
    name: str
    id_column: str
    columns: Sequence[tuple[str, ValueType]] | None
    user_ids: IdType
    rate: float | None

    def __call__(self, batches: Iterator["pa.RecordBatch"]) -> Iterator["pa.RecordBatch"]:
        """Writes a partition; yields the buckets that it wrote, or why it could not."""
        import pyarrow as pa

        row: dict[str, Any] = dict.fromkeys(("buckets", "error", "problem", "field"))
        try:
            row["buckets"] = np.array(sorted(asyncio.run(self._write(batches))), dtype=np.int64).tobytes()
        except (InvalidInput, StoreError, TimeoutError) as error:
            field = error.field if isinstance(error, InvalidInput) else None
            row |= {"error": type(error).__name__, "problem": str(error), "field": field}
        types = [pa.binary(), pa.string(), pa.string(), pa.string()]
        yield pa.RecordBatch.from_arrays(
            [pa.array([value], type_) for value, type_ in zip(row.values(), types, strict=True)], list(row)
        )

    async def _write(self, batches: Iterator["pa.RecordBatch"]) -> set[int]:
        counts: defaultdict[int, int] = defaultdict(int)
        buckets: set[int] = set()
        pace = Pace(self.rate)
        last: Id | None = None
        async with open_store(self.settings) as store:
            for batch in batches:
                ids = self._ids(batch, last)
                last = ids[-1] if ids else last
                entries = self._entries(ids, batch)
                await store.write(list(entries.values()), self.target.timeout_s)
                buckets |= entries.keys()
                for part, count in zip(*np.unique(batch.column(_PART_OF).to_numpy(), return_counts=True), strict=True):
                    counts[int(part)] += int(count)
                await asyncio.sleep(pace.wait_s(len(ids)))
            notes: dict[int | str, bytes] = {f"{self.name}{part}": b"%d" % count for part, count in counts.items()}
            if notes:
                note = HashEntry(keys.parts(self.target.version), notes, self.target.ttl_s)
                await store.write([note], self.target.timeout_s)
        return buckets

    def _ids(self, batch: "pa.RecordBatch", last: Id | None) -> list[Id]:
        ids: list[Id] = batch.column(self.id_column).to_pylist()
        for user in ids:
            check_id(user, self.user_ids, self.id_column)
        for before, user in zip([last, *ids], ids, strict=False):
            if before == user:
                raise InvalidInput(f"the id {user!r} is there twice in the table of {self.what}", self.id_column)
        return ids

    def _entries(self, ids: list[Id], batch: "pa.RecordBatch") -> dict[int, HashEntry]:
        if self.columns is None:
            items = batch.column(ITEMS).to_pylist()
            return seen_buckets(
                ((user, packed_items(taken, self.target)) for user, taken in zip(ids, items, strict=True)), self.target
            )
        cells = [self._cells(ids, batch, name, type_) for name, type_ in self.columns]
        rows = zip(*cells, strict=True) if cells else iter([()] * len(ids))
        return feature_buckets(zip(ids, map(self.target.user_schema.pack, rows), strict=True), self.target)

    def _cells(self, ids: list[Id], batch: "pa.RecordBatch", name: str, type_: ValueType) -> Sequence[Any]:
        try:
            cells = arrow_cells(batch.column(name), type_)
        except UnfitCell as cell:
            raise unfit("the table of users", repr(ids[cell.offset]), name, cell.value, type_, "user") from None
        if type_ == "float":
            cells = [None if cell is None else float(np.float32(cell)) for cell in cells]
        return cells


def _error(name: str, problem: str, field: str | None) -> Exception:
    return InvalidInput(problem, field) if name == "InvalidInput" else _ERRORS.get(name, StoreError)(problem)


def _nobody(what: str, done: int, total: int) -> None:
    """Is told of progress on executors, where nobody looks."""
