import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillion.errors import InvalidInput, SidecarError
from pillion.scoring import ScoreRequest
from pillion.scoring.v2 import decode, encode
from pillion.types import FieldType, Repeated

TYPES: dict[str, FieldType] = {"a": "double", "b": "string", "c": "integer", "d": "boolean", "e": "float"}


def request(
    columns: Mapping[str, Any],
    rows: int,
    types: Mapping[str, FieldType] = TYPES,
    outputs: tuple[str, ...] = (),
    request_id: str = "",
) -> ScoreRequest:
    return ScoreRequest("ranker", types, columns, rows, outputs, request_id)


def data(type_: FieldType, column: Any) -> Any:
    body = orjson.loads(encode(request({"x": column}, len(column), {"x": type_})))
    (tensor,) = body["inputs"]
    assert tensor["shape"] == [len(column)]
    return tensor["data"]


def test_a_request_has_the_protocols_form() -> None:
    columns = {
        "a": np.array([0.1, -0.0]),
        "b": ["é", None],
        "c": np.array([1, 2]),
        "d": Repeated(True, 2),
        "e": Repeated(None, 2),
    }

    body = encode(request(columns, 2, outputs=("probability(1)",), request_id="r1"))

    assert orjson.loads(body) == {
        "id": "r1",
        "parameters": {"on_row_error": "null"},
        "inputs": [
            {"name": "a", "datatype": "FP64", "shape": [2], "data": [0.1, 0.0]},
            {"name": "b", "datatype": "BYTES", "shape": [2], "data": ["é", None]},
            {"name": "c", "datatype": "INT64", "shape": [2], "data": [1, 2]},
            {"name": "d", "datatype": "BOOL", "shape": [2], "data": [True, True]},
            {"name": "e", "datatype": "FP32", "shape": [2], "data": [None, None]},
        ],
        "outputs": [{"name": "probability(1)"}],
    }
    assert b"-0.0" in body


def test_without_id_and_outputs_neither_is_sent() -> None:
    assert set(orjson.loads(encode(request({}, 0, {})))) == {"parameters", "inputs"}


@given(st.lists(st.none() | st.floats()), st.sampled_from(["list", "array", "repeated"]))
def test_every_double_keeps_its_bits_and_missing_is_not_nan(values: Any, form: str) -> None:
    if form == "array":
        values = [0.0 if value is None else value for value in values]
    elif form == "repeated":
        values = values[:1] * 3
    column = {"list": values, "array": np.array(values, dtype=float)}.get(
        form, Repeated(values[0] if values else None, len(values))
    )

    sent = data("double", column)

    for before, after in zip(values, sent, strict=True):
        if before is None or math.isfinite(before):
            assert (before is None) == (after is None)
            assert before is None or math.copysign(1, before) == math.copysign(1, after)
            assert before == after
        else:
            assert after == {math.inf: "Infinity", -math.inf: "-Infinity"}.get(before, "NaN")


@given(st.lists(st.integers(-(1 << 63), (1 << 63) - 1), min_size=1))
def test_every_whole_number_is_kept(values: Any) -> None:
    assert data("integer", values) == values
    assert data("integer", np.array(values, dtype=np.int64)) == values


def test_whole_numbers_are_fine_for_doubles_where_they_are_exact() -> None:
    assert data("double", [1, 2]) == [1.0, 2.0]
    assert data("double", np.array([1, 2])) == [1.0, 2.0]


@pytest.mark.parametrize(
    ("type_", "column"),
    [
        ("double", [1.0, "x"]),
        ("double", [1.0, True]),
        ("double", [1.0, (1 << 53) + 1]),
        ("double", np.array([1, (1 << 53) + 1])),
        ("float", [1.0, 0.1]),
        ("float", np.array([1.0, 0.1])),
        ("integer", [1, 1.5]),
        ("integer", [1, True]),
        ("boolean", [True, 1]),
        ("string", ["a", 1]),
        ("string", ["a", "\ud800"]),
    ],
)
def test_a_value_of_another_type_is_refused_by_field_and_row(type_: FieldType, column: Any) -> None:
    with pytest.raises(InvalidInput, match="'x', row 1") as caught:
        data(type_, column)

    assert caught.value.field == "x"


@pytest.mark.parametrize("columns", [{}, {"x": [1.0]}, {"x": [1.0, 2.0, 3.0]}])
def test_a_column_that_is_absent_or_of_another_length_is_refused(columns: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="'x' does not have 2 values"):
        encode(request(columns, 2, {"x": "double"}))


def reply(**changes: Any) -> bytes:
    whole = {
        "model_name": "ranker",
        "model_version": "3",
        "id": "r1",
        "parameters": {"engine": "compiled"},
        "outputs": [
            {"name": "p", "datatype": "FP64", "shape": [4], "data": [0.5, None, "NaN", "-Infinity"]},
            {"name": "q", "datatype": "BYTES", "shape": [4], "data": ["NaN", None, "a", "b"]},
        ],
    }
    return orjson.dumps({**whole, **changes})


def asked(outputs: tuple[str, ...] = ("p",), rows: int = 4) -> ScoreRequest:
    return request({}, rows, {}, outputs, "r1")


def test_a_reply_is_read() -> None:
    scores = decode(reply(), asked())

    assert scores.columns["p"][:2] == [0.5, None]
    assert math.isnan(scores.columns["p"][2])
    assert scores.columns["p"][3] == -math.inf
    assert scores.columns["q"][0] == "NaN"
    assert (scores.model_version, scores.engine, scores.row_errors) == (3, "compiled", ())


def test_row_errors_are_read() -> None:
    errors = orjson.dumps([{"row": 1, "field": "a", "value": "x", "message": "no"}]).decode()

    (error,) = decode(reply(parameters={"row_errors": errors}), asked()).row_errors

    assert (error.row, error.field, error.value, error.message) == (1, "a", "x", "no")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"<html>",
        b"{}",
        reply(outputs=None),
        reply(outputs=[{"name": "p"}]),
        reply(outputs=[{"name": "p", "datatype": "FP64", "shape": [4], "data": 5}]),
        reply(outputs=[{"name": "p", "datatype": "FP64", "shape": [4], "data": ["x"] * 4}]),
        reply(outputs=[{"name": "p", "datatype": "FP64", "shape": [3], "data": [1.0] * 3}]),
        reply(outputs=[]),
        reply(model_version="latest"),
        reply(parameters={"row_errors": "{"}),
        reply(id="another"),
        reply()[:-5],
    ],
)
def test_a_reply_that_is_none_is_an_error_of_the_sidecar(body: Any) -> None:
    with pytest.raises(SidecarError):
        decode(body, asked())
