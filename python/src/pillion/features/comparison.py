"""The comparison of a feature version with a model's baseline: what is missing, unseen, out of range, and drifts.

The rows that a model is fitted on mostly are of what users took, so that much-taken items and busy users come often in
them, and of items drawn evenly beside those. So items count as often as they were taken in a share of the rows, and
evenly in the others; the share is the one that comes nearest to the baseline, one for all features of items. Users
count likewise, by what they have seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pillion.features import keys
from pillion.features.baseline import Baseline, Distribution
from pillion.features.catalog import Catalog
from pillion.features.contract import BoundContract, Input
from pillion.features.drift import LARGE, WORDS, Verdict, judge, stability_index
from pillion.features.tally import FeatureTally
from pillion.features.user_sample import SampledUser
from pillion.types import Origin

ITEMS = 100_000
"""That are looked at, at most: evenly spread ones where there are more."""
_MIXTURES = 21


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
    kept, taken = _items(catalog)
    sources: tuple[tuple[Origin, Sequence[str], Sequence[float]], ...] = (
        ("item", contract.item, taken), ("user", contract.user, [float(user.seen) for user in users]),
    )  # fmt: skip
    found: dict[str, FeatureComparison] = {}
    for source, names, weights in sources:
        counted = []
        for each in inputs:
            if each.name in names:
                values: Any = (
                    catalog.table.take(each.name, kept)
                    if source == "item"
                    else [user.features.get(each.name) for user in users]
                )
                tally = FeatureTally(each, expected.get(each.name))
                plain = values if isinstance(values, list) else values.tolist()
                counted.append((each.name, tally, np.array([tally.add(value) for value in plain], dtype=np.int64)))
        shares = _nearest(weights, [(expected[name].parts, parts) for name, _, parts in counted if name in expected])
        for name, tally, parts in counted:
            found[name] = _compared(name, source, tally, expected.get(name), parts, shares)
    return [found[each.name] for each in inputs if each.name in found]


def _nearest(weights: Sequence[float], features: Sequence[tuple[Sequence[int], Any]]) -> Any:
    """The share of each row of the store, float64, shape (n,), with which its features come nearest to the baseline.

    Args:
        weights: How often each is taken.
        features: Rows of the baseline by part, and the part of each row of the store.
    """
    rows = len(weights)
    even = np.full(rows, 1 / max(1, rows))
    total = sum(weights)
    if not total:
        return even
    taken = np.array(weights) / total
    mixtures = [share * taken + (1 - share) * even for share in np.linspace(1, 0, _MIXTURES)]

    def distance(mixture: Any) -> float:
        """The sum of the indices, of which one that has moved anyway does not decide."""
        parted = ((before, _by_part(parts, mixture, before)) for before, parts in features if sum(before))
        return sum(min(stability_index(before, now), LARGE) for before, now in parted)

    return min(mixtures, key=distance)


def _by_part(parts: Any, shares: Any, before: Sequence[int]) -> list[float]:
    found: list[float] = np.bincount(parts, weights=shares, minlength=len(before)).tolist()
    return found


def _compared(
    name: str, source: Origin, tally: FeatureTally, before: Distribution | None, parts: Any, shares: Any
) -> FeatureComparison:
    judged = None
    if before is not None and any(before.parts) and len(parts):
        judged = judge(before.parts, _by_part(parts, shares, before.parts), 1 / float(np.sum(shares**2)))
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


def _items(catalog: Catalog) -> tuple[Any, list[float]]:
    """Which items are looked at, int64, shape (n,), and how often each was taken."""
    ids = catalog.table.ids
    kept = np.arange(len(ids), dtype=np.int64)
    if len(ids) > ITEMS:
        kept = np.linspace(0, len(ids) - 1, ITEMS).astype(np.int64)
    popular = catalog.popularity[keys.GLOBAL]
    taken = dict(zip(popular.items.tolist(), popular.counts.tolist(), strict=True))
    return kept, [float(taken.get(item, 0)) for item in ids[kept].tolist()]
