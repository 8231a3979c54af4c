"""The figures of the online store, and the page that they are written to."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pillion.batch.spark_rates import SparkRates
from tools.benchmarks.page import machine

_HEAD = """# What the online store costs

`make bench-features` writes this page: reads, memory and writes of the online store on each kind of server, and the
pairs that Spark's executors score, in one run on one machine. Servers, client and Spark share its processors.
"""
_OWN_LOAD = 4.0
"""What the benchmark itself adds to the machine's load, at most."""
_BUSY = """
Other work ran on the machine meanwhile, so that times are longer and rates lower than the machine's own: run the
command again on an idle one before a goal counts as missed.
"""
_IN_A_CLUSTER = """In a cluster a trip is a command for each of the 64 tags that items are spread over; redis-py
sorts them by node and puts replies together in Python. Where items live in the sidecar no request makes it.
"""
_METHOD = """
## How

- *Reads*: one caller asks for a user and some of 1,000 items, 20 doubles each, drawn anew each time: one trip,
  records decoded to values by name. Where items live in the sidecar a request reads the user alone, which is the
  line of 0 items.
- *Memory*: what `used_memory` grew by, over the users; 20 doubles, and 30 items of 3 bytes, with an expiry.
- *Writes*: Spark reads {users:,} users of 20 doubles from Parquet, lays them out by bucket, sorts, packs and writes
  them, with {cores} threads on the processors that the server has as well; the time is all of it, after a run to
  warm up.
- *Pairs*: the demo's ranker of 81 inputs over its verification set, by the engine in each executor, as `pillion
  batch` does it, and by Spark's pipeline where it is kept with the version.
- *Feast*: its Python client on Debian's Redis, `get_online_features` of as many entities of 20 doubles; it isn't
  installed by this repository: `make bench-features BENCH="--feast PYTHON"` names a Python that has it. Feast's
  documents give a p99 of 22 ms for 100 entities of 50 features by its server in Go.
"""


@dataclass(frozen=True, slots=True)
class Read:
    """Times of a trip with a user and `items` items, in ms."""

    server: str
    items: int
    p50: float
    p99: float

    def __str__(self) -> str:
        return f"{self.server}: a user and {self.items:,} items, p50 {self.p50:.2f} ms, p99 {self.p99:.2f} ms"


@dataclass(frozen=True, slots=True)
class Memory:
    """What something takes of a server, in bytes a user."""

    server: str
    what: str
    size: float
    encoding: str

    def __str__(self) -> str:
        return f"{self.server}: {self.what} of a user take {self.size:.0f} bytes, as {self.encoding}"


@dataclass(frozen=True, slots=True)
class Write:
    """Users that Spark writes a second into a store in some state."""

    state: str
    rate: float

    def __str__(self) -> str:
        return f"Spark writes {self.rate:,.0f} users a second into a store {self.state}"


@dataclass(slots=True)
class Figures:
    """What was measured.

    Attributes:
        cores: Threads of Spark.
        users: That Spark wrote.
        reads: By server and count of items.
        memory: By server.
        writes: By state of the store, the empty one first.
        pairs: What Spark's executors score.
        feast: What Feast's process printed, or why it was not measured.
    """

    cores: str
    users: int
    reads: list[Read] = field(default_factory=list)
    memory: list[Memory] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    pairs: SparkRates | None = None
    feast: dict[str, Any] | str = ""

    def tell(self, kind: list[Any], found: Sequence[Any]) -> None:
        """Adds what was found, and prints it."""
        kind += found
        print(*found, sep="\n", flush=True)

    def rest(self) -> Iterator[str]:
        """Yields lines of what is measured last."""
        if self.pairs is not None:
            yield f"executors score {self.pairs.engine_s:,.0f} pairs a second by the engine"
            if self.pairs.pipeline_s is not None:
                yield f"executors score {self.pairs.pipeline_s:,.0f} pairs a second by the pipeline"
        if isinstance(self.feast, str):
            yield f"Feast was not measured: {self.feast}"
            return
        for count, p50, p99 in self.feast["reads"]:
            yield f"Feast {self.feast['version']}: {count:,} entities, p50 {p50:.2f} ms, p99 {p99:.2f} ms"
        yield f"Feast {self.feast['version']}: {self.feast['bytes']:.0f} bytes an entity"
        yield f"Feast {self.feast['version']}: {self.feast['written_s']:,.0f} entities written a second"


def page(figures: Figures) -> str:
    """Returns the page: goals, tables, method."""
    where = f"\n{machine()}\n"
    if os.getloadavg()[0] > (os.cpu_count() or 1) + _OWN_LOAD:
        where += _BUSY
    method = _METHOD.format(users=figures.users, cores=figures.cores)
    return "".join([_HEAD, where, _goals(figures), _reads(figures), _memory(figures), _writes(figures), method])


def _goals(figures: Figures) -> str:
    lines = ["\n## Goals\n\n", "| what | goal | measured | |\n", "|---|---:|---:|---|\n"]

    def add(what: str, goal: str, measured: str, met: bool) -> None:
        lines.append(f"| {what} | {goal} | {measured} | {'met' if met else 'missed'} |\n")

    for read in figures.reads:
        if read.items == 100:
            add(f"a user and 100 items, p50, {read.server}", "≤ 1 ms", f"{read.p50:.2f} ms", read.p50 <= 1)
            add(f"a user and 100 items, p99, {read.server}", "≤ 2 ms", f"{read.p99:.2f} ms", read.p99 <= 2)
    for each in figures.memory:
        most = 200 if "doubles" in each.what else 100
        met = each.size <= most and each.encoding == "listpack"
        add(f"{each.what}, {each.server}", f"≤ {most} B", f"{each.size:.0f} B, {each.encoding}", met)
    empty, *full = figures.writes
    add(f"users written a second, {empty.state}", "≥ 90,000", f"{empty.rate:,.0f}", empty.rate >= 90_000)
    for write in full:
        share = write.rate / empty.rate
        add(f"the same, {write.state}", "≥ 90 % of that", f"{write.rate:,.0f}, {share:.0%}", share >= 0.9)
    return "".join(lines)


def _reads(figures: Figures) -> str:
    lines = ["\n## Reads\n\n", "| store | items | p50 ms | p99 ms |\n", "|---|---:|---:|---:|\n"]
    lines += [f"| {each.server} | {each.items:,} | {each.p50:.2f} | {each.p99:.2f} |\n" for each in figures.reads]
    why = "\n" + _IN_A_CLUSTER
    if isinstance(figures.feast, str):
        return "".join([*lines, why, f"\nFeast was not measured: {figures.feast}.\n"])
    name = f"Feast {figures.feast['version']}, Debian's Redis"
    lines += [f"| {name} | {count:,} | {p50:.2f} | {p99:.2f} |\n" for count, p50, p99 in figures.feast["reads"]]
    return "".join([*lines, why])


def _memory(figures: Figures) -> str:
    lines = ["\n## Memory\n\n", "| store | what | bytes a user | kept as |\n", "|---|---|---:|---|\n"]
    lines += [f"| {each.server} | {each.what} | {each.size:.0f} | {each.encoding} |\n" for each in figures.memory]
    if not isinstance(figures.feast, str):
        lines.append(
            f"| Feast {figures.feast['version']}, Debian's Redis | 20 doubles | {figures.feast['bytes']:.0f} | a hash"
            " an entity |\n"
        )
    lines.append(
        "\nA bucket of 32 users with 20 doubles takes 6,215 bytes. jemalloc, the allocator of Debian's Redis, has no"
        " size between 6,144 and 7,168 bytes, and so keeps it in 7,168: 224 bytes a user, and the key's share.\n"
    )
    return "".join(lines)


def _writes(figures: Figures) -> str:
    lines = ["\n## Writes and scoring\n\n", "| what | a second |\n", "|---|---:|\n"]
    lines += [f"| users written by Spark into a store {each.state} | {each.rate:,.0f} |\n" for each in figures.writes]
    if not isinstance(figures.feast, str):
        lines.append(f"| entities written by Feast's Python client | {figures.feast['written_s']:,.0f} |\n")
    if figures.pairs is not None:
        lines.append(f"| pairs scored in executors by the engine | {figures.pairs.engine_s:,.0f} |\n")
        if figures.pairs.pipeline_s is not None:
            lines.append(f"| pairs scored in executors by Spark's pipeline | {figures.pairs.pipeline_s:,.0f} |\n")
    return "".join(lines)
