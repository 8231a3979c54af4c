"""The cells of a table: from text and JSON to the types of a feature contract, and back.

A non-finite double is spelled `NaN`, `Infinity` or `-Infinity`, as Java does. A vector column `features` of a Spark
pipeline is spelled `features[0]`, `features[1]`, …
"""

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pillion.errors import InvalidInput
from pillion.project import ValueType
from pillion.tabular.forms import SPELLED, has_form, spell, spell_as
from pillion.types import FieldType, Value

Schema = Mapping[str, FieldType]
"""The types of columns by name."""
CellTypes = Mapping[str, ValueType]
"""The types that columns are read as, by name: decimals, dates and timestamps become texts, one for each value."""

VECTOR = "vector"
"""What a schema's column of vectors takes, beside the types of a contract; its elements are the inputs."""
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")
_WHOLE = re.compile(r"[+-]?\d+(\.0*)?")
_NON_FINITE = {"nan": math.nan, "infinity": math.inf, "inf": math.inf, "-infinity": -math.inf, "-inf": -math.inf}
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
_LONGEST = 63
_WHOLE_DOUBLES = 1 << 53
"""Beyond this a double may stand for another whole number than the one that was meant."""
_WHAT: Mapping[ValueType, str] = {
    "string": "text",
    "integer": "a whole number",
    "float": "a number",
    "double": "a number",
    "boolean": "true or false",
    "decimal": "a number",
    "date": "a date such as 2026-02-28",
    "timestamp": "a time: ISO 8601, or seconds since 1970",
}
_SPARK: Mapping[str, FieldType] = {
    "string": "string",
    "byte": "integer",
    "short": "integer",
    "integer": "integer",
    "long": "integer",
    "float": "float",
    "double": "double",
    "boolean": "boolean",
}


def cell_types(types: Mapping[str, FieldType], forms: Mapping[str, str | None]) -> dict[str, ValueType]:
    """Returns the types that a table's columns are read as for a model to be given them.

    A table may have a decimal number as a double, and a date as the time stamp of its midnight, as pandas does.

    Args:
        types: Of the model's inputs, by name.
        forms: Spark's names of the types of those that are texts of a form, as `decimal(8,2)`.
    """
    read_as: Mapping[str, ValueType] = {"decimal": "decimal", "date": "date"}
    return {name: read_as.get((forms.get(name) or "").partition("(")[0], type_) for name, type_ in types.items()}


def parse_text(text: str, type_: ValueType) -> Value:
    """Returns what a cell's text stands for; ValueError where it is not of the type."""
    if type_ == "string":
        return text
    plain = text.strip()
    if type_ == "boolean":
        if plain.lower() in _BOOLEANS:
            return _BOOLEANS[plain.lower()]
    elif type_ == "integer":
        if _WHOLE.fullmatch(plain):
            return _long(int(plain.partition(".")[0]))
    elif type_ in SPELLED:
        return spell_as(float(plain) if type_ == "timestamp" and _NUMBER.fullmatch(plain) else plain, type_)
    elif "_" not in plain:
        found = _NON_FINITE.get(plain.lower().removeprefix("+"))
        return float(plain) if found is None else found
    raise ValueError(text)


def parse_json(value: Any, type_: ValueType) -> Value:
    """Returns what a JSON or Arrow value stands for; ValueError where it is not of the type."""
    if value is None:
        return None
    if type_ == "string" and isinstance(value := spell(value), str):
        return value
    if type_ == "boolean" and isinstance(value, bool):
        return value
    if isinstance(value, bool):
        raise ValueError(value)
    if type_ == "integer" and isinstance(value, int | float | Decimal) and value == int(value):
        if isinstance(value, float) and abs(value) > _WHOLE_DOUBLES:
            raise ValueError(value)
        return _long(int(value))
    if type_ in SPELLED:
        return spell_as(value, type_)
    if type_ in ("double", "float"):
        if isinstance(value, int | float | Decimal):
            return float(value)
        if isinstance(value, str) and value.lower() in _NON_FINITE:
            return _NON_FINITE[value.lower()]
    raise ValueError(value)


def unfit(
    path: Path | str, row: int | str, column: str, value: object, type_: ValueType, what: str = "row"
) -> InvalidInput:
    """Returns the error of a cell that is not of its column's type; rows count from 1.

    Args:
        path: The table.
        row: The row's number, or what else names it.
        column: The cell's column.
        value: What it holds.
        type_: Of the column.
        what: What names the row.
    """
    shown = repr(value)
    excerpt = shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
    why = f"is not {_WHAT[type_]}"
    if type_ == "integer" and isinstance(value, float) and value.is_integer():
        why = "is a double too large to stand for one whole number: write the column as whole numbers"
    elif isinstance(value, str) and _fits(value, type_):
        why = f"is text, not {_WHAT[type_]}"
    return InvalidInput(f"{path}, {what} {row}, column '{column}': {excerpt} {why}", column)


def _fits(text: str, type_: ValueType) -> bool:
    """Whether a text would be of the type in a CSV file, where all cells are texts."""
    try:
        parse_text(text, type_)
    except (ValueError, OverflowError):
        return False
    return True


def to_text(value: Value) -> str:
    """Returns a cell's text; doubles in the shortest form that reads back to the same bits, missing as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(to_json(value))


def to_json(value: Value) -> Value:
    """Returns the JSON form of a value; non-finite doubles as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def parse_schema(path: Path) -> dict[str, FieldType | None]:
    """Reads Spark's `StructType` as JSON: the type of each column, None where it is of no type of a contract.

    Raises:
        InvalidInput: It is not such a file; names it.
    """
    return field_types(_read_schema(path))


def parse_kinds(path: Path) -> dict[str, str]:
    """Reads Spark's `StructType` as JSON: what each column takes.

    That is the type of a contract, or Spark's name of the type where values come as texts of a form or there is no such
    type; of vectors `VECTOR`.

    Raises:
        InvalidInput: It is not such a file; names it.
    """
    kinds = {str(field["name"]): _spark_name(field["type"]) for field in _read_schema(path)["fields"]}
    return {name: _SPARK.get(kind, kind) for name, kind in kinds.items()}


def field_forms(schema: Mapping[str, Any]) -> dict[str, str]:
    """Returns Spark's names of the types of a `StructType`, read as JSON, whose values come as texts of a form."""
    kinds = {str(field["name"]): _spark_name(field["type"]) for field in schema["fields"]}
    return {name: kind for name, kind in kinds.items() if has_form(kind)}


def field_types(schema: Mapping[str, Any]) -> dict[str, FieldType | None]:
    """Returns the type of each column of a `StructType` that was read as JSON; see `parse_schema`."""
    kinds = {str(field["name"]): _spark_name(field["type"]) for field in schema["fields"]}
    return {name: "string" if has_form(kind) else _SPARK.get(kind) for name, kind in kinds.items()}


def _read_schema(path: Path) -> Mapping[str, Any]:
    try:
        schema: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        field_types(schema)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(f"{path} is not a schema: Spark's StructType as JSON is expected") from error
    return schema


def _spark_name(spark: Any) -> str:
    if isinstance(spark, Mapping):
        if spark.get("type") == "array":
            return f"array<{_spark_name(spark.get('elementType'))}>"
        return VECTOR if str(spark.get("class", "")).endswith(".VectorUDT") else str(spark.get("type"))
    return str(spark)


def _long(number: int) -> int:
    if not -(2**63) <= number < 2**63:
        raise ValueError(number)
    return number
