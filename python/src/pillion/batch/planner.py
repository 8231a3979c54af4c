"""The planner: whether answers are better computed ahead or for each request, and which constraint decides."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pillion.batch.store_size import SERVERS, bucket_bytes
from pillion.batch.workload import Workload
from pillion.features.keys import BUCKET_BITS, DIGEST_BYTES
from pillion.features.record_codec import id_width

GIB = 1 << 30
_INT32 = 4
_SCALES: Mapping[str, Sequence[tuple[float, str]]] = {
    "bytes": [(10 ** (3 * power), unit) for power, unit in enumerate(("B", "kB", "MB", "GB", "TB", "PB", "EB"))],
    "GiB": [(2**-30, "B"), (2**-20, "KiB"), (2**-10, "MiB"), (1.0, "GiB")],
    "hours": [(1 / 3_600_000, "ms"), (1 / 3600, "s"), (1 / 60, "min"), (1.0, "hours")],
    "core-hours": [(1 / 3600, "core-seconds"), (1.0, "core-hours")],
}
"""Units that an amount is told in, from small to large, with how much of the figure's own unit each is."""
_SHOWN = 0.001
_MONTH_H = 730.0
_HOUR_S = 3600.0


def _short(value: float) -> str:
    if 0 < value < _SHOWN:
        return f"less than {_SHOWN:g}"
    return f"{value:,.0f}" if value >= 100 else f"{value:,.3g}"


def _amount(value: float, unit: str) -> tuple[str, str]:
    """A number and its unit for a person: in a larger or smaller unit where it is large or small, and one of one."""
    scales = _SCALES.get(unit, [(1.0, unit)])
    size, named = next((scale for scale in reversed(scales) if value >= scale[0]), scales[0])
    short = _short(value / size)
    return short, named.removesuffix("s") if short == "1" and named.endswith("s") and len(named) > 2 else named


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of a plan.

    Attributes:
        name: What it is.
        value: How much.
        unit: Of what.
        how: The formula, or what measured it.
    """

    name: str
    value: float
    unit: str
    how: str

    @property
    def amount(self) -> str:
        """The number with its unit, for a person; bytes in powers of a thousand."""
        return " ".join(_amount(self.value, self.unit))


@dataclass(frozen=True, slots=True)
class Constraint:
    """What answers computed ahead have to keep to.

    Attributes:
        name: `context`, `memory`, `compute`, `refresh` or `freshness`.
        needed: What they take.
        limit: What there is.
        unit: Of both.
    """

    name: str
    needed: float
    limit: float
    unit: str

    @property
    def needed_amount(self) -> str:
        """What is needed, for a person."""
        return " ".join(_amount(self.needed, self.unit))

    @property
    def limit_amount(self) -> str:
        """What there is, for a person."""
        return " ".join(_amount(self.limit, self.unit))

    @property
    def share(self) -> float:
        """What is needed of what there is; infinite where there is none."""
        return self.needed / self.limit if self.limit else math.inf if self.needed else 0.0

    @property
    def holds(self) -> bool:
        """Whether there is enough."""
        return self.share <= 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a workload takes, and the verdict.

    Attributes:
        workload: Whose.
        figures: Its numbers, in the order in which they follow from each other.
        constraints: All of them.
        verdict: `batch` or `online`.
        binding: The constraint that decides: the first that is broken, or the one that is nearest to it.
    """

    workload: Workload
    figures: tuple[Figure, ...]
    constraints: tuple[Constraint, ...]
    verdict: Literal["batch", "online"]
    binding: Constraint

    def figure(self, name: str) -> float:
        """Returns the number of a name; KeyError where there is none."""
        return {figure.name: figure.value for figure in self.figures}[name]

    @property
    def sentence(self) -> str:
        """The verdict for a person."""
        binding = self.binding
        if binding.name == "context":
            return "online: context binds, for a feature that is known at request time alone changes the answer"
        number, unit = _amount(binding.needed, binding.unit)
        same = unit == _amount(binding.limit, binding.unit)[1]
        needs = f"{number if same else binding.needed_amount} of {binding.limit_amount}"
        if self.verdict == "online":
            return f"online: {binding.name} binds, for batch needs {needs}"
        return f"batch: all constraints hold, and {binding.name} is nearest to binding with {needs}"


def plan(workload: Workload) -> Plan:
    """Returns what a workload takes, and whether batch or online serves it."""
    figures = tuple(_figures(workload))
    values = {figure.name: figure.value for figure in figures}
    batch_h = values["scoring time"] + values["write time"]
    constraints = (
        Constraint("context", float(workload.online_features), 0.0, "features"),
        Constraint("memory", values["store memory"] / GIB, workload.memory_gib, "GiB"),
        Constraint("compute", values["scoring time"], workload.refresh_h, "hours"),
        Constraint("refresh", batch_h, workload.refresh_h, "hours"),
        Constraint("freshness", workload.refresh_h + batch_h, workload.max_age_h, "hours"),
    )
    broken = [constraint for constraint in constraints if not constraint.holds]
    # What comes later fails as well where something before it does.
    binding = broken[0] if broken else max(constraints, key=lambda constraint: constraint.share)
    return Plan(workload, figures, constraints, "online" if broken else "batch", binding)


def _figures(work: Workload) -> Iterator[Figure]:
    server, width, bucket = SERVERS[work.server], id_width(work.items), 1 << BUCKET_BITS
    yield Figure("every pair", float(work.users * work.items * _INT32), "bytes", "users × items × 4, were all kept")
    yield Figure("ids alone", float(work.users * work.kept * _INT32), "bytes", f"users × {work.kept} items × 4")
    size, how = work.answer_bytes, "measured in this store"
    if size is None:
        size = bucket_bytes(server, bucket, work.id_bytes, work.kept * width, expires=True) / bucket
        how = f"a hash of {bucket} users with {work.kept} ids of {width} bytes each, {server.title}"
    yield Figure("an answer", size, "bytes", how)
    answers = work.users * size
    yield Figure("answers", answers, "bytes", "users × an answer")
    digest = bucket_bytes(server, bucket, work.id_bytes, DIGEST_BYTES, expires=True) / bucket
    digests = work.users * digest
    yield Figure("digests", digests, "bytes", f"users × {digest:.1f}: {DIGEST_BYTES} bytes that tell who has changed")
    memory = (answers + digests) * work.versions * (1 + work.replicas) / work.fill
    how = f"answers and digests × {work.versions} versions × {1 + work.replicas} copies ÷ {work.fill:g} filled"
    yield Figure("store memory", memory, "bytes", how)
    pairs = float(work.users * work.scored)
    yield Figure("pairs", pairs, "pairs", f"users × {work.scored:,} candidates")
    core_h = pairs / work.pairs_s / _HOUR_S
    yield Figure("scoring", core_h, "core-hours", f"pairs ÷ {work.pairs_s:,.0f} a second and core")
    yield Figure("scoring time", core_h / work.cores, "hours", f"scoring ÷ {work.cores} cores")
    write_h = work.users / work.writes_s / _HOUR_S
    yield Figure("write time", write_h, "hours", f"users ÷ {work.writes_s:,.0f} a second")
    shards = max(1, math.ceil(work.requests_s / work.reads_s))
    how = f"{work.requests_s:,.0f} requests a second ÷ {work.reads_s:,.0f} a shard"
    yield Figure("shards to read", shards, "shards", how)
    month = memory / GIB * work.gib_month + core_h * work.core_hour * _MONTH_H / work.refresh_h
    how = f"memory × {work.gib_month:g} a GiB + scoring × {work.core_hour:g} an hour, each {work.refresh_h:g} hours"
    yield Figure("batch a month", month, work.currency, how)
    features = bucket_bytes(server, bucket, work.id_bytes, work.feature_bytes, expires=True) / bucket * work.users
    features *= work.versions * (1 + work.replicas) / work.fill
    how = f"users × a record of {work.feature_bytes} bytes, as answers are kept"
    yield Figure("feature memory", features, "bytes", how)
    candidates = min(work.online_candidates, work.items)
    cores = work.requests_s * candidates / work.pairs_s
    yield Figure("online scoring", cores, "cores", f"requests a second × {candidates} candidates ÷ pairs a second")
    month = features / GIB * work.gib_month + cores * work.core_hour * _MONTH_H
    yield Figure(
        "online a month", month, work.currency, f"feature memory × {work.gib_month:g} a GiB + cores, all hours"
    )
