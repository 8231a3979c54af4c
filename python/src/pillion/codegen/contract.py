"""What types are generated from: a version's inputs and outputs, as its manifest says them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from pillion.errors import ConfigurationError, InvalidModel
from pillion.scoring import ModelRepository
from pillion.scoring.repository import MODEL, version_number

MOST_VALUES = 64
"""Of a vocabulary that becomes an enumeration."""
TYPES = ("double", "float", "integer", "boolean", "string")


@dataclass(frozen=True, slots=True)
class TypedField:
    """An input or an output.

    Attributes:
        name: As it is called on the wire.
        type: One of `TYPES`.
        values: The vocabulary of an input that becomes an enumeration; none for another field.
    """

    name: str
    type: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TypedContract:
    """What a version takes and gives.

    Attributes:
        model: Name.
        version: 1, 2, 3 …
        document: The SHA-256 of the document, in hexadecimal digits.
        inputs: In the manifest's order.
        outputs: In the manifest's order.
    """

    model: str
    version: int
    document: str
    inputs: tuple[TypedField, ...]
    outputs: tuple[TypedField, ...]


def read_contract(folder: Path) -> TypedContract:
    """Reads what a version says of itself.

    Args:
        folder: The version's, or the model's for its newest version.

    Raises:
        ConfigurationError: There is no such version.
        InvalidModel: A file is absent or is not what the manifest says; the message names the file.
    """
    folder = folder.resolve()
    number = version_number(folder.name)
    model = folder if number is None else folder.parent
    if not folder.is_dir():
        raise ConfigurationError(f"{folder} is no folder of a model, such as pmml-models/ranker, or of a version of it")
    manifest = ModelRepository(model.parent).read(model.name, number)
    raw = orjson.loads(manifest.path.read_bytes())
    # Only the compiled engine reads the plan's own outputs.
    outputs = [field for field in raw["outputs"] if manifest.engine != "jpmml" or not field.get("plan")]
    return TypedContract(
        manifest.model,
        manifest.version,
        raw["files"][MODEL]["sha256"].lower(),
        tuple(_field(manifest.path, field, _vocabulary(field)) for field in manifest.contract.get("inputs", [])),
        tuple(_field(manifest.path, field, ()) for field in outputs),
    )


def _vocabulary(field: Mapping[str, Any]) -> tuple[str, ...]:
    """The values of an input that has few of them; texts that spell a date or a number are no vocabulary."""
    values = field.get("values", [])
    if field.get("type") != "string" or "format" in field or len(values) > MOST_VALUES:
        return ()
    return tuple(dict.fromkeys(values))


def _field(path: Path, field: Mapping[str, Any], values: tuple[str, ...]) -> TypedField:
    if field.get("type") not in TYPES:
        raise InvalidModel(f"{path}: the field {field.get('name')!r} is of type {field.get('type')!r}, not of {TYPES}")
    return TypedField(field["name"], field["type"], values)
