"""The models that recommend: their manifests, bound to the catalog, following what the sidecar serves."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from pillion.errors import ConfigurationError, InvalidInput, InvalidModel
from pillion.features import (
    Baseline,
    BoundContract,
    Catalog,
    Contract,
    FeatureComparison,
    SampledUser,
    bind,
    compare_store,
    read_baseline,
    read_contract,
)
from pillion.features.ids import Ids
from pillion.features.popularity import generate_candidates
from pillion.project import Project, Serving
from pillion.recommend.first_phase import BoundFirstPhase
from pillion.scoring import ClassRanking, Manifest, ModelRepository, Ranking
from pillion.types import Value

_log = logging.getLogger("pillion.recommend.models")


@dataclass(frozen=True, slots=True)
class BoundModel:
    """What a model takes and gives, in terms of one feature version.

    Attributes:
        contract: Where its inputs come from.
        classes: The number of the item that each output is the score of; none where a row is an item.
        first_phase: What picks candidates in place of the popularity lists; None for nothing.
    """

    contract: BoundContract
    classes: Mapping[str, int]
    first_phase: BoundFirstPhase | None = None

    def candidates(
        self,
        catalog: Catalog,
        segment: str | None,
        context: Mapping[str, Value],
        seen: Ids,
        count: int,
        seen_share: float | None = None,
    ) -> Ids:
        """Returns the items that are ranked where a request names none, int64, shape (n,), n ≤ `count`.

        Args:
            catalog: The feature version that the model is bound to.
            segment: Whose popular items they are, then everybody's, where no first phase picks them.
            context: The inputs that all candidates share.
            seen: None of these items.
            count: How many, at most.
            seen_share: The share of all items that the first phase looked at; None for all.
        """
        picked = None
        if self.first_phase is not None:
            looked_at = None if seen_share is None else round(seen_share * len(catalog.table.ids))
            picked = self.first_phase.pick(context, seen, count, looked_at)
        return generate_candidates(catalog, segment, seen, count) if picked is None else picked


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A version of a model that ranks.

    Attributes:
        name: Of the model.
        version: Which.
        contract: What it takes.
        ranking: How its outputs become items in order.
        baseline: How its inputs were distributed when it was published; None where its version does not say.
    """

    name: str
    version: int
    contract: Contract
    ranking: Ranking
    baseline: Baseline | None = None

    @property
    def single_row(self) -> bool:
        """Whether it scores the context alone."""
        return isinstance(self.ranking, ClassRanking)


class Models:
    """The models of a repository that have a ranking.

    Args:
        repository: Where their manifests are.
        project: Says where inputs come from, and how ids are.
        default: The one that must be there; None for the only one.
    """

    def __init__(self, repository: ModelRepository, project: Project, default: str | None) -> None:
        self._repository = repository
        self._project = project
        self._default = default
        self._served: dict[str, ServedModel] = {}
        self._bound: dict[str, tuple[ServedModel, Catalog, BoundModel]] = {}
        self._wanted: dict[str, int | None] = {}

    def load(self) -> None:
        """Reads the latest manifest of each model.

        Raises:
            ConfigurationError: The repository cannot be read, or lacks the default model.
            InvalidModel: The default model's manifest is bad, or ranks nothing; a bad one of another model is
                logged.
        """
        for name in self._repository.models():
            try:
                served = _served(self._repository.read(name))
            except InvalidModel as error:
                if name == self._default:
                    raise
                _log.warning("the model '%s' cannot be asked for: %s", name, error)
                continue
            if served is not None:
                self._served[name] = served
        for name in self._project.models:
            if name not in self._served:
                self._repository.read(name)
                raise ConfigurationError(f"{self._project.name} says how '{name}' is served, which ranks nothing")
        if self._default is None:
            self._default = self._only()
        if self._default not in self._served:
            self._repository.read(self._default)
            raise InvalidModel(f"the manifest of the model '{self._default}' says nothing of its ranking")

    def read(self, name: str, version: int) -> ServedModel:
        """Reads one version of a model, whichever are loaded.

        Raises:
            InvalidModel: Its manifest is bad, or ranks nothing.
        """
        served = _served(self._repository.read(name, version))
        if served is None:
            raise InvalidModel(f"the manifest of version {version} of the model '{name}' says nothing of its ranking")
        return served

    def _only(self) -> str:
        """The only model that ranks, to be asked where nobody names one."""
        if len(self._served) == 1:
            return next(iter(self._served))
        folder = self._repository.folder
        if not self._served:
            raise ConfigurationError(
                f"the model repository {folder} has no model that ranks: publish one with a pillion.toml whose"
                " [ranking] says how"
            )
        known = ", ".join(f"'{name}'" for name in self._served)
        raise ConfigurationError(
            f"the model repository {folder} has the models {known}, and nothing says which is asked: give --model, set"
            " PILLION_RECOMMEND_MODEL, or name one as 'model' in pillion.toml"
        )

    @property
    def default(self) -> str | None:
        """The model that is asked where nobody names one; known once the models are loaded."""
        return self._default

    @property
    def served(self) -> tuple[ServedModel, ...]:
        """The versions in use."""
        return tuple(self._served.values())

    @property
    def versions(self) -> dict[str, int]:
        """The versions in use, by model."""
        return {name: served.version for name, served in self._served.items()}

    def get(self, name: str | None) -> ServedModel:
        """Returns a model; the default one for None.

        Raises:
            InvalidInput: There is no such model.
        """
        served = self._served.get(name or self._default or "")
        if served is None:
            known = ", ".join(sorted(self._served))
            raise InvalidInput(f"there is no model '{name}' to recommend with, only {known}", "model")
        return served

    def serving(self, name: str) -> Serving:
        """Returns how a model is served; online where the project file says nothing."""
        return self._project.serving(name)

    def bind(self, served: ServedModel, catalog: Catalog) -> BoundModel:
        """Returns where a model's inputs come from, and which items its outputs mean, in a catalog.

        Raises:
            ConfigurationError: The catalog lacks some; names them.
        """
        known = self._bound.get(served.name)
        if known is not None and known[0] is served and known[1] is catalog:
            return known[2]
        bound = self._make(served, catalog)
        self._bound[served.name] = (served, catalog, bound)
        return bound

    def check(self, catalog: Catalog) -> None:
        """Raises ConfigurationError where a model wants what a catalog lacks."""
        self._check_ids(catalog)
        for served in self._served.values():
            self._make(served, catalog)

    def problems(self, catalog: Catalog) -> list[str]:
        """Returns what keeps the models from being served with a catalog, a sentence each; none where nothing does."""
        found = []
        checks: list[Callable[[Catalog], object]] = [self._check_ids]
        checks += [partial(self._make, served) for served in self._served.values()]
        for check in checks:
            try:
                check(catalog)
            except ConfigurationError as error:
                found.append(str(error))
        return found

    def unused(self, catalog: Catalog) -> list[str]:
        """Returns the features of a catalog that no model takes."""
        taken = {field.name for served in self._served.values() for field in served.contract.inputs}
        names = [("users", name) for name in catalog.users.names]
        names += [("items", name) for name in catalog.table.columns]
        return [f"{what}.{name}" for what, name in names if name not in taken]

    def compare(self, catalog: Catalog, users: Sequence[SampledUser]) -> dict[str, list[FeatureComparison]]:
        """Returns, by model, how a catalog's features look beside what the model was published with.

        Args:
            catalog: A feature version that the models can be served with.
            users: Some of its users.
        """
        return {
            name: compare_store(
                served.contract.inputs, served.baseline, self.bind(served, catalog).contract, catalog, users
            )
            for name, served in self._served.items()
        }

    def _check_ids(self, catalog: Catalog) -> None:
        users, items = self._project.users.type, self._project.items.type
        for what, declared, found in (("users", users, catalog.user_ids), ("items", items, catalog.numbers.kind)):
            if declared != found:
                raise ConfigurationError(
                    f"the store's {what} have ids of the type '{found}', but {self._project.name} says"
                    f' [{what}] type = "{declared}"'
                )

    def _make(self, served: ServedModel, catalog: Catalog) -> BoundModel:
        contract = bind(
            served.contract, served.name, catalog.users, catalog.items, served.single_row, self._project.inputs
        )
        classes = served.ranking.classes if isinstance(served.ranking, ClassRanking) else {}
        items = list(classes.values())
        kind = catalog.numbers.kind
        if any(isinstance(item, str) != (kind == "string") for item in items):
            raise ConfigurationError(
                f"the model '{served.name}' ranks items such as {items[0]!r}, but the store's items have ids of the"
                f" type '{kind}'"
            )
        numbers: list[int] = catalog.numbers.find(items).tolist()
        absent = [item for item, number in zip(items, numbers, strict=True) if number < 0]
        if absent:
            raise ConfigurationError(
                f"the model '{served.name}' ranks {len(absent)} items that the store lacks, such as {absent[0]!r}"
            )
        phase = self.serving(served.name).first_phase
        if phase is not None and served.single_row:
            raise ConfigurationError(
                f"the model '{served.name}' ranks its classes, so that no first phase can pick its candidates"
            )
        return BoundModel(
            contract,
            dict(zip(classes, numbers, strict=True)),
            None if phase is None else BoundFirstPhase(phase, contract, served.name, catalog),
        )

    def note_version(self, name: str, version: int | None) -> None:
        """Notes which version the sidecar scored with; None where it declined, and another may have come."""
        if version is None or version != self._served[name].version:
            self._wanted[name] = version

    def refresh(self, catalog: Catalog | None) -> None:
        """Reads the manifests of the versions noted; one that cannot be used is logged and left out."""
        wanted, self._wanted = self._wanted, {}
        for name, version in wanted.items():
            try:
                served = _served(self._repository.read(name, version))
                if served is None or served.version == self._served[name].version:
                    continue
                if catalog is not None:
                    self._make(served, catalog)
            except (ConfigurationError, InvalidModel) as error:
                _log.warning("another version of the model '%s' cannot be used: %s", name, error)
                continue
            self._served[name] = served
            _log.info("using version %d of the model '%s'", served.version, name)


def _served(manifest: Manifest) -> ServedModel | None:
    if manifest.ranking is None:
        return None
    contract = read_contract(manifest.contract, str(manifest.path))
    return ServedModel(manifest.model, manifest.version, contract, manifest.ranking, _baseline(manifest, contract))


def _baseline(manifest: Manifest, contract: Contract) -> Baseline | None:
    if manifest.baseline is None:
        return None
    try:
        data = manifest.baseline.read_bytes()
    except OSError as error:
        raise InvalidModel(f"{manifest.baseline} cannot be read: {error.strerror}") from error
    return read_baseline(data, contract.inputs, str(manifest.baseline))
