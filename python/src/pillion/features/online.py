"""What a request says of itself: checked against the project file, with defaults, and with what is derived of time."""

import math
import struct
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from pillion.errors import ConfigurationError, InvalidInput
from pillion.features.contract import hand_on
from pillion.project import TIMESTAMP, Input
from pillion.tabular.forms import spell_as
from pillion.types import Value

_LONGEST_TEXT = 200
_LONG = 1 << 63
_DERIVED: Mapping[str, Callable[[datetime], int]] = {"hour": lambda moment: moment.hour, "weekday": datetime.weekday}
_WHAT = {
    "string": f"text of at most {_LONGEST_TEXT} characters",
    "integer": "a whole number",
    "float": "a number",
    "double": "a number",
    "decimal": "a number",
    "boolean": "true or false",
    "date": "a date such as 2026-02-28",
    "timestamp": "a time in seconds since 1970",
}


class OnlineInputs:
    """The request's own fields, as a project file declares them.

    Args:
        inputs: The inputs of the source `online`, by name.

    Attributes:
        fields: What a request may say: the inputs, and `timestamp` where an hour or a weekday is derived from it.
    """

    def __init__(self, inputs: Mapping[str, Input]) -> None:
        self.fields = dict(inputs)
        self._inputs = tuple(inputs)
        self._derived = {name: (each.derive, each.time_zone) for name, each in inputs.items() if each.derive}
        if self._derived and TIMESTAMP not in self.fields:
            self.fields[TIMESTAMP] = Input(source="online", type="timestamp")

    def read(self, context: Mapping[str, Value], now_s: float) -> dict[str, Value]:
        """Returns the value of each input, as models take it; None is missing.

        Args:
            context: What the request says; text that no model knows is passed on as it is.
            now_s: Seconds since 1970 UTC, where the request gives no timestamp.

        Raises:
            InvalidInput: A field is not declared, of another type or outside its range; the error names it.
        """
        given = {name: self._checked(name, value) for name, value in context.items() if value is not None}
        values = {name: given[name] if name in given else self.fields[name].default for name in self._inputs}
        if TIMESTAMP in self.fields and given.get(TIMESTAMP) is None:
            given[TIMESTAMP] = now_s
        if TIMESTAMP in values:
            values[TIMESTAMP] = given[TIMESTAMP]
        for name, (part, zone) in self._derived.items():
            if name not in given and part is not None:
                values[name] = _DERIVED[part](
                    datetime.fromtimestamp(float(given[TIMESTAMP] or 0), UTC).astimezone(zone)
                )
        return {name: hand_on(value, self.fields[name].type) for name, value in values.items()}

    def require(self, names: tuple[str, ...], what: str) -> None:
        """Checks that inputs are declared.

        Raises:
            ConfigurationError: One is not.
        """
        absent = [name for name in names if name not in self._inputs]
        if absent:
            raise ConfigurationError(f"{what} '{absent[0]}' is not an input of the source 'online' in pillion.toml")

    def _checked(self, name: str, value: Value) -> Value:
        declared = self.fields.get(name)
        if declared is None:
            known = ", ".join(self.fields) or "none"
            raise InvalidInput(f"a request has no field '{name}'; pillion.toml declares: {known}", name)
        found = _converted(value, declared)
        if found is None:
            raise InvalidInput(f"the field '{name}' must be {_what(declared)}, not {_shown(value)}", name)
        return found


def _converted(value: Value, declared: Input) -> Value:
    """The value in its declared type; None where it is not of it or out of range."""
    kind = declared.type
    if kind == "string":
        return value if isinstance(value, str) and len(value) <= _LONGEST_TEXT and _is_unicode(value) else None
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    if kind == "date":
        return value if isinstance(value, str) and _is_date(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if declared.range is not None and not declared.range[0] <= value <= declared.range[1]:
        return None
    if kind == "integer":
        return value if isinstance(value, int) and -_LONG <= value < _LONG else None
    if kind == "decimal":
        return value if math.isfinite(value) else None
    try:
        number = float(value)
        if kind == "timestamp":
            datetime.fromtimestamp(number, UTC)
        elif kind == "float" and math.isfinite(number):
            number = float(struct.unpack("f", struct.pack("f", number))[0])
    except (OverflowError, ValueError, OSError):
        return None
    return number


def _what(declared: Input) -> str:
    bounds = "" if declared.range is None else f" from {declared.range[0]} to {declared.range[1]}"
    return f"{_WHAT[declared.type]}{bounds}"


def _shown(value: Value) -> str:
    shown = ascii(value)
    return shown if len(shown) <= _LONGEST_TEXT else f"{shown[:_LONGEST_TEXT]}…"


def _is_date(text: str) -> bool:
    try:
        spell_as(text, "date")
    except ValueError:
        return False
    return True


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
