"""Every encoding carries the same bits: random doubles, floats, whole numbers, texts, flags and missing values."""

import json
import math
import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest
import tritonclient.grpc as triton_grpc
import tritonclient.http as triton_http
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pillion.config import SidecarSettings
from pillion.scoring import HttpScorer, ScoreRequest
from pillion.scoring.grpc import GrpcScorer
from tests.conformance.models import ECHO_TYPES
from tests.conformance.protocol import Protocol
from tests.conformance.sidecar import Addresses

pytestmark = pytest.mark.process

DATATYPES = {"d": "FP64", "f": "FP32", "i": "INT64", "s": "BYTES", "b": "BOOL"}
CONTENTS = {
    "d": "fp64_contents",
    "f": "fp32_contents",
    "i": "int64_contents",
    "s": "bytes_contents",
    "b": "bool_contents",
}
FORMATS = {"d": "<d", "f": "<f", "i": "<q", "b": "<?"}

doubles = st.integers(0, 2**64 - 1).map(lambda bits: struct.unpack("<d", struct.pack("<Q", bits))[0])
"""Any bits: subnormals, both zeros, infinities, and NaN with any payload."""
floats = st.integers(0, 2**32 - 1).map(lambda bits: struct.unpack("<f", struct.pack("<I", bits))[0])
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
cells = {
    "d": doubles
    | st.sampled_from([0.0, -0.0, 5e-324, -5e-324, math.inf, -math.inf, 1.7976931348623157e308])
    | st.floats(),
    "f": floats,
    "i": st.integers(-(2**31), 2**31 - 1),
    "s": texts,
    "b": st.booleans(),
}
rows = st.lists(st.tuples(*(st.none() | cells[name] for name in DATATYPES)), min_size=1, max_size=12)


def bits(name: str, value: Any) -> Any:
    """A value to the bit, but for NaN: JSON has one word for it, and the interpreter one value."""
    if value is None:
        return None
    if name == "s":
        return value.decode() if isinstance(value, bytes) else value
    if name in "df" and value != value:
        return "NaN"
    return struct.pack(FORMATS[name], value)


def missing_rows(column: list[Any]) -> str:
    return ",".join(str(row) for row, value in enumerate(column) if value is None)


def filled(name: str, column: list[Any]) -> list[Any]:
    blank = {"d": math.nan, "f": math.nan, "i": 0, "s": "", "b": False}[name]
    return [blank if value is None else value for value in column]


def array(name: str, column: list[Any]) -> Any:
    values = filled(name, column)
    if name == "s":
        return np.array([text.encode() for text in values], dtype=object)
    if name == "f":
        return np.frombuffer(b"".join(struct.pack("<f", value) for value in values), dtype="<f4")
    return np.array(values, dtype={"d": "<f8", "i": "<i8", "b": "?"}[name])


def by_json(client: Any, columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    def spelled(value: Any) -> Any:
        if isinstance(value, float) and not math.isfinite(value):
            return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
        return value

    inputs = [
        {"name": name, "datatype": DATATYPES[name], "shape": [len(column)], "data": [spelled(v) for v in column]}
        for name, column in columns.items()
    ]
    response = client._post("v2/models/echo/infer", json.dumps({"inputs": inputs}), None, None)
    answer = json.loads(response.read())
    words = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
    found = {output["name"].split()[0]: output["data"] for output in answer["outputs"] if "again" in output["name"]}
    return {n: [words[v] if n in "df" and isinstance(v, str) else v for v in column] for n, column in found.items()}


def by_triton(module: Any, client: Any, columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    inputs = []
    for name, column in columns.items():
        tensor = module.InferInput(name, [len(column)], DATATYPES[name])
        tensor.set_data_from_numpy(array(name, column))
        inputs.append(tensor)
    parameters = {f"missing_rows:{n}": missing_rows(c) for n, c in columns.items() if None in c}
    answer = client.infer("echo", inputs, parameters=parameters or None)
    found = {}
    for name in columns:
        output = answer.get_output(f"{name} again")
        text = (
            output["parameters"].get("missing_rows")
            if isinstance(output, dict)
            else (output.parameters["missing_rows"].string_param if "missing_rows" in output.parameters else None)
        )
        values = answer.as_numpy(f"{name} again")
        listed = list(values) if name in "df" else values.tolist()
        for part in (text or "").split(",") if text else []:
            first, _, last = part.partition("-")
            for row in range(int(first), int(last or first) + 1):
                listed[row] = None
        found[name] = listed
    return found


def by_typed_contents(protocol: Any, channel: Any, columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    infer = protocol.message("inference.ModelInferRequest")
    contents = protocol.message("inference.InferTensorContents")
    parameter = protocol.message("inference.InferParameter")
    inputs = []
    for name, column in columns.items():
        values = [value.encode() if isinstance(value, str) else value for value in filled(name, column)]
        tensor = infer.InferInputTensor(
            name=name, datatype=DATATYPES[name], shape=[len(column)], contents=contents(**{CONTENTS[name]: values})
        )
        if None in column:
            tensor.parameters["missing_rows"].CopyFrom(parameter(string_param=missing_rows(column)))
        inputs.append(tensor)
    stub = protocol.stub("inference.GRPCInferenceService", channel)
    answer = stub.ModelInfer(infer(model_name="echo", inputs=inputs), timeout=60)
    found = {}
    for output in answer.outputs:
        name = output.name.split()[0]
        if "again" in output.name:
            listed = list(getattr(output.contents, CONTENTS[name]))
            text = output.parameters["missing_rows"].string_param if "missing_rows" in output.parameters else ""
            for part in text.split(",") if text else []:
                first, _, last = part.partition("-")
                for row in range(int(first), int(last or first) + 1):
                    listed[row] = None
            found[name] = listed
    return found


@pytest.fixture(scope="module")
def clients(sidecar: Addresses, protocol: Protocol) -> Iterator[dict[str, Callable[..., Any]]]:
    import grpc

    http = triton_http.InferenceServerClient(sidecar.http)
    raw = triton_grpc.InferenceServerClient(f"unix:{sidecar.uds}")
    channel = grpc.insecure_channel(sidecar.grpc)
    yield {
        "HTTP JSON": lambda columns: by_json(http, columns),
        "HTTP binary": lambda columns: by_triton(triton_http, http, columns),
        "gRPC raw": lambda columns: by_triton(triton_grpc, raw, columns),
        "gRPC typed": lambda columns: by_typed_contents(protocol, channel, columns),
    }
    channel.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows)
@example([(None, None, None, None, None)])
@example([(5e-324, 1e-45, -(2**31), "", True), (math.inf, -math.inf, 2**31 - 1, "\x00é😀", False)])
def test_what_goes_in_comes_back_by_every_encoding(
    clients: Mapping[str, Callable[..., Any]], table: list[tuple[Any, ...]]
) -> None:
    columns = {name: [row[i] for row in table] for i, name in enumerate(DATATYPES)}
    # The interpreter takes the sign off a negative zero, whatever carried it.
    expected = {
        name: [bits(name, value + 0.0 if name in "df" and value == 0 else value) for value in column]
        for name, column in columns.items()
    }

    for encoding, ask in clients.items():
        found = ask(columns)
        assert {name: [bits(name, v) for v in found[name]] for name in columns} == expected, encoding


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows, st.sampled_from(["json", "binary", "raw", "typed"]), st.booleans())
async def test_the_scorer_of_this_package_gives_the_same_bits(
    sidecar: Addresses, table: list[tuple[Any, ...]], encoding: Any, arrays: bool
) -> None:
    columns: dict[str, Any] = {name: [row[i] for row in table] for i, name in enumerate(DATATYPES)}
    # A float that came as a double of Python's is refused unless it is one exactly; these are.
    expected = {
        name: [bits(name, value + 0.0 if name in "df" and value == 0 else value) for value in column]
        for name, column in columns.items()
    }
    if arrays:
        columns |= {name: array(name, columns[name]) for name in "dib" if None not in columns[name]}
    settings = SidecarSettings(address=f"unix:{sidecar.uds}")
    scorer = HttpScorer(settings, encoding) if encoding in ("json", "binary") else GrpcScorer(settings, encoding)
    try:
        outputs = tuple(f"{name} again" for name in DATATYPES)
        scores = await scorer.score(ScoreRequest("echo", ECHO_TYPES, columns, len(table), outputs, "r"), 60.0)
    finally:
        await scorer.close()

    found = {name: [bits(name, value) for value in scores.columns[f"{name} again"]] for name in DATATYPES}
    assert found == expected
