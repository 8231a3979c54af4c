"""The feature contract of a model: what it takes, of which type, and where each value comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast, get_args

from pillion.errors import ConfigurationError, InvalidModel
from pillion.features.record_codec import Kind, Schema
from pillion.project import Input as Declared
from pillion.project import ValueType
from pillion.tabular.forms import SPELLED, spell_as
from pillion.types import FieldType, Origin, Value

_FITS: dict[FieldType, tuple[Kind, ...]] = {
    "string": ("str",),
    "integer": ("i64",),
    "float": ("f32", "i64"),
    "double": ("f64", "f32", "i64"),
    "boolean": ("bool",),
}
_WORDS: dict[Kind, FieldType] = {"str": "string", "i64": "integer", "f32": "float", "f64": "double", "bool": "boolean"}
_ZEROS: dict[FieldType, str | int | float] = {"string": "", "integer": 0, "float": 0.0, "double": 0.0, "boolean": False}
_DECLARED_FITS: dict[str, tuple[ValueType, ...]] = {
    "string": ("string",),
    "integer": ("integer",),
    "float": ("float", "integer"),
    "double": ("double", "float", "integer"),
    "boolean": ("boolean",),
    "decimal": ("decimal",),
    "date": ("date",),
    "timestamp": ("timestamp",),
    "timestamp_ntz": ("timestamp",),
    "array<string>": ("string",),
}


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a model.

    Attributes:
        name: Unique in its contract.
        type: Of the values.
        optype: `continuous`, `categorical` or `ordinal`.
        source: Where a value comes from; None where the manifest leaves it to the store's schemas.
        values: The values that the model knows, where it declares them.
        missing: The document's treatment of missing values, where it declares one.
        has_default: Whether it declares a value that stands in for a missing one.
        format: What its texts spell, as `timestamp` or `decimal(8,2)`; None where they spell nothing.
    """

    name: str
    type: FieldType
    optype: str
    source: Origin | None = None
    values: tuple[Value, ...] | None = None
    missing: str | None = None
    has_default: bool = False
    format: str | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """The inputs of a model, in the order of its manifest."""

    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class BoundContract:
    """A contract whose every input has a place to come from.

    Attributes:
        types: Of all inputs, by name.
        user: Inputs from the user's record.
        item: Inputs from the items' records.
        online: Inputs from the request.
        defaults: What stands in for a missing value of an input from a record, where one is declared.
        takes_unknown_users: Whether a user without features may be scored.
        has_user_defaults: Whether every input from the user's record has a declared default.
        samples: For inputs from the user's record and from the request a value that the model takes, to warm up with.
        item_defaults: Those of the defaults that are of inputs from the items' records.
    """

    types: Mapping[str, FieldType]
    user: tuple[str, ...]
    item: tuple[str, ...]
    online: tuple[str, ...]
    defaults: Mapping[str, Value]
    takes_unknown_users: bool
    has_user_defaults: bool = False
    samples: Mapping[str, Value] = field(default_factory=dict)
    item_defaults: Mapping[str, Value] = field(init=False)

    def __post_init__(self) -> None:
        of_items = {name: self.defaults[name] for name in self.item if name in self.defaults}
        object.__setattr__(self, "item_defaults", of_items)

    def context(self, user: Mapping[str, Value] | None, online: Mapping[str, Value]) -> dict[str, Value]:
        """Returns the inputs that all candidates share, with defaults in place of what a user lacks; None is missing.

        Args:
            user: The user's features; None for an unknown user.
            online: The request's own values.
        """
        known = user or {}
        context = {name: self.defaults.get(name) if (value := known.get(name)) is None else value for name in self.user}
        context.update((name, online[name]) for name in self.online)
        return context


_FORMED: Mapping[str, str] = {
    "decimal": "0", "date": "1970-01-01", "timestamp": "1970-01-01T00:00:00Z",
    "timestamp_ntz": "1970-01-01T00:00:00Z", "array<string>": "[]",
}  # fmt: skip
"""A value of each form that texts of a model may have."""


def hand_on(value: Value, declared: ValueType) -> Value:
    """Returns a value of the project file or of a request as models take it: of some types a text."""
    return spell_as(value, declared) if declared in SPELLED and value is not None else value


def fits_declared(type_: str, declared: ValueType) -> bool:
    """Returns whether a model can be given what the project file declares.

    Args:
        type_: What the model takes: the type of an input, or the format of its texts, where they have one.
        declared: The type in the project file.
    """
    return declared in _DECLARED_FITS.get(type_.partition("(")[0], ())


def declared_for(type_: str) -> ValueType | None:
    """Returns the project file's type for what a model takes, see `fits_declared`; None where nothing can give it."""
    return next(iter(_DECLARED_FITS.get(type_.partition("(")[0], ())), None)


def read_contract(raw: object, where: str) -> Contract:
    """Reads the `contract` of a manifest.

    Args:
        raw: The JSON value.
        where: The manifest, for messages.

    Raises:
        InvalidModel: It is no contract; the message names the manifest and the input.
    """
    inputs = raw.get("inputs") if isinstance(raw, Mapping) else None
    if not isinstance(inputs, list):
        raise InvalidModel(f"{where} has no list 'inputs' in its contract")
    fields = tuple(_input(field, where) for field in inputs)
    names = [field.name for field in fields]
    for name in names:
        if names.count(name) > 1:
            raise InvalidModel(f"{where} declares the input '{name}' twice")
    return Contract(fields)


def _input(raw: Any, where: str) -> Input:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("name"), str):
        raise InvalidModel(f"{where} has an input without a name")
    name = raw["name"]
    if raw.get("type") not in get_args(FieldType):
        raise InvalidModel(f"{where}: the input '{name}' has the unknown type {raw.get('type')!r}")
    source = raw.get("source")
    if source is not None and source not in get_args(Origin):
        raise InvalidModel(f"{where}: the input '{name}' has the unknown source {source!r}")
    values = raw.get("values")
    return Input(
        name,
        cast(FieldType, raw["type"]),
        str(raw.get("optype", "continuous")),
        cast(Origin | None, source),
        tuple(values) if isinstance(values, list) else None,
        raw.get("missing"),
        raw.get("missing_replacement") is not None,
        raw.get("format"),
    )


def bind(
    contract: Contract,
    model: str,
    users: Schema,
    items: Schema,
    single_row: bool = False,
    declared: Mapping[str, Declared] | None = None,
) -> BoundContract:
    """Finds a place for every input to come from.

    Args:
        contract: What the model wants.
        model: Its name, for messages.
        users: Schema of the store's user records.
        items: Schema of the store's item records.
        single_row: Whether the model scores the context alone, without candidates.
        declared: The inputs of the project file.

    Raises:
        ConfigurationError: The store or the project file lacks a feature, or has it in a type that the model does not
            take; the message names the model and every such feature.
    """
    declared = declared or {}
    kinds: dict[Origin, dict[str, Kind]] = {"user": dict(users.fields), "item": dict(items.fields)}
    if single_row:
        kinds["item"] = {}
    by_source: dict[Origin, list[str]] = {"user": [], "item": [], "online": []}
    absent: list[str] = []
    undeclared: list[str] = []
    unfit: list[str] = []
    problems: list[str] = []
    for taken in contract.inputs:
        given = declared.get(taken.name)
        source = taken.source or (given.source if given is not None else _source(taken.name, kinds))
        if given is not None and given.source != source:
            problems.append(
                f"was published with its input '{taken.name}' from the source '{source}', but the project file says"
                f" '{given.source}'"
            )
            continue
        wanted = taken.format or taken.type
        known = kinds[source].get(taken.name) if source in kinds else None
        if source == "online" and given is None:
            undeclared.append(f"'{taken.name}'")
        elif source is None or (source != "online" and known is None):
            absent.append(f"'{taken.name}' ({source or 'any source'})")
        elif given is not None and not fits_declared(wanted, given.type):
            unfit.append(f"'{taken.name}' ({given.type} instead of {wanted})")
        elif known is not None and known not in _FITS[taken.type]:
            unfit.append(f"'{taken.name}' ({_WORDS[known]} instead of {wanted})")
        else:
            by_source[source].append(taken.name)
    if absent:
        problems.append(f"wants features that the store lacks: {', '.join(absent)}")
    if unfit:
        problems.append(f"wants features of other types: {', '.join(unfit)}")
    if undeclared:
        problems.append(
            f"wants values of the request that the project file does not declare: {', '.join(undeclared)}; pillion.toml"
            ' needs a section [inputs.NAME] with source = "online" for each'
        )
    if problems:
        raise ConfigurationError(f"the model '{model}' {'; and '.join(problems)}")
    names = (*by_source["user"], *by_source["item"])
    defaults = {name: hand_on(declared[name].default, declared[name].type) for name in names if name in declared}
    defaults = {name: default for name, default in defaults.items() if default is not None}
    strict = {field.name for field in contract.inputs if field.missing == "returnInvalid"} - defaults.keys()
    without = {field.name for field in contract.inputs if not field.has_default} - defaults.keys()
    return BoundContract(
        {field.name: field.type for field in contract.inputs},
        tuple(by_source["user"]),
        tuple(by_source["item"]),
        tuple(by_source["online"]),
        defaults,
        strict.isdisjoint(by_source["user"]),
        without.isdisjoint(by_source["user"]),
        {each.name: _sample(each, declared) for each in contract.inputs if each.name not in by_source["item"]},
    )


def _sample(taken: Input, declared: Mapping[str, Declared]) -> Value:
    """A value that a model takes, as far as its contract and the project file tell; None where they do not."""
    given = declared.get(taken.name)
    if given is not None and given.default is not None:
        return hand_on(given.default, given.type)
    if taken.values:
        return taken.values[0]
    if taken.format is not None:
        return _FORMED.get(taken.format.partition("(")[0])
    if given is not None and given.range is not None:
        return _ZEROS[taken.type].__class__(given.range[0])
    return _ZEROS[taken.type]


def _source(name: str, kinds: Mapping[Origin, Mapping[str, Kind]]) -> Origin | None:
    if name in kinds["item"]:
        return "item"
    return "user" if name in kinds["user"] else None
