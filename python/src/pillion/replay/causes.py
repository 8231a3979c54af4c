"""The causes of a difference: value, freshness, transform or model."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pillion.errors import PillionError
from pillion.export.difference import StageDifference
from pillion.features import Catalog
from pillion.features.contract import hand_on
from pillion.project import Input
from pillion.replay.feature_versions import FeatureVersions
from pillion.replay.model_version import ModelVersion, RowScorer
from pillion.replay.rows import RequestRows, Unreplayable, lay_out, same
from pillion.scoring import Ranked
from pillion.types import Id, Value
from pillion.watch import LoggedRequest

Cause = Literal["value", "freshness", "transform", "model"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A request that came out otherwise than it was logged.

    Attributes:
        request: The request.
        model: The version that answered it.
        cause: What it is put down to.
        sentence: Why, and what differs.
        item: The first item of the answer that differs; None where it is the features that do.
        logged: Its score in the log; None where it has none there.
        recomputed: Its score now.
        row: What the model was given for it.
        stage: The first stage that differs, of a transform.
    """

    request: LoggedRequest
    model: ModelVersion
    cause: Cause
    sentence: str
    item: Id | None
    logged: float | None
    recomputed: float | None
    row: Mapping[str, Value]
    stage: StageDifference | None = None


@dataclass(frozen=True, slots=True)
class Causes:
    """Finds what a difference is put down to.

    Attributes:
        versions: The store's feature versions.
        declared: The inputs of the project file.
        engine: Returns the engine of a version.
        others: Returns the other versions of a model, the nearest first.
        explain: Returns the first stage that differs for a row; None where it is Spark that is not asked.
    """

    versions: FeatureVersions
    declared: Mapping[str, Input]
    engine: Callable[[ModelVersion], RowScorer]
    others: Callable[[ModelVersion], Iterator[ModelVersion]]
    explain: Callable[[ModelVersion, Mapping[str, Value]], StageDifference | None] | None

    def of_user(self, request: LoggedRequest, model: ModelVersion, rows: RequestRows, user_id: Id) -> Difference | None:
        """Returns how the user's features in the log differ from the store's of that version; None where they don't.

        Args:
            request: The request.
            model: The version that answered it.
            rows: What it was asked.
            user_id: Whose request it is.
        """
        names = [name for name in rows.catalog.users.names if name in rows.columns]
        logged = {name: rows.columns[name][0] for name in names}
        moved = self._moved(rows.catalog, user_id, logged)
        if not moved:
            return None
        name = moved[0]
        here = (self.versions.user(rows.catalog, user_id) or {}).get(name)
        more = f" and {len(moved) - 1} more" if len(moved) > 1 else ""
        what = f"the user's feature '{name}'{more}: {logged[name]!r} was scored"
        for other in self.versions.near(rows.catalog.version):
            if not self._moved(other, user_id, logged):
                sentence = f"{what}, which is feature version {other.version}'s; {rows.catalog.version} has {here!r}"
                return Difference(request, model, "freshness", sentence, None, None, None, logged)
        sentence = f"{what}, but feature version {rows.catalog.version} of the store has {here!r}"
        return Difference(request, model, "value", sentence, None, None, None, logged)

    def of_scores(
        self, request: LoggedRequest, model: ModelVersion, rows: RequestRows, answer: Ranked, spark: bool
    ) -> Difference:
        """Returns what an answer that is not the logged one is put down to.

        Args:
            request: The request.
            model: The version that answered it.
            rows: What it was asked.
            answer: What was computed again.
            spark: Whether Spark has computed it, and not the engine.
        """
        place, item, logged, recomputed = _first(request, rows, answer)
        row = {name: column[place] for name, column in rows.columns.items()}
        what = f"item {item!r} was logged with {logged!r}, and is {recomputed!r} now"

        def found(cause: Cause, why: str, stage: StageDifference | None = None) -> Difference:
            return Difference(request, model, cause, f"{what}: {why}", item, logged, recomputed, row, stage)

        if spark and self._gives(request, model, rows):
            stage = None if self.explain is None else self.explain(model, row)
            return found("transform", str(stage or "the engine gives what was logged, and Spark does not"), stage)
        for other in self.others(model):
            if self._lays_out_and_gives(request, other, rows.catalog):
                return found("model", f"version {other.version} of the model gives what was logged")
        for catalog in self.versions.near(rows.catalog.version):
            if self._lays_out_and_gives(request, model, catalog):
                return found("freshness", f"the items' features were feature version {catalog.version}'s")
        why = "no other version of the model or of the features gives what was logged, so other values were scored"
        return found("value", why)

    def _moved(self, catalog: Catalog, user_id: Id, logged: Mapping[str, Value]) -> list[str]:
        """The names of a user's features that a version has otherwise."""
        stored = self.versions.user(catalog, user_id) or {}
        moved = []
        for name, value in logged.items():
            here = stored.get(name)
            if here is None and (declared := self.declared.get(name)) is not None:
                here = hand_on(declared.default, declared.type)
            if not same(value, here):
                moved.append(name)
        return moved

    def _lays_out_and_gives(self, request: LoggedRequest, model: ModelVersion, catalog: Catalog) -> bool:
        try:
            return self._gives(request, model, lay_out(request, model, catalog, self.declared))
        except Unreplayable:
            return False

    def _gives(self, request: LoggedRequest, model: ModelVersion, rows: RequestRows) -> bool:
        """Whether the engine gives what was logged."""
        try:
            scores = self.engine(model).score(rows.columns, rows.rows)
        except PillionError:
            return False
        return rows.is_logged(rows.answer(model, scores), request)


def _first(
    request: LoggedRequest, rows: RequestRows, answer: Ranked
) -> tuple[int, Id | None, float | None, float | None]:
    """The row of the first item that differs, the item, its score in the log and the one computed again."""
    items = rows.items(answer)
    scores: list[float] = answer.scores.tolist()
    now = dict(zip(items, scores, strict=True))
    logged = dict(zip(request.items, request.scores, strict=True))
    for item in (*request.items, *items):
        if not same(logged.get(item), now.get(item)):
            break
    else:
        item = request.items[0] if request.items else items[0]  # only their order differs
    places = {identity: place for place, identity in enumerate(request.candidates)} if rows.rows > 1 else {}
    return places.get(item, 0), item, logged.get(item), now.get(item)
