"""The feature watch: counts what requests bring their models, and holds it against what these were published with."""

from collections.abc import Mapping
from dataclasses import dataclass

from pillion.features.contract import Input
from pillion.features.drift import Verdict, judge
from pillion.features.tally import FeatureTally
from pillion.project import Input as Declared
from pillion.project import Project
from pillion.recommend import ScoredRequest, ServedModel
from pillion.types import Origin, Value

FEATURES = 200
"""Features of a model that are watched, at most: the first of its contract."""


@dataclass(frozen=True, slots=True)
class FeatureCounts:
    """What came of a feature.

    Attributes:
        model: Whose it is.
        feature: Its name.
        source: `user` or `online`.
        values: How many were counted, since the worker began.
        missing: How many of them were missing.
        unseen: How many were of a category that the model does not know.
        outside: How many were outside the project file's range, or else the baseline's least and greatest value.
        index: The stability index of the last ones against the baseline; None where there is none yet.
        verdict: What it says.
    """

    model: str
    feature: str
    source: Origin
    values: int
    missing: int
    unseen: int
    outside: int
    index: float | None
    verdict: Verdict | None


class _Feature:
    """One feature of a version, and its last values by part, in two halves of which the older one is dropped."""

    __slots__ = ("_before", "_expected", "_judged", "_now", "_rows", "_waiting", "source", "tally")

    def __init__(self, taken: Input, source: Origin, served: ServedModel, declared: Declared | None) -> None:
        expected = None if served.baseline is None else served.baseline.features.get(taken.name)
        self.source = source
        self.tally = FeatureTally(taken, expected, None if declared is None else declared.range)
        # An hour or a weekday is that of now, so that the last values are never distributed as those of a year.
        moves = declared is not None and declared.derive is not None
        self._expected = () if expected is None or moves else expected.parts
        parts = 0 if expected is None else len(expected.parts)
        self._before: list[int] = []
        self._now = [0] * max(2, parts)
        self._rows = self._waiting = 0
        self._judged: tuple[float, Verdict] | None = None

    def add(self, value: Value, window: int) -> None:
        """Counts a value."""
        if self._rows == window:
            self._before, self._now, self._rows = self._now, [0] * len(self._now), 0
        self._now[self.tally.add(value)] += 1
        self._rows += 1
        self._waiting += 1

    def judge(self, after: int) -> tuple[float, Verdict] | None:
        """Returns the stability index of the last values, and what it says.

        Args:
            after: Values after which it is computed anew.
        """
        if self._waiting >= after and any(self._expected):
            last = list(self._now)
            if self._before:
                last = [now + before for now, before in zip(self._now, self._before, strict=True)]
            self._judged = judge(self._expected, last, sum(last))
            self._waiting = 0
        return self._judged


class FeatureWatch:
    """Counts the features that requests bring: those of users, and those that they say of themselves.

    Args:
        project: Has the ranges of inputs, and says which are derived from the time.
        window: Values of a feature that are held against its baseline: the last ones, at most twice as many.
    """

    def __init__(self, project: Project, window: int) -> None:
        self._declared = project.inputs
        self._window = window
        self._watched: dict[str, tuple[ServedModel, dict[str, _Feature]]] = {}
        self._earlier: dict[tuple[str, str], tuple[int, int, int, int]] = {}

    def note(self, scored: ScoredRequest) -> None:
        """Counts the features of a request."""
        features = self._of(scored)
        for name, value in scored.context.items():
            if (feature := features.get(name)) is not None:
                feature.add(value, self._window)

    @property
    def counts(self) -> tuple[FeatureCounts, ...]:
        """What was counted so far, by model and feature."""
        found = []
        for model, (_, features) in self._watched.items():
            for name, feature in features.items():
                judged = feature.judge(max(1, self._window // 20))
                found.append(
                    FeatureCounts(
                        model,
                        name,
                        feature.source,
                        *self._total(model, name, feature),
                        None if judged is None else judged[0],
                        None if judged is None else judged[1],
                    )
                )
        return tuple(found)

    def _of(self, scored: ScoredRequest) -> Mapping[str, _Feature]:
        """The features of the version that the request was prepared for; another version begins anew."""
        served = scored.request.model
        known = self._watched.get(served.name)
        if known is not None and known[0] is served:
            return known[1]
        if known is not None:
            for name, feature in known[1].items():
                self._earlier[served.name, name] = self._total(served.name, name, feature)
        sources: dict[str, Origin] = dict.fromkeys(scored.bound.contract.user, "user")
        sources |= dict.fromkeys(scored.bound.contract.online, "online")
        taken = [each for each in served.contract.inputs if each.name in sources][:FEATURES]
        features = {
            each.name: _Feature(each, sources[each.name], served, self._declared.get(each.name)) for each in taken
        }
        self._watched[served.name] = served, features
        return features

    def _total(self, model: str, name: str, feature: _Feature) -> tuple[int, int, int, int]:
        values, missing, unseen, outside = self._earlier.get((model, name), (0, 0, 0, 0))
        tally = feature.tally
        return values + tally.values, missing + tally.missing, unseen + tally.unseen, outside + tally.outside
