"""Dates, time stamps, decimal numbers and arrays of texts, as the texts that models take them by.

A date is `2026-02-28`; a time stamp `2026-02-28T23:59:59.123456Z`, with `Z` or an offset; one that is of no time zone
(`timestamp_ntz`) the same without an offset, or with a `Z` that says nothing; a decimal number its digits; an array of
texts JSON.
"""

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from pillion.types import Value

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-](0\d|1[0-7]):[0-5]\d)", re.ASCII)
_CLOCK = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z?", re.ASCII)
_DECIMAL = re.compile(r"[+-]?\d{1,60}(\.\d{1,60})?", re.ASCII)
_TYPE = re.compile(r"decimal\((\d+),\s*(\d+)\)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ARRAY = "array<string>"
ZONELESS = "timestamp_ntz"
"""Spark's name of what a clock shows, in no time zone."""
SPELLED = ("decimal", "date", "timestamp")
"""The project file's types whose values are handed on as texts."""


def has_form(type_name: str) -> bool:
    """Whether a type, by Spark's name of it (`simpleString`), comes as a text of a form."""
    return type_name in ("date", "timestamp", ZONELESS, ARRAY) or _TYPE.fullmatch(type_name) is not None


def spell(value: Any) -> Value:
    """Returns the text of a value as Python or Arrow has it; others as they are.

    Time stamps without an offset are in UTC, as Spark's are in a file.
    """
    if isinstance(value, datetime):
        return _spell_moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if is_array(value):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value  # type: ignore[no-any-return]


def moment(micros: int) -> datetime:
    """Returns the time stamp of microseconds since 1970 UTC, as Spark counts them."""
    return _EPOCH + timedelta(microseconds=micros)


def spell_as(value: Any, type_name: str) -> str:
    """Returns the text of a date, a time stamp or a decimal number, one for each value; `measure` reads it.

    Args:
        value: as Python or Arrow has it, as a text, or of a time stamp as seconds since 1970 UTC. Without an offset it
            is in UTC; digits after the sixth of a second are cut off, as Spark's.
        type_name: `date`, `timestamp` or `decimal`.

    Raises:
        ValueError: it is no such value.
    """
    try:
        return _spell_as(value, type_name)
    except (TypeError, InvalidOperation, OverflowError, OSError) as error:
        raise ValueError(value) from error


def _spell_as(value: Any, type_name: str) -> str:
    if isinstance(value, bool) or (isinstance(value, str) and not (value.isascii() and "_" not in value)):
        raise ValueError(value)
    if type_name == "decimal":
        number = Decimal(repr(value) if isinstance(value, float) else value)
        if not number.is_finite():
            raise ValueError(value)
        digits = format(number, "f") if number else "0"
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    if type_name == "timestamp":
        if isinstance(value, int | float | Decimal):
            value = datetime.fromtimestamp(float(value), UTC)
        return _spell_moment(value if isinstance(value, datetime) else datetime.fromisoformat(value))
    if isinstance(value, datetime):
        if value.time() != time() or value.tzinfo not in (None, UTC):
            raise ValueError(value)
        value = value.date()
    return (value if isinstance(value, date) else date.fromisoformat(value)).isoformat()


def measure(text: str, type_name: str) -> float:
    """Returns a decimal number as the double nearest to it, or a time stamp as seconds since 1970 UTC."""
    return float(text) if type_name == "decimal" else datetime.fromisoformat(text).timestamp()


def _spell_moment(moment: datetime) -> str:
    utc = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    head, point, fraction = utc.replace(tzinfo=None).isoformat().partition(".")
    return f"{head}{point}{fraction[:6]}Z"


def is_array(value: Any) -> bool:
    """Whether a value is an array of texts, and not of a vector's numbers."""
    return isinstance(value, list) and all(item is None or isinstance(item, str) for item in value)


def read(text: str, type_name: str) -> Any:
    """Returns what a text spells: a `date`, an aware `datetime`, of no time zone a naive one, a `Decimal` or a list.

    Args:
        text: of the form.
        type_name: Spark's name of the type.

    Raises:
        ValueError: the text isn't of the form, or the type hasn't its digits.
    """
    if type_name == "date" and _DATE.fullmatch(text):
        return date.fromisoformat(text)
    if type_name == "timestamp" and _TIMESTAMP.fullmatch(text):
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except OverflowError:
            raise ValueError(text) from None
    if type_name == ZONELESS and _CLOCK.fullmatch(text):
        return datetime.fromisoformat(text.removesuffix("Z"))
    if type_name == ARRAY:
        found = json.loads(text)
        if is_array(found):
            return found
    digits = _TYPE.fullmatch(type_name)
    if digits and _DECIMAL.fullmatch(text):
        return _decimal(Decimal(text), int(digits[1]), int(digits[2]))
    raise ValueError(text)


def _decimal(number: Decimal, precision: int, scale: int) -> Decimal:
    sign, digits, exponent = number.as_tuple()
    shift = int(exponent) + scale
    whole = int("".join(map(str, digits))) * 10 ** max(shift, 0)
    cut, rest = divmod(whole, 10 ** max(-shift, 0))
    if rest or len(str(cut)) > precision:
        raise ValueError(number)
    return Decimal((sign if cut else 0, tuple(map(int, str(cut))), -scale))
