"""The project file, `pillion.toml`: what is served, in one place.

It names the model and its ranking, and says for each input where a value comes from, of which type it is, what stands
in where it is missing and between which bounds it lies; which of the request's fields make segments, how ids look, and
which columns of which tables hold what. Flags and environment variables come before it.
"""

import math
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
    field_validator,
    model_validator,
)

from pillion.errors import ConfigurationError
from pillion.types import IdType, Origin

FILE = "pillion.toml"
VARIABLE = "PILLION_CONFIG"
"""The environment variable that names the project file."""
TIMESTAMP = "timestamp"
"""The request's field that hours and weekdays are derived from."""
_OWN_FIELDS = ("user_id", "k", "candidates", "context", "model")
"""The fields of a request that no input may be called."""

ValueType = Literal["string", "integer", "float", "double", "boolean", "decimal", "date", "timestamp"]
"""The type of an input, as the model takes it. Decimals, dates and timestamps are handed on as texts, in the form that
the contract's `format` names; requests say decimals as numbers, and timestamps as seconds since 1970 UTC."""
Scalar = StrictBool | StrictInt | StrictFloat | StrictStr
_Bound = StrictInt | StrictFloat
_DATE = re.compile(r"\d{4}-[01]\d-[0-3]\d", re.ASCII)
_NUMBERS = ("integer", "float", "double", "decimal", "timestamp")


class _Wrong(ValueError):
    """What is wrong with one key of a part.

    Attributes:
        key: Its name.
    """

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Input(_Part):
    """One value that a model takes, or that makes a segment."""

    source: Origin
    """`user` or `item`: a column of that table. `online`: a field of the request."""
    type: ValueType
    """Of the value."""
    column: str | None = Field(default=None, min_length=1)
    """The column's name in the table, or in the events for a segment, where it is another one."""
    default: Scalar | None = None
    """What stands in where the value is missing; without one it stays missing."""
    range: tuple[_Bound, _Bound] | None = None
    """The least and the greatest value."""
    derive: Literal["hour", "weekday"] | None = None
    """Of the request's timestamp, where the request does not give the value itself: the hour, 0 to 23, or the weekday,
    0 (Monday) to 6."""
    zone: str = "UTC"
    """The time zone in which they are meant, as `Europe/Zurich`."""

    @field_validator("zone")
    @classmethod
    def _is_known(cls, zone: str) -> str:
        find_zone(zone)
        return zone

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.default is not None and not _is_of(self.default, self.type):
            raise _Wrong("default", f"the default {self.default!r} is not of the type {self.type}")
        if self.range is not None:
            low, high = self.range
            if self.type not in _NUMBERS:
                raise _Wrong("range", f"a {self.type} has no range")
            if not low <= high:
                raise _Wrong("range", f"the range starts at {low}, which is not below its end, {high}")
            if self.default is not None and not low <= self.default <= high:  # type: ignore[operator]
                raise _Wrong("default", f"the default {self.default!r} is outside the range")
        if self.derive is not None and (self.source != "online" or self.type != "integer"):
            raise _Wrong("derive", "an hour or a weekday is of the source 'online' and of the type 'integer'")
        if "zone" in self.model_fields_set and self.derive is None:
            raise _Wrong("zone", "a time zone is of an input that derives an hour or a weekday")
        return self

    @property
    def time_zone(self) -> tzinfo:
        """The time zone in which an hour or a weekday is meant."""
        return find_zone(self.zone)


class Ranking(_Part):
    """How a model's outputs become items in order."""

    score: str | None = Field(default=None, min_length=1)
    """The output that is a candidate's score: one row a candidate."""
    classes: Mapping[str, StrictInt | StrictStr] | None = Field(default=None, min_length=1)
    """Outputs with the item that each is the score of: one row in all."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.score is None) == (self.classes is None):
            raise ValueError("a ranking has either 'score' or 'classes'")
        return self


class UserTable(_Part):
    """The table of users."""

    id: str = Field(default="user_id", min_length=1)
    """The column with the ids."""
    type: IdType = "integer"
    """`integer`, whole numbers from 0 to 2**63 - 1, or `string`."""


class ItemTable(_Part):
    """The table of items."""

    id: str = Field(default="item_id", min_length=1)
    """The column with the ids."""
    type: IdType = "integer"
    """`integer`, whole numbers from 0 to 2**63 - 1, or `string`."""
    title: str | None = Field(default=None, min_length=1)
    """The column with titles that people can read."""


class EventTable(_Part):
    """The table of events: a user took an item, once a row."""

    user: str | None = Field(default=None, min_length=1)
    """The column with the user's id, where it is called otherwise than in the table of users."""
    item: str | None = Field(default=None, min_length=1)
    """The column with the item's id, where it is called otherwise than in the table of items."""


class FeatureFiles(_Part):
    """The files that features come from; a path that is not absolute starts at the folder of the project file."""

    users: Path | None = None
    """The table of users: .csv, .jsonl, .parquet, or a folder of Parquet files as Spark writes it."""
    items: Path | None = None
    """The table of items."""
    events: Path | None = None
    """The table of events."""
    archive: Path | None = None
    """All of it in one `.npz` file, in place of the tables."""


class Project(_Part):
    """What is served."""

    model: str | None = Field(default=None, min_length=1)
    """The model for requests that name none; the only one of the repository where left out."""
    k: int | None = Field(default=None, ge=1)
    """Items for requests that do not say how many."""
    candidates: int | None = Field(default=None, ge=1)
    """Candidates taken from the popularity lists where a request gives none."""
    segments: tuple[str, ...] = ()
    """The request's fields that make a segment, the most telling first."""
    ranking: Ranking | None = None
    """How the model's outputs become items in order."""
    users: UserTable = UserTable()
    """The table of users."""
    items: ItemTable = ItemTable()
    """The table of items."""
    events: EventTable = EventTable()
    """The table of events."""
    features: FeatureFiles = FeatureFiles()
    """The files that features come from."""
    inputs: Mapping[str, Input] = Field(default_factory=dict)
    """What the models take and segments are made of, by name."""
    file: Annotated[Path | None, Field(exclude=True)] = None
    """The file that this was read from; None where there was none."""

    @field_validator("inputs")
    @classmethod
    def _are_free(cls, inputs: Mapping[str, Input]) -> Mapping[str, Input]:
        for name, each in inputs.items():
            if each.source == "online" and name in _OWN_FIELDS:
                raise _Wrong(name, f"an online input can't be called '{name}': a request has a field of that name")
            if each.source == "online" and name == TIMESTAMP and each.type != "timestamp":
                raise _Wrong(name, f"the online input '{TIMESTAMP}' is of the type 'timestamp'")
        return inputs

    @model_validator(mode="after")
    def _segments_are_online(self) -> Self:
        for name in self.segments:
            declared = self.inputs.get(name)
            if declared is None or declared.source != "online":
                raise _Wrong("segments", f"the segment '{name}' is not an input of the source 'online'")
        return self

    @property
    def online(self) -> dict[str, Input]:
        """The inputs that requests give, by name."""
        return {name: each for name, each in self.inputs.items() if each.source == "online"}

    @property
    def name(self) -> str:
        """What the file is called in messages."""
        return FILE if self.file is None else str(self.file)


def find_zone(name: str) -> tzinfo:
    """Returns a time zone.

    Raises:
        ValueError: This machine knows none of that name.
    """
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            f"no time zone is called '{name}' here; names are as 'Europe/Zurich', and where the system has none"
            " the package 'tzdata' brings them"
        ) from error


def find_project(file: Path | None = None, models: Path | None = None) -> Project:
    """Reads the project file, or returns an empty project where there is none.

    Args:
        file: Where it is; else `PILLION_CONFIG` says so, else it is `pillion.toml` in the working directory, else
            in the model repository.
        models: The model repository.

    Raises:
        ConfigurationError: It cannot be read, or something in it is wrong; names file, line and key.
    """
    named = file or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if named is not None:
        return read_project(named)
    folders = [Path(), *([] if models is None else [models])]
    return next((read_project(path) for folder in folders if (path := folder / FILE).is_file()), Project())


def read_project(file: Path) -> Project:
    """Reads a project file.

    Raises:
        ConfigurationError: It cannot be read, or something in it is wrong; names file, line and key.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file} is not UTF-8 text") from error
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{file} is not TOML: {error}") from error
    if "file" in raw:
        raise ConfigurationError(f"{file}, line {_line_of(text, ('file',))}: there is no key 'file'")
    try:
        project = Project.model_validate(raw)
    except ValidationError as error:
        raise ConfigurationError("; ".join(_explain(file, text, raw, error))) from error
    paths = {name: file.parent / path for name, path in project.features.model_dump(exclude_none=True).items()}
    return project.model_copy(update={"file": file, "features": FeatureFiles(**paths)})


def _explain(file: Path, text: str, raw: Mapping[str, Any], error: ValidationError) -> Iterator[str]:
    """Says of each wrong key where it stands and what is wrong with it."""
    told: set[str] = set()
    for one in error.errors(include_url=False):
        cause = one.get("ctx", {}).get("error")
        location = (*one["loc"], cause.key) if isinstance(cause, _Wrong) else one["loc"]
        path = _path_in(raw, location)
        key = ".".join(map(str, path)) or "the whole file"
        if key in told:  # a union says so once for each of its parts
            continue
        told.add(key)
        wanted = next(iter(map(str, location[len(path) :])), "")
        message = one["msg"].removeprefix("Value error, ")
        if one["type"] == "missing":
            message = f"the key '{wanted}' is missing"
        elif one["type"] == "extra_forbidden":
            message = f"there is no such key{_nearest(path)}"
        where = f"line {line}, " if (line := _line_of(text, path)) else ""
        yield f"{file}, {where}'{key}': {message[:1].lower()}{message[1:]}"


def _path_in(raw: Any, location: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The part of an error's location that is in the file; the rest names a type, or what is missing."""
    path: list[int | str] = []
    for part in location:
        try:
            raw = raw[part]
        except (KeyError, IndexError, TypeError):
            break
        path.append(part)
    return tuple(path)


def _line_of(text: str, path: tuple[int | str, ...]) -> int | None:
    """The line after which a key is there: the first so many lines that, read alone, have it."""
    if not path:
        return None
    lines = text.splitlines(keepends=True)
    for count in range(1, len(lines) + 1):
        try:
            raw = tomllib.loads("".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue  # within a value of several lines
        if len(_path_in(raw, path)) == len(path):
            return count
    return None


def _nearest(path: tuple[int | str, ...]) -> str:
    parts: dict[str, type[BaseModel]] = {
        "": Project, "ranking": Ranking, "users": UserTable, "items": ItemTable, "events": EventTable,
        "features": FeatureFiles, "inputs": Input,
    }  # fmt: skip
    part = parts.get(str(path[0]) if len(path) > 1 else "", Project)
    return f"; known are {', '.join(name for name in part.model_fields if name != 'file')}"


def _is_of(value: Scalar, type_: ValueType) -> bool:
    if type_ == "date":
        return isinstance(value, str) and _DATE.fullmatch(value) is not None
    if type_ == "string":
        return isinstance(value, str)
    if isinstance(value, bool) or type_ == "boolean":
        return isinstance(value, bool) and type_ == "boolean"
    if type_ == "integer":
        return isinstance(value, int)
    return isinstance(value, int | float) and not math.isnan(value)
