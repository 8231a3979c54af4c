import math
import pickle
import struct
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillion.errors import CorruptRecord, InvalidInput
from pillion.features.record_codec import (
    Kind,
    Schema,
    id_width,
    pack_counts,
    pack_ids,
    schema_from_json,
    schema_to_json,
    unpack_counts,
    unpack_ids,
)

SCHEMA = Schema((("a", "f64"), ("b", "f32"), ("c", "i64"), ("d", "bool"), ("e", "str"), ("f", "str")))
values = st.tuples(
    st.none() | st.floats(),
    st.none() | st.floats(width=32),
    st.none() | st.integers(-(1 << 63), (1 << 63) - 1),
    st.none() | st.booleans(),
    st.none() | st.text(max_size=40),
    st.none() | st.text(max_size=40),
)


def same(expected: object, actual: object) -> bool:
    if isinstance(expected, float) and isinstance(actual, float):
        if math.isnan(expected):
            return math.isnan(actual)
        return struct.pack("d", expected) == struct.pack("d", actual)
    return expected == actual and type(expected) is type(actual)


@given(values)
def test_a_record_comes_back_as_it_was_written(row: tuple[Any, ...]) -> None:
    unpacked = SCHEMA.unpack(SCHEMA.pack(row))

    assert all(same(expected, actual) for expected, actual in zip(row, unpacked.values(), strict=True))


@given(st.lists(values, max_size=5))
def test_columns_hold_what_the_records_hold(rows: list[tuple[Any, ...]]) -> None:
    columns = SCHEMA.unpack_columns([SCHEMA.pack(row) for row in rows])

    for position, name in enumerate(SCHEMA.names):
        column, mask = columns[name]
        for row, value, missing in zip(rows, column.tolist(), mask.tolist(), strict=True):
            assert same(row[position], None if missing else value)


def test_missing_and_nan_are_told_apart() -> None:
    schema = Schema((("a", "f64"), ("b", "f64")))

    unpacked = schema.unpack(schema.pack((None, float("nan"))))

    assert unpacked["a"] is None
    assert same(unpacked["b"], math.nan)


def test_a_signed_zero_keeps_its_sign() -> None:
    schema = Schema((("a", "f64"),))

    assert same(schema.unpack(schema.pack((-0.0,)))["a"], -0.0)


def test_twenty_doubles_take_188_bytes() -> None:
    schema = Schema(tuple((f"x{i}", "f64") for i in range(20)))

    assert len(schema.pack([0.5] * 20)) == 3 + 5 + 20 * 9


def test_a_record_is_an_array_of_the_shortest_forms() -> None:
    schema = Schema((("a", "f64"), ("b", "f32"), ("c", "i64"), ("d", "bool"), ("e", "str"), ("f", "str")))
    identity = struct.pack(">I", schema.id).hex()

    assert schema.pack((1.0, 1.0, -33, True, "é", None)).hex() == (
        f"97 ce{identity} cb3ff0000000000000 ca3f800000 d0df c3 a2c3a9 c0".replace(" ", "")
    )


@given(st.integers(0, (1 << 64) - 1))
def test_a_double_keeps_its_bits(bits: int) -> None:
    schema = Schema((("a", "f64"),))
    (number,) = struct.unpack("<d", bits.to_bytes(8, "little"))

    column, _ = schema.unpack_columns([schema.pack((number,))])["a"]

    assert column.tobytes() == bits.to_bytes(8, "little")
    assert struct.pack("<d", schema.unpack(schema.pack((number,)))["a"]) == bits.to_bytes(8, "little")


@pytest.mark.parametrize("bits", [0x7FC00000, 0xFFC00001, 0x7F800000, 0x80000000, 0x00000001])
def test_a_float_of_32_bits_keeps_them(bits: int) -> None:
    schema = Schema((("a", "f32"),))
    (number,) = struct.unpack("<f", bits.to_bytes(4, "little"))

    packed = schema.pack((number,))

    assert packed[-5:] == b"\xca" + bits.to_bytes(4, "big")
    assert schema.unpack_columns([packed])["a"][0].tobytes() == bits.to_bytes(4, "little")


def test_a_schema_travels() -> None:
    travelled = pickle.loads(pickle.dumps(SCHEMA))

    assert travelled == SCHEMA
    assert travelled.unpack(SCHEMA.pack((None,) * 6)) == dict.fromkeys(SCHEMA.names)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("f32", 0.1),
        ("i64", 1 << 63),
        ("i64", 1.0),
        ("i64", True),
        ("f64", "1"),
        ("f64", (1 << 53) + 1),
        ("bool", 1),
        ("str", 1),
        ("f64", 10**400),
        ("f32", 1e300),
        ("str", "\ud800"),
    ],
)
def test_a_value_that_would_change_is_refused_by_name(kind: Any, value: bool | float | str) -> None:
    with pytest.raises(InvalidInput, match="'price'") as caught:
        Schema((("price", kind),)).pack((value,))

    assert caught.value.field == "price"


@given(st.data())
def test_a_damaged_record_is_noticed_or_has_values_of_the_right_kinds(data: st.DataObject) -> None:
    record = bytearray(SCHEMA.pack((1.5, 0.5, 7, True, "abc", "déf")))
    cut = data.draw(st.integers(0, len(record)))
    extra = data.draw(st.binary(max_size=3))
    damaged = bytes(record[:cut]) + extra

    if damaged != bytes(record):
        try:
            unpacked = SCHEMA.unpack(damaged)
        except CorruptRecord:
            return
        assert set(unpacked) == set(SCHEMA.names)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("f64", "1"), ("f32", True), ("i64", 1.5), ("i64", 1 << 63), ("bool", 1), ("str", 1), ("str", b"a")],
)
def test_a_value_of_another_kind_is_noticed(kind: Kind, value: object) -> None:
    schema = Schema((("a", "f64"), ("b", kind)))
    record = msgspec.msgpack.encode([schema.id, 0.5, value])

    with pytest.raises(CorruptRecord, match="cannot be read"):
        schema.unpack(record)
    with pytest.raises(CorruptRecord, match="cannot be read"):
        schema.unpack_columns([record])


def test_a_record_that_goes_on_is_noticed() -> None:
    record = SCHEMA.pack((1.5, 0.5, 7, True, "abc", "def"))

    for longer in (record + b"\xc0", record + record):
        with pytest.raises(CorruptRecord, match="cannot be read"):
            SCHEMA.unpack(longer)
        with pytest.raises(CorruptRecord, match="cannot be read"):
            SCHEMA.unpack_columns([longer])


def test_a_record_of_another_schema_is_refused() -> None:
    other = Schema((("a", "f64"), ("z", "f32")))

    with pytest.raises(CorruptRecord, match="another schema"):
        other.unpack(SCHEMA.pack((None,) * 6))


def test_a_schema_survives_json() -> None:
    assert schema_from_json(schema_to_json(SCHEMA)) == SCHEMA


@pytest.mark.parametrize("raw", [None, 5, [["a"]], [["a", "f16"]]])
def test_a_schema_that_is_none_is_refused(raw: int | list[list[str]] | None) -> None:
    with pytest.raises(CorruptRecord, match="schema"):
        schema_from_json(raw)


@given(st.lists(st.integers(0, (1 << 24) - 1)))
def test_ids_take_three_bytes_and_come_back(ids: list[int]) -> None:
    packed = pack_ids(ids, 3)

    assert len(packed) == 3 * len(ids)
    assert unpack_ids(packed, 3).tolist() == ids


@pytest.mark.parametrize(("ids", "width"), [([1 << 24], 3), ([-1], 4), ([1 << 32], 4)])
def test_an_id_that_does_not_fit_is_refused(ids: list[int], width: int) -> None:
    with pytest.raises(InvalidInput, match="negative or takes more"):
        pack_ids(ids, width)


def test_the_width_of_ids_follows_the_largest() -> None:
    largest = [0, (1 << 24) - 1, 1 << 24, (1 << 32) - 1, 1 << 32, (1 << 63) - 1]

    assert [id_width(number) for number in largest] == [3, 3, 4, 4, 8, 8]


def test_a_list_that_was_cut_is_noticed() -> None:
    with pytest.raises(CorruptRecord):
        unpack_ids(b"1234", 3)
    with pytest.raises(CorruptRecord):
        unpack_counts(b"12345678")


def test_counts_keep_their_order() -> None:
    items, counts = unpack_counts(pack_counts([(9, 3), (1, 7)]))

    assert (items.tolist(), counts.tolist()) == ([9, 1], [3, 7])
    assert items.dtype == np.int64
