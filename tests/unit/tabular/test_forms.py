"""Dates, time stamps, decimal numbers and arrays of texts, read from their texts and spelled as such."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pillion.tabular import field_types, read_batches
from pillion.tabular.forms import has_form, read, spell, spell_as

TYPES = ("date", "timestamp", "timestamp_ntz", "decimal(8,2)", "array<string>")
VALUES: dict[str, tuple[str, Any]] = {
    "date": ("2000-02-29", date(2000, 2, 29)),
    "timestamp": ("2001-02-03T04:05:06.000007Z", datetime(2001, 2, 3, 4, 5, 6, 7, tzinfo=UTC)),
    "timestamp_ntz": ("2001-02-03T04:05:06.000007Z", datetime(2001, 2, 3, 4, 5, 6, 7)),
    "decimal(8,2)": ("-12.50", Decimal("-12.50")),
    "array<string>": ('["a",null,"Ω"]', ["a", None, "Ω"]),
}


@pytest.mark.parametrize("kind", TYPES)
def test_a_text_is_read_and_spelled_again(kind: str) -> None:
    text, value = VALUES[kind]

    assert has_form(kind)
    assert read(text, kind) == value
    assert spell(value) == text


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("date", "2001-02-29"), ("date", "20010203"), ("date", "0000-01-01"), ("date", "2001-W01-1"),
        ("timestamp", "2001-02-03T04:05:06"), ("timestamp", "2001-02-03"), ("timestamp", "0001-01-01T00:00:00+01:00"),
        ("timestamp", "2001-02-03T04:05:06+18:00"), ("timestamp", "2001-02-03T24:00:00Z"),
        ("timestamp_ntz", "2001-02-03"), ("timestamp_ntz", "2001-02-03T04:05:06+00:00"),
        ("timestamp_ntz", "2001-02-29T04:05:06"), ("timestamp_ntz", "2001-02-03T04:05:06ZZ"),
        ("decimal(8,2)", "1.005"), ("decimal(8,2)", "1234567"), ("decimal(8,2)", "1e3"), ("decimal(8,2)", "NaN"),
        ("array<string>", "a"), ("array<string>", "[1]"), ("array<string>", '{"a":1}'), ("string", "a"),
    ],
)  # fmt: skip
def test_a_text_of_another_form_is_refused(kind: str, text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the caller says which row and field
        read(text, kind)


def test_digits_that_change_nothing_are_taken() -> None:
    assert read("+1.500", "decimal(3,1)") == Decimal("1.5")
    assert str(read("-0", "decimal(3,1)")) == "0.0"


def test_what_a_clock_shows_needs_no_offset() -> None:
    assert read("2001-02-03 04:05:06.5", "timestamp_ntz") == datetime(2001, 2, 3, 4, 5, 6, 500_000)


def test_offsets_are_brought_to_utc() -> None:
    assert spell(read("2001-02-03 04:05:06.5+01:30", "timestamp")) == "2001-02-03T02:35:06.500000Z"


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("decimal", Decimal("12.500"), "12.5"), ("decimal", 12.1, "12.1"), ("decimal", "1e3", "1000"),
        ("decimal", Decimal("-0.00"), "0"), ("decimal", 7, "7"), ("decimal", "1" * 38, "1" * 38),
        ("date", "2000-02-29", "2000-02-29"), ("date", date(2000, 2, 29), "2000-02-29"),
        ("date", datetime(2000, 2, 29), "2000-02-29"), ("timestamp", 0, "1970-01-01T00:00:00Z"),
        ("timestamp", "2001-02-03 04:05", "2001-02-03T04:05:00Z"),
        ("timestamp", pd.Timestamp("2001-02-03T04:05:06.123456789+01:00"), "2001-02-03T03:05:06.123456Z"),
    ],
)  # fmt: skip
def test_a_value_of_a_table_has_one_text(kind: str, value: Any, text: str) -> None:
    assert spell_as(value, kind) == text


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("decimal", float("nan")), ("decimal", "1_0"), ("decimal", "x"), ("decimal", True), ("decimal", None),
        ("date", datetime(2000, 2, 29, 1)), ("date", "29.2.2000"), ("date", 5), ("timestamp", 1e20),
        ("timestamp", "noon"), ("timestamp", date(2000, 2, 29)),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_refused(kind: str, value: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the caller says which row and column
        spell_as(value, kind)


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_files_give_texts(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"rows.{suffix}"
    if suffix == "jsonl":
        file.write_text('{"d": "2000-02-29", "l": ["a", "b"], "e": []}\n')
    else:
        pq.write_table(
            pa.table({"d": [date(2000, 2, 29)], "l": [["a", "b"]], "e": pa.array([[]], pa.list_(pa.string()))}), file
        )

    (batch,) = read_batches(file, {"d": "string", "l": "string", "e": "string"})

    assert batch.columns == {"d": ["2000-02-29"], "l": ['["a","b"]'], "e": ["[]"]}


def test_types_of_a_schema_are_texts() -> None:
    array = {"type": "array", "elementType": "string", "containsNull": True}
    fields = [{"name": kind, "type": array if kind == "array<string>" else kind} for kind in TYPES]

    assert field_types({"fields": fields}) == dict.fromkeys(TYPES, "string")
