"""Dates, time stamps, decimal numbers and arrays of texts: Spark's own bits, whatever carries their texts."""

import csv
import io
import json
import struct
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pytest
import requests
import tritonclient.http as triton_http

from pillion.config import SidecarSettings
from pillion.scoring import HttpScorer, ScoreRequest
from pillion.scoring.grpc import GrpcScorer
from pillion.types import FieldType
from tests.conformance.models import SPELLED
from tests.conformance.sidecar import Addresses
from tests.conformance.v2 import tensor
from tools.golden.store import Golden, read

pytestmark = pytest.mark.process


@pytest.fixture(scope="module", params=SPELLED)
def golden(request: pytest.FixtureRequest) -> Golden:
    return read(request.param)


def _bits(values: Sequence[Any]) -> list[bytes]:
    return [struct.pack("<d", float(value)) for value in values]


def _answered(golden: Golden) -> tuple[dict[str, list[Any]], list[bytes]]:
    """The rows that Spark answers, and its first output for each."""
    rows = [row for row in range(golden.rows) if row not in golden.errors]
    columns = {name: [column[row] for row in rows] for name, column in golden.inputs.items()}
    return columns, _bits([golden.expected[_output(golden)][row] for row in rows])


def _output(golden: Golden) -> str:
    return next(name for name, kind in golden.about["outputs"].items() if kind == "double")


@pytest.mark.parametrize("encoding", ["json", "binary", "raw", "typed"])
async def test_each_encoding_gives_the_bits_of_spark(
    sidecar: Addresses, golden: Golden, encoding: Literal["json", "binary", "raw", "typed"]
) -> None:
    columns, expected = _answered(golden)
    types: dict[str, FieldType] = dict.fromkeys(columns, "string")
    settings = SidecarSettings(address=f"unix:{sidecar.uds}")
    scorer = HttpScorer(settings, encoding) if encoding in ("json", "binary") else GrpcScorer(settings, encoding)  # type: ignore[arg-type]
    try:
        request = ScoreRequest(golden.name, types, columns, len(expected), (_output(golden),), "r")
        scores = await scorer.score(request, 60.0)
    finally:
        await scorer.close()

    assert not scores.row_errors
    assert _bits(scores.columns[_output(golden)]) == expected


def test_a_client_of_others_gives_the_bits_of_spark(sidecar: Addresses, golden: Golden) -> None:
    columns, expected = _answered(golden)
    rows = [row for row in range(len(expected)) if all(column[row] is not None for column in columns.values())]
    inputs = []
    for name, column in columns.items():
        given = triton_http.InferInput(name, [len(rows)], "BYTES")
        given.set_data_from_numpy(np.array([column[row].encode() for row in rows], dtype=object))
        inputs.append(given)

    answer = triton_http.InferenceServerClient(sidecar.http).infer(golden.name, inputs)

    assert _bits(answer.as_numpy(_output(golden))) == [expected[row] for row in rows]


def test_a_table_gives_the_bits_of_spark(sidecar: Addresses, golden: Golden) -> None:
    columns, expected = _answered(golden)
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(columns)
    table.writerows(["" if cell is None else cell for cell in row] for row in zip(*columns.values(), strict=True))

    response = requests.post(
        f"http://{sidecar.http}/openscoring/model/{golden.name}/csv", data=text.getvalue().encode(), timeout=60
    )

    assert response.status_code == 200, response.text
    answers = list(csv.DictReader(io.StringIO(response.text)))
    assert _bits([answer[_output(golden)] for answer in answers]) == expected


def test_a_text_of_another_form_is_refused_by_row_and_field(sidecar: Addresses) -> None:
    golden = read(SPELLED[0])
    columns, _ = _answered(golden)
    good = {name: next(cell for cell in column if cell is not None) for name, column in columns.items()}
    for name, wrong in (("at", "yesterday"), ("since", "2001-02-30"), ("price", "1e3"), ("tags", "Drama")):
        body = {"inputs": [tensor(n, "BYTES", [text, wrong if n == name else text]) for n, text in good.items()]}
        response = requests.post(f"http://{sidecar.http}/v2/models/{golden.name}/infer", json.dumps(body), timeout=60)

        assert response.status_code == 400, response.text
        assert "row 1" in response.json()["error"]
        assert f"'{name}'" in response.json()["error"]
        assert wrong in response.json()["error"]
