"""The comparison of a feature version with a model's baseline: what is missing, unseen, out of range, and drifts.

The rows that a model is fitted on mostly are of what users took, so that much-taken items and busy users come often in
them. Items count here as often as they were taken, and users as often as they took something, where the store knows
it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pillion.features import keys
from pillion.features.baseline import Baseline, CategoryDistribution, NumberDistribution
from pillion.features.catalog import Catalog
from pillion.features.contract import BoundContract, Input
from pillion.features.drift import WORDS, Verdict
from pillion.features.tally import FeatureTally
from pillion.features.user_sample import SampledUser
from pillion.types import Origin, Value

ITEMS = 100_000
"""That are looked at, at most: evenly spread ones where there are more."""


@dataclass(frozen=True, slots=True)
class FeatureComparison:
    """What a feature of the store looks like beside the baseline.

    Attributes:
        feature: Its name.
        source: `user` or `item`.
        values: How many were looked at.
        missing: How many of them are missing.
        missing_before: Share that was missing in the baseline, 0 to 1; None where there is none.
        unseen: How many are of a category that the model does not know.
        examples: Some of those categories.
        outside: How many are outside the baseline's least and greatest value.
        index: The stability index; None where there is no baseline.
        verdict: What it says.
    """

    feature: str
    source: Origin
    values: int
    missing: int
    missing_before: float | None
    unseen: int
    examples: tuple[str, ...]
    outside: int
    index: float | None
    verdict: Verdict | None

    @property
    def problem(self) -> str | None:
        """What is wrong, in a sentence; None where nothing is."""
        found = []
        if self.unseen:
            shown = ", ".join(map(repr, self.examples))
            found.append(f"{self.unseen:,} of {self.values:,} values are none that the model knows, such as {shown}")
        if self.verdict == "large":
            found.append(f"its stability index is {self.index:.3f}: {WORDS['large']}{self._gaps()}")
        return f"{self.source}s.{self.feature}: {'; '.join(found)}" if found else None

    def _gaps(self) -> str:
        if self.missing_before is None or not self.values:
            return ""
        share = self.missing / self.values
        if abs(share - self.missing_before) < 0.01:
            return ""
        return f"; {share:.0%} of it is missing, {self.missing_before:.0%} in the baseline"


def compare_store(
    inputs: Sequence[Input],
    baseline: Baseline | None,
    contract: BoundContract,
    catalog: Catalog,
    users: Sequence[SampledUser],
) -> list[FeatureComparison]:
    """Compares the features of a store that a model takes with its baseline.

    Args:
        inputs: The model's.
        baseline: The model's; None where its version has none, and only what the contract tells is looked at.
        contract: Where its inputs come from.
        catalog: The feature version.
        users: Of that version.

    Returns:
        One for each input of the sources `user` and `item`, in the order of the model's.
    """
    expected = {} if baseline is None else baseline.features
    kept, weights = _items(catalog)
    busy = [float(user.seen) for user in users]
    if not any(busy):
        busy = [1.0] * len(users)
    found = []
    for taken in inputs:
        name = taken.name
        tally = FeatureTally(taken, expected.get(name))
        pairs: Iterable[tuple[Value, float]]
        if name in contract.item:
            source: Origin = "item"
            values: Any = catalog.table.take(name, kept)
            pairs = zip(values if isinstance(values, list) else values.tolist(), weights, strict=True)
        elif name in contract.user:
            source = "user"
            pairs = ((user.features.get(name), weight) for user, weight in zip(users, busy, strict=True))
        else:
            continue
        for value, weight in pairs:
            tally.add(value, weight)
        found.append(_compared(name, source, tally, expected))
    return found


def _compared(
    name: str,
    source: Origin,
    tally: FeatureTally,
    expected: Mapping[str, NumberDistribution | CategoryDistribution],
) -> FeatureComparison:
    judged = tally.judge()
    before = expected.get(name)
    return FeatureComparison(
        name,
        source,
        tally.values,
        tally.missing,
        None if before is None else before.missing / max(1, sum(before.parts)),
        tally.unseen,
        tuple(tally.examples),
        tally.outside,
        None if judged is None else judged[0],
        None if judged is None else judged[1],
    )


def _items(catalog: Catalog) -> tuple["np.ndarray[tuple[int], np.dtype[np.int64]]", list[float]]:
    """Which items are looked at, and how often each was taken."""
    ids = catalog.table.ids
    kept = np.arange(len(ids), dtype=np.int64)
    if len(ids) > ITEMS:
        kept = np.linspace(0, len(ids) - 1, ITEMS).astype(np.int64)
    popular = catalog.popularity[keys.GLOBAL]
    taken = dict(zip(popular.items.tolist(), popular.counts.tolist(), strict=True))
    weights = [float(taken.get(item, 0)) for item in ids[kept].tolist()]
    return kept, weights if any(weights) else [1.0] * len(weights)
