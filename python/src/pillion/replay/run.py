"""The replay of a log: its requests are computed again, and each that comes out otherwise is put down to a cause."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pyspark.sql import SparkSession

from pillion.errors import ConfigurationError, InvalidModel
from pillion.export.difference import StageDifference, first_difference
from pillion.export.saved_pipeline import unpack_pipeline
from pillion.project import Input
from pillion.replay.bundle import write_bundle
from pillion.replay.causes import Causes, Difference
from pillion.replay.feature_versions import FeatureVersions
from pillion.replay.model_version import (
    Columns,
    ModelVersion,
    RowScorer,
    open_engine,
    open_pipeline,
    read_model_version,
)
from pillion.replay.rows import RequestRows, Unreplayable, lay_out
from pillion.scoring import ModelRepository
from pillion.types import Id, Value
from pillion.watch import LoggedRequest, Replayed, hash_user, log_files, read_log

_ROWS = 20_000
"""That are scored at once, about."""
_BUNDLES = 10
"""Of a cause, at most."""
_NEAR = 5
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class ReplayResult:
    """What a replay found.

    Attributes:
        logged: Requests in the log, of the models that were asked for.
        scores: Scores that were computed again and compared with logged ones.
        users: Requests whose user's features were compared with the store's.
        files: What was found, by file of the log.
        differences: The first differences of each cause.
        bundles: Their files.
        reasons: Why requests could not be computed again, and how many.
        notes: What whoever reads the result should know, a sentence each.
    """

    logged: int = 0
    scores: int = 0
    users: int = 0
    files: dict[str, Replayed] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    bundles: list[Path] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    @property
    def found(self) -> Replayed:
        """The sum of all files."""
        return sum(self.files.values(), Replayed())

    @property
    def differing(self) -> int:
        """Requests that came out otherwise."""
        return sum(self.found.differing.values())


def replay_log(
    log: Path,
    repository: ModelRepository,
    versions: FeatureVersions,
    declared: Mapping[str, Input],
    jar: Path,
    *,
    session: SparkSession | None,
    model: str | None = None,
    most: int = 1000,
    key: bytes | None = None,
    bundles: Path | None = None,
    progress: Progress = lambda what, done, total: None,
) -> ReplayResult:
    """Computes logged requests again.

    Args:
        log: A file of a log, or its folder.
        repository: Has the models.
        versions: The store's features.
        declared: The inputs of the project file.
        jar: The sidecar's.
        session: Spark's; without one the engine computes them, which is not Spark.
        model: Requests of this one alone; None for all.
        most: Requests, at most; evenly spread ones where there are more.
        key: The log's, to find the users whose features are compared with the store's; None where they are not.
        bundles: The folder where differences go; None for nowhere.
        progress: Is told how many are done.

    Raises:
        ConfigurationError: There is no log, or a pipeline can't be loaded.
        InvalidInput: A line is no logged request.
        StoreError: The store failed.
    """
    result = ReplayResult()
    chosen = _choose(log, model, most, result)
    users = {} if key is None else _users(chosen.values(), versions, key)
    replay = _Replay(repository, versions, declared, jar, session, users, bundles, result)
    done = 0
    for (name, version), requests in chosen.items():
        for part in replay.parts(name, version, requests):
            done += part
            progress("requests computed again", done, sum(map(len, chosen.values())))
    return result


def _choose(
    log: Path, model: str | None, most: int, result: ReplayResult
) -> dict[tuple[str, int], list[LoggedRequest]]:
    """The requests that are computed again, by model and version; notes what the files have."""
    files = log_files(log)
    for path in files:
        first = last = count = 0
        for request in read_log(path):
            if model is None or request.model == model:
                first, last, count = first or request.served, request.served, count + 1
        result.files[path.name] = Replayed(served=last - first + 1 if count else 0)
        result.logged += count
    step = max(1, -(-result.logged // most))
    chosen: dict[tuple[str, int], list[LoggedRequest]] = defaultdict(list)
    place = 0
    for path in files:
        for request in read_log(path):
            if model is None or request.model == model:
                if place % step == 0:
                    chosen[request.model, request.version].append(request)
                place += 1
    return chosen


def _users(chosen: Iterable[Sequence[LoggedRequest]], versions: FeatureVersions, key: bytes) -> dict[str, Id]:
    """The ids of the users whose requests are computed again, by their hash, as far as the store has them."""
    requests = [request for group in chosen for request in group]
    wanted = {request.user for request in requests}
    newest = max((request.feature_version for request in requests), default=0)
    catalog = versions.find(newest)
    found: dict[str, Id] = {}
    for ids in versions.user_ids(catalog) if catalog is not None else ():
        found |= {user: each for each in ids if (user := hash_user(each, key).hex()) in wanted}
        if len(found) == len(wanted):
            break
    return found


class _Replay:
    """One replay, and what it has opened."""

    def __init__(
        self,
        repository: ModelRepository,
        versions: FeatureVersions,
        declared: Mapping[str, Input],
        jar: Path,
        session: SparkSession | None,
        users: Mapping[str, Id],
        bundles: Path | None,
        result: ReplayResult,
    ) -> None:
        self._repository = repository
        self._versions = versions
        self._declared = declared
        self._jar = jar
        self._session = session
        self._users = users
        self._bundles = bundles
        self._result = result
        self._explained: dict[tuple[str, int], StageDifference | None] = {}
        self._engine: Callable[[ModelVersion], RowScorer] = cache(lambda model: open_engine(model, jar))
        self._causes = Causes(
            versions, declared, self._engine, self._others, None if session is None else self._explain
        )

    def parts(self, name: str, version: int, requests: Sequence[LoggedRequest]) -> Iterator[int]:
        """Computes requests of one version again, and yields how many were done."""
        try:
            model = read_model_version(self._repository, name, version)
        except (ConfigurationError, InvalidModel) as error:
            for request in requests:
                self._leave_out(request, str(error))
            yield len(requests)
            return
        session = self._session if model.has_pipeline else None
        if self._session is not None and session is None:
            self._result.notes.append(
                f"no pipeline is kept with version {version} of '{name}', so the engine computed its requests again,"
                " which is not Spark"
            )
        scorer = self._engine(model) if session is None else open_pipeline(session, model, self._jar)
        waiting: list[tuple[LoggedRequest, RequestRows]] = []
        count = 0
        for request in requests:
            try:
                rows = self._rows(request, model)
            except Unreplayable as why:
                self._leave_out(request, str(why))
                yield 1
                continue
            waiting.append((request, rows))
            count += rows.rows
            if count >= _ROWS:
                self._compute(model, scorer, waiting, session is not None)
                yield len(waiting)
                waiting, count = [], 0
        if waiting:
            self._compute(model, scorer, waiting, session is not None)
            yield len(waiting)

    def _rows(self, request: LoggedRequest, model: ModelVersion) -> RequestRows:
        catalog = self._versions.find(request.feature_version)
        if catalog is None:
            raise Unreplayable(f"the store no longer has feature version {request.feature_version}")
        return lay_out(request, model, catalog, self._declared)

    def _compute(
        self,
        model: ModelVersion,
        scorer: RowScorer,
        waiting: Sequence[tuple[LoggedRequest, RequestRows]],
        spark: bool,
    ) -> None:
        columns: Columns = {name: [] for name in waiting[0][1].columns}
        for _, rows in waiting:
            for name, column in rows.columns.items():
                columns[name] += column
        total = sum(rows.rows for _, rows in waiting)
        scores = scorer.score(columns, total)
        first = 0
        for request, rows in waiting:
            answer = rows.answer(model, scores, first)
            first += rows.rows
            self._result.scores += len(request.scores)
            difference = self._of_user(request, model, rows)
            if difference is None and not rows.is_logged(answer, request):
                difference = self._causes.of_scores(request, model, rows, answer, spark)
            self._note(request, difference)

    def _of_user(self, request: LoggedRequest, model: ModelVersion, rows: RequestRows) -> Difference | None:
        user_id = self._users.get(request.user)
        if user_id is None:
            return None
        self._result.users += 1
        return self._causes.of_user(request, model, rows, user_id)

    def _note(self, request: LoggedRequest, difference: Difference | None) -> None:
        differing: dict[str, int] = {} if difference is None else {difference.cause: 1}
        self._result.files[request.file] += Replayed(checked=1, differing=differing)
        if difference is None:
            return
        alike = sum(each.cause == difference.cause for each in self._result.differences)
        if alike < _BUNDLES:
            self._result.differences.append(difference)
            if self._bundles is not None:
                self._result.bundles.append(write_bundle(difference, self._bundles))

    def _leave_out(self, request: LoggedRequest, why: str) -> None:
        self._result.files[request.file] += Replayed(unchecked=1)
        self._result.reasons[why] += 1

    def _others(self, model: ModelVersion) -> Iterator[ModelVersion]:
        """The other versions of a model, the nearest first."""
        numbers = [number for number in self._repository.versions(model.name) if number != model.version]
        for number in sorted(numbers, key=lambda each: abs(each - model.version))[:_NEAR]:
            try:
                yield read_model_version(self._repository, model.name, number)
            except (ConfigurationError, InvalidModel):
                continue

    def _explain(self, model: ModelVersion, row: Mapping[str, Value]) -> StageDifference | None:
        """The first stage that differs, looked for once a version, since it takes seconds."""
        key = model.name, model.version
        if key not in self._explained and self._session is not None:
            pipeline, schema = unpack_pipeline(model.folder)
            self._explained[key] = first_difference(self._session, pipeline, schema, row, self._jar)
        return self._explained.get(key)
