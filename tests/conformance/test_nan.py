"""NaN is one value in every answer, whatever sign and payload an operation left in it."""

import csv
import io
import json
import math
from typing import Any, Literal

import numpy as np
import pytest
import requests

from pillion.config import SidecarSettings
from pillion.scoring import HttpScorer, ScoreRequest
from pillion.scoring.grpc import GrpcScorer
from pillion.scoring.jvm import open_model
from pillion.types import FieldType
from tests.conformance.models import WITH_NAN
from tests.conformance.sidecar import Addresses
from tests.conformance.v2 import tensor
from tools.checkout import JAR
from tools.golden.store import read

pytestmark = pytest.mark.process
OWN = 0x7FF8000000000000
OUTPUT = "probability(0)"


@pytest.fixture(scope="module")
def columns() -> dict[str, list[Any]]:
    """The recorded rows of which the model makes NaN: of a number that is infinite, times zero."""
    golden = read(WITH_NAN)
    rows = [row for row, value in enumerate(golden.expected[OUTPUT]) if isinstance(value, float) and math.isnan(value)]
    assert rows
    return {name: [column[row] for row in rows] for name, column in golden.inputs.items()}


def bits(values: object) -> set[int]:
    return set(np.asarray(values, dtype="<f8").view("<u8").tolist())


def spelled(value: float | None) -> float | str | None:
    if value is None or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


@pytest.mark.parametrize("encoding", ["json", "binary", "raw", "typed"])
async def test_every_encoding_of_the_sidecar_has_javas_own(
    sidecar: Addresses, columns: dict[str, list[Any]], encoding: Literal["json", "binary", "raw", "typed"]
) -> None:
    rows = len(next(iter(columns.values())))
    types: dict[str, FieldType] = dict.fromkeys(columns, "double")
    settings = SidecarSettings(address=f"unix:{sidecar.uds}")
    scorer = HttpScorer(settings, encoding) if encoding in ("json", "binary") else GrpcScorer(settings, encoding)  # type: ignore[arg-type]
    try:
        scores = await scorer.score(ScoreRequest(WITH_NAN, types, columns, rows, (OUTPUT,), "r"), 60.0)
    finally:
        await scorer.close()

    assert not scores.row_errors
    assert bits(scores.columns[OUTPUT]) == {OWN}


def test_json_and_tables_have_the_word(sidecar: Addresses, columns: dict[str, list[Any]]) -> None:
    row = {name: spelled(column[0]) for name, column in columns.items()}
    body = {"inputs": [tensor(name, "FP64", [value]) for name, value in row.items()], "outputs": [{"name": OUTPUT}]}
    answer = requests.post(f"http://{sidecar.http}/v2/models/{WITH_NAN}/infer", json.dumps(body), timeout=60).json()
    table = io.StringIO()
    csv.writer(table).writerows([list(row), ["" if value is None else value for value in row.values()]])
    rows = requests.post(
        f"http://{sidecar.http}/openscoring/model/{WITH_NAN}/csv", data=table.getvalue().encode(), timeout=60
    )

    assert answer["outputs"][0]["data"] == ["NaN"]
    assert [found[OUTPUT] for found in csv.DictReader(io.StringIO(rows.text))] == ["NaN"]


def test_an_engine_in_this_process_has_javas_own(columns: dict[str, list[Any]]) -> None:
    model = open_model(read(WITH_NAN).document, "compiled", JAR)
    try:
        scores = model.score(columns, len(next(iter(columns.values()))))
    finally:
        model.close()

    assert bits(scores.columns[OUTPUT]) == {OWN}
