"""The inputs that a project file declares: where each value comes from, its type, default, range and derivation."""

import math
import re
from datetime import UTC, tzinfo
from typing import Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, field_validator, model_validator

from pillion.project.part import Part, Wrong
from pillion.types import Origin

ValueType = Literal["string", "integer", "float", "double", "boolean", "decimal", "date", "timestamp"]
"""The type of an input, as the model takes it. Decimals, dates and timestamps are handed on as texts, in the form that
the contract's `format` names; requests say decimals as numbers, and timestamps as seconds since 1970 UTC."""
Scalar = StrictBool | StrictInt | StrictFloat | StrictStr
_Bound = StrictInt | StrictFloat
_DATE = re.compile(r"\d{4}-[01]\d-[0-3]\d", re.ASCII)
_NUMBERS = ("integer", "float", "double", "decimal", "timestamp")


class Input(Part):
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
            raise Wrong("default", f"the default {self.default!r} is not of the type {self.type}")
        if self.range is not None:
            low, high = self.range
            if self.type not in _NUMBERS:
                raise Wrong("range", f"a {self.type} has no range")
            if not low <= high:
                raise Wrong("range", f"the range starts at {low}, which is not below its end, {high}")
            if self.default is not None and not low <= self.default <= high:  # type: ignore[operator]
                raise Wrong("default", f"the default {self.default!r} is outside the range")
        if self.derive is not None and (self.source != "online" or self.type != "integer"):
            raise Wrong("derive", "an hour or a weekday is of the source 'online' and of the type 'integer'")
        if "zone" in self.model_fields_set and self.derive is None:
            raise Wrong("zone", "a time zone is of an input that derives an hour or a weekday")
        return self

    @property
    def time_zone(self) -> tzinfo:
        """The time zone in which an hour or a weekday is meant."""
        return find_zone(self.zone)


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
