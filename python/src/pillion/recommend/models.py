"""The models that recommend: their manifests, bound to the catalog, following what the sidecar serves."""

import logging
from dataclasses import dataclass

from pillion.errors import ConfigurationError, InvalidInput, InvalidModel
from pillion.features import BoundContract, Catalog, Contract, bind, read_contract
from pillion.scoring import ClassRanking, Manifest, ModelRepository, Ranking

_log = logging.getLogger("pillion.recommend.models")


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A version of a model that ranks.

    Attributes:
        name: Of the model.
        version: Which.
        contract: What it takes.
        ranking: How its outputs become items in order.
        outputs: Those that the ranking needs.
    """

    name: str
    version: int
    contract: Contract
    ranking: Ranking
    outputs: tuple[str, ...]

    @property
    def single_row(self) -> bool:
        """Whether it scores the context alone."""
        return isinstance(self.ranking, ClassRanking)


class Models:
    """The models of a repository that have a ranking.

    Args:
        repository: Where their manifests are.
        default: The one that must be there.
    """

    def __init__(self, repository: ModelRepository, default: str) -> None:
        self._repository = repository
        self._default = default
        self._served: dict[str, ServedModel] = {}
        self._bound: dict[str, tuple[ServedModel, Catalog, BoundContract]] = {}
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
        if self._default not in self._served:
            self._repository.read(self._default)
            raise InvalidModel(f"the manifest of the model '{self._default}' says nothing of its ranking")

    @property
    def versions(self) -> dict[str, int]:
        """The versions in use, by model."""
        return {name: served.version for name, served in self._served.items()}

    def get(self, name: str | None) -> ServedModel:
        """Returns a model; the default one for None.

        Raises:
            InvalidInput: There is no such model.
        """
        served = self._served.get(name or self._default)
        if served is None:
            known = ", ".join(sorted(self._served))
            raise InvalidInput(f"there is no model '{name}' to recommend with, only {known}", "model")
        return served

    def bind(self, served: ServedModel, catalog: Catalog) -> BoundContract:
        """Returns where a model's inputs come from in a catalog.

        Raises:
            ConfigurationError: The catalog lacks some; names them.
        """
        known = self._bound.get(served.name)
        if known is not None and known[0] is served and known[1] is catalog:
            return known[2]
        bound = bind(served.contract, served.name, catalog.users, catalog.items, served.single_row)
        self._bound[served.name] = (served, catalog, bound)
        return bound

    def check(self, catalog: Catalog) -> None:
        """Raises ConfigurationError where a model wants what a catalog lacks."""
        for served in self._served.values():
            bind(served.contract, served.name, catalog.users, catalog.items, served.single_row)

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
                    bind(served.contract, name, catalog.users, catalog.items, served.single_row)
            except (ConfigurationError, InvalidModel) as error:
                _log.warning("another version of the model '%s' cannot be used: %s", name, error)
                continue
            self._served[name] = served
            _log.info("using version %d of the model '%s'", served.version, name)


def _served(manifest: Manifest) -> ServedModel | None:
    if manifest.ranking is None:
        return None
    contract = read_contract(manifest.contract, str(manifest.path))
    ranking = manifest.ranking
    outputs = tuple(ranking.classes) if isinstance(ranking, ClassRanking) else (ranking.output,)
    return ServedModel(manifest.model, manifest.version, contract, ranking, outputs)
