"""The model repository, `<folder>/<model>/<version>/`, as far as the data plane needs it: the manifests."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from pillion.errors import ConfigurationError, InvalidModel
from pillion.scoring.ranking import ClassRanking, Ranking, ScoreRanking

FORMAT = 1
MANIFEST = "manifest.json"
MODEL = "model.pmml"
VERIFICATION = "verification.jsonl"
PIPELINE = "pipeline.zip"
"""The fitted pipeline, of versions that keep it."""
BASELINE = "baseline.json"
"""How the inputs were distributed; versions published before there was one have none."""
NO_ENGINE = "none"
"""What a manifest says where no engine gave what Spark gave."""
_BLOCK = 1 << 20
_LAST_VERSION = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a version says of itself.

    Attributes:
        model: Name.
        version: 1, 2, 3 …
        contract: The JSON of the feature contract, as it is.
        outputs: Names of the outputs.
        ranking: How outputs become items in order; None for a model that ranks nothing.
        engine: The engine that the version is cleared for, or `auto`.
        path: The file, for messages.
        baseline: The file that says how the inputs were distributed; None where the version has none.
    """

    model: str
    version: int
    contract: Mapping[str, Any]
    outputs: tuple[str, ...]
    ranking: Ranking | None
    engine: str
    path: Path
    baseline: Path | None = None


def version_number(name: str) -> int | None:
    """Returns the version that a folder's name is, from 1 to 2**63 - 1 without leading zeros; None for another name."""
    if not name.isascii() or not name.isdigit() or name[0] == "0":
        return None
    number = int(name)
    return number if number <= _LAST_VERSION else None


class ModelRepository:
    """A folder of models.

    Args:
        folder: The folder; it need not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def models(self) -> list[str]:
        """Returns the models that have a version, by name.

        Raises:
            ConfigurationError: The folder is not there, or cannot be read.
        """
        try:
            names = sorted(path.name for path in self.folder.iterdir() if path.is_dir() and path.name[0] != ".")
        except FileNotFoundError as error:
            raise ConfigurationError(
                f"there is no model repository at {self.folder}: `pillion publish --models {self.folder}` makes one,"
                " and --models or PILLION_SIDECAR_MODELS names another"
            ) from error
        except OSError as error:
            reason = error.strerror
            raise ConfigurationError(f"the model repository {self.folder} cannot be read: {reason}") from error
        return [name for name in names if self.versions(name)]

    def versions(self, model: str) -> list[int]:
        """Returns the versions of a model, ascending; none where there is no such model."""
        try:
            names = [path.name for path in (self.folder / model).iterdir() if path.is_dir()]
        except OSError:
            return []
        return sorted(number for name in names if (number := version_number(name)) is not None)

    def read(self, model: str, version: int | None = None) -> Manifest:
        """Reads a manifest and checks the files that it speaks of.

        Args:
            model: Name.
            version: Which; None for the latest.

        Raises:
            ConfigurationError: There is no such version.
            InvalidModel: A file is absent or is not what the manifest says; the message names the file.
        """
        versions = self.versions(model)
        if not versions or (version is not None and version not in versions):
            which = "" if version is None else f" version {version} of"
            raise ConfigurationError(f"the model repository {self.folder} has no{which} model '{model}'")
        folder = self.folder / model / str(versions[-1] if version is None else version)
        manifest = _parse(folder / MANIFEST)
        if (manifest.model, str(manifest.version)) != (model, folder.name):
            raise InvalidModel(
                f"{manifest.path} is of '{manifest.model}' version {manifest.version}, not of its folder's"
            )
        return manifest


def why_not_cleared(folder: Path) -> str | None:
    """Returns why the version in a folder may not be scored, in a sentence; None where an engine gave what Spark gave.

    A folder without a manifest is no version, and may be.
    """
    try:
        manifest = orjson.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(manifest, dict) or manifest.get("engine") != NO_ENGINE:
        return None
    records = manifest.get("parity") or {}
    told = {
        engine: record.get("declined") or "; ".join(record.get("problems", ())) for engine, record in records.items()
    }
    why = "; ".join(f"engine '{engine}': {reason}" for engine, reason in told.items() if reason)
    return f"{folder} is cleared for no engine, so its scores would not be Spark's: {why or 'none passed'}"


def _parse(path: Path) -> Manifest:
    try:
        raw = orjson.loads(path.read_bytes())
    except OSError as error:
        raise InvalidModel(f"{path} cannot be read: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise InvalidModel(f"{path} is not JSON: {error}") from error
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        found = raw.get("format") if isinstance(raw, dict) else None
        raise InvalidModel(f"{path} has format {found!r}, but only {FORMAT} is known")
    has_baseline = isinstance(raw.get("files"), dict) and BASELINE in raw["files"]
    for name in (MODEL, VERIFICATION, *([BASELINE] if has_baseline else [])):
        _check_hash(path, raw, name)
    version = raw.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise InvalidModel(f"{path} has no whole number 'version' above 0")
    outputs = _outputs(path, raw.get("outputs"))
    contract = raw.get("contract")
    if not isinstance(contract, dict):
        raise InvalidModel(f"{path} has no object 'contract'")
    return Manifest(
        _text(path, raw, "model"),
        version,
        contract,
        outputs,
        _ranking(path, raw.get("ranking"), outputs),
        str(raw.get("engine") or "auto"),
        path,
        path.parent / BASELINE if has_baseline else None,
    )


def _check_hash(path: Path, raw: Mapping[str, Any], name: str) -> None:
    files = raw.get("files")
    entry = files.get(name) if isinstance(files, dict) else None
    expected = entry.get("sha256") if isinstance(entry, dict) else None
    if not isinstance(expected, str):
        raise InvalidModel(f"{path} has no SHA-256 of {name}")
    file = path.parent / name
    actual = hashlib.sha256()
    try:
        with file.open("rb") as stream:
            while block := stream.read(_BLOCK):
                actual.update(block)
    except OSError as error:
        raise InvalidModel(f"{file} cannot be read: {error.strerror}") from error
    if actual.hexdigest() != expected.lower():
        raise InvalidModel(f"{file} is not the file that its manifest was written for: its SHA-256 differs")


def _text(path: Path, raw: Mapping[str, Any], key: str) -> str:
    value = raw.get(key)
    if not isinstance(value, str) or not value:
        raise InvalidModel(f"{path} has no text '{key}'")
    return value


def _outputs(path: Path, raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list):
        raise InvalidModel(f"{path} has no list 'outputs'")
    names = [field.get("name") if isinstance(field, dict) else None for field in raw]
    if not all(isinstance(name, str) for name in names):
        raise InvalidModel(f"{path} has an output without a name")
    return tuple(str(name) for name in names)


def _is_whole(item: object) -> bool:
    return isinstance(item, int) and not isinstance(item, bool) and item >= 0


def _ranking(path: Path, raw: Any, outputs: tuple[str, ...]) -> Ranking | None:
    if raw is None:
        return None
    kind = raw.get("kind") if isinstance(raw, dict) else None
    ranking: Ranking
    if kind == "score" and isinstance(raw.get("output"), str):
        ranking = ScoreRanking(raw["output"])
        named = [ranking.output]
    elif kind == "classes" and isinstance(raw.get("classes"), dict) and raw["classes"]:
        classes = raw["classes"]
        if not (
            all(map(_is_whole, classes.values())) or all(isinstance(item, str) and item for item in classes.values())
        ):
            raise InvalidModel(f"{path}: the ranking's classes must be item ids, all whole numbers or all text")
        ranking = ClassRanking(classes)
        named = list(classes)
    else:
        raise InvalidModel(f"{path}: the ranking needs kind 'score' with 'output', or 'classes' with 'classes'")
    for name in named:
        if name not in outputs:
            raise InvalidModel(f"{path}: the ranking names '{name}', which is not an output")
    return ranking
