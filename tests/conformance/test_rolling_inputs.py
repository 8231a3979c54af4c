"""Versions that differ in their inputs, called by one client with the inputs of both, and what their metadata says."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import grpc
import numpy as np
import pytest
import requests
import tritonclient.grpc as triton_grpc
import tritonclient.http as triton_http
from tritonclient.utils import InferenceServerException

from pillion.config import SidecarSettings
from pillion.errors import SidecarRefused
from pillion.scoring import ScoreRequest, open_scorer
from tests.conformance.models import ECHO_TYPES
from tests.conformance.protocol import Protocol
from tests.conformance.sidecar import Addresses
from tests.conformance.v2 import post_json, tensor

pytestmark = pytest.mark.process

VALUES = {
    "d": ("FP64", np.array([2.5, 0.5])),
    "i": ("INT64", np.array([1, 2])),
    "s": ("BYTES", np.array([b"a", b"b"], dtype=object)),
    "f": ("FP32", np.array([0.5, 1.5], dtype=np.float32)),
    "next": ("UINT8", np.array([1, 2], dtype=np.uint8)),
}
SUPERSET = [
    tensor(name, datatype, [str(v, "ascii") if name == "s" else v for v in values.tolist()])
    for name, (datatype, values) in VALUES.items()
]
IGNORE = {"unknown_inputs": "ignore"}


@pytest.fixture(params=["http", "grpc"])
def client(request: pytest.FixtureRequest, sidecar: Addresses) -> Iterator[Any]:
    module, address = {"http": (triton_http, sidecar.http), "grpc": (triton_grpc, sidecar.grpc)}[request.param]
    made = module.InferenceServerClient(address)
    made.module = module
    yield made
    made.close()


def inputs(client: Any, names: Any = VALUES, **options: Any) -> list[Any]:
    tensors = []
    for name in names:
        datatype, values = VALUES[name]
        made = client.module.InferInput(name, [2], datatype)
        made.set_data_from_numpy(values, **options)
        tensors.append(made)
    return tensors


def answered(client: Any, version: str, sent: list[Any]) -> tuple[list[float], str]:
    answer = client.infer("rolling", sent, model_version=version, parameters=IGNORE)
    response = answer.get_response()
    served = response["model_version"] if isinstance(response, dict) else response.model_version
    return answer.as_numpy("d again").tolist(), served


@pytest.mark.parametrize("order", [list(VALUES), list(reversed(VALUES))])
def test_every_version_answers_a_client_that_sends_the_inputs_of_all(client: Any, order: list[str]) -> None:
    sent = inputs(client, order)

    assert answered(client, "1", sent) == ([2.5, 0.5], "1")
    assert answered(client, "2", sent) == ([2.5, 0.5], "2")


def test_a_rollback_turns_no_call_into_an_error(client: Any, sidecar: Addresses) -> None:
    operator = {"Authorization": f"Bearer {sidecar.token}"}
    sent = inputs(client)
    assert answered(client, "", sent) == ([2.5, 0.5], "2")

    def change(action: str) -> None:
        url = f"http://{sidecar.admin}/v2/repository/models/rolling/{action}"
        assert requests.post(url, headers=operator, timeout=60).ok

    change("rollback")
    try:
        assert answered(client, "", sent) == ([2.5, 0.5], "1")
    finally:
        requests.post(
            f"http://{sidecar.admin}/v2/repository/models/rolling/promote",
            json.dumps({"version": 2}),
            headers=operator,
            timeout=60,
        ).raise_for_status()
    assert answered(client, "", sent) == ([2.5, 0.5], "2")


@pytest.mark.parametrize("encoding", ["json", "binary", "grpc"])
async def test_this_packages_clients_leave_unknown_inputs_aside_where_the_settings_say_so(
    sidecar: Addresses, encoding: Any
) -> None:
    """A host that follows version 2 goes on while the sidecar has rolled back to version 1, which has fewer inputs."""
    request = ScoreRequest(
        "rolling",
        {name: ECHO_TYPES[name] for name in ("d", "i", "s", "f")},
        {"d": [2.5, 0.5], "i": [1, 2], "s": ["a", None], "f": [0.5, 1.5]},
        2,
        ("d again",),
    )
    address = f"http://{sidecar.grpc if encoding == 'grpc' else sidecar.http}"
    settings = SidecarSettings(address=address, encoding=encoding, unknown_inputs="ignore")
    tolerant, strict = open_scorer(settings), open_scorer(settings.model_copy(update={"unknown_inputs": "fail"}))
    operator = {"Authorization": f"Bearer {sidecar.token}"}

    async def change(action: str, body: str) -> None:
        url = f"http://{sidecar.admin}/v2/repository/models/rolling/{action}"
        (await asyncio.to_thread(requests.post, url, body, headers=operator, timeout=60)).raise_for_status()

    try:
        assert (await strict.score(request, 60)).model_version == 2
        await change("rollback", "{}")
        with pytest.raises(SidecarRefused, match="the field 's' is not an input of the model"):
            await strict.score(request, 60)
        scores = await tolerant.score(request, 60)
    finally:
        await change("promote", '{"version": 2}')
        await tolerant.close()
        await strict.close()

    assert (list(scores.columns["d again"]), scores.model_version) == ([2.5, 0.5], 1)


def test_json_data_of_an_unknown_input_is_not_looked_at(sidecar: Addresses) -> None:
    unread = [
        {"name": "next", "datatype": "of the future", "shape": [9, 9, 9], "data": [[{"a": [1]}], None, "x"]},
        {"data": [1e999], "name": "next"},
        {"name": "next"},
    ]
    body: dict[str, Any] = {"inputs": [*unread, *SUPERSET[:2]], "parameters": {**IGNORE, "missing_rows:next": "77"}}
    body["outputs"] = [{"name": "d again"}, {"name": "i again"}]

    answer = post_json(sidecar.http, "/v2/models/rolling/versions/1/infer", body)

    assert [output["data"] for output in answer["outputs"]] == [[2.5, 0.5], [1, 2]]


@pytest.mark.parametrize("parameters", [{}, {"unknown_inputs": "fail"}])
def test_an_unknown_input_is_refused_unless_the_request_says_otherwise(client: Any, parameters: dict[str, str]) -> None:
    with pytest.raises(InferenceServerException, match="the field 's' is not an input of the model"):
        client.infer("rolling", inputs(client, ["d", "s", "i"]), model_version="1", parameters=parameters)


def test_other_values_of_the_parameter_are_refused(client: Any) -> None:
    with pytest.raises(InferenceServerException, match="'unknown_inputs' is 'ignore' or 'fail', not 'maybe'"):
        client.infer("rolling", inputs(client), parameters={"unknown_inputs": "maybe"})
    with pytest.raises(InferenceServerException, match="'unknown_inputs' is not a string"):
        client.infer("rolling", inputs(client), parameters={"unknown_inputs": 1})


def test_what_the_version_has_is_still_held_to_its_rules(client: Any) -> None:
    with pytest.raises(InferenceServerException, match="the field 'i' must be given"):
        client.infer("rolling", inputs(client, ["d", "next"]), model_version="1", parameters=IGNORE)
    with pytest.raises(InferenceServerException, match="'missing_rows:i' is of no input"):
        client.infer(
            "rolling",
            inputs(client, ["d", "next"]),
            model_version="1",
            parameters={**IGNORE, "missing_rows:i": "0"},
        )


@pytest.mark.parametrize("version", [1, 2])
def test_ranking_leaves_unknown_inputs_aside(sidecar: Addresses, protocol: Protocol, version: int) -> None:
    context = [tensor("i", "INT64", [1]), tensor("s", "BYTES", ["a"]), tensor("next", "UINT8", [1])]
    candidates = [SUPERSET[0], SUPERSET[3]]
    body = {"k": 2, "context": context, "candidates": candidates, "parameters": IGNORE}

    by_http = post_json(sidecar.http, f"/v2/models/rolling/versions/{version}/rank", body)

    infer = protocol.message("inference.ModelInferRequest").InferInputTensor
    contents = protocol.message("inference.InferTensorContents")
    parameter = protocol.message("inference.InferParameter")
    request = protocol.message("pillion.v1.RankRequest")(
        model_name="rolling",
        model_version=str(version),
        k=2,
        context=[
            infer(name="i", datatype="INT64", shape=[1], contents=contents(int64_contents=[1])),
            infer(name="s", datatype="BYTES", shape=[1], contents=contents(bytes_contents=[b"a"])),
            infer(name="next", datatype="UINT8", shape=[1], contents=contents(uint_contents=[1])),
        ],
        candidates=[
            infer(name="d", datatype="FP64", shape=[2], contents=contents(fp64_contents=[2.5, 0.5])),
            infer(name="f", datatype="FP32", shape=[2], contents=contents(fp32_contents=[0.5, 1.5])),
        ],
        parameters={"unknown_inputs": parameter(string_param="ignore")},
    )
    with grpc.insecure_channel(sidecar.grpc) as channel:
        by_grpc = protocol.stub("pillion.v1.RankService", channel).Rank(request, timeout=60)
    assert (by_http["items"], by_http["scores"]) == ([0, 1], [2.5, 0.5])
    assert (list(by_grpc.rows), list(by_grpc.scores)) == ([0, 1], [2.5, 0.5])
    refused = post_json(sidecar.http, "/v2/models/rolling/versions/1/rank", {**body, "parameters": None})
    assert refused["status"] == 400


def test_the_metadata_says_what_each_input_is(sidecar: Addresses, protocol: Protocol) -> None:
    by_http = requests.get(f"http://{sidecar.http}/v2/models/rolling", timeout=60).json()
    with grpc.insecure_channel(sidecar.grpc) as channel:
        stub = protocol.stub("inference.GRPCInferenceService", channel)
        by_grpc = stub.ModelMetadata(protocol.message("inference.ModelMetadataRequest")(name="rolling"), timeout=60)
        server = stub.ServerMetadata(protocol.message("inference.ServerMetadataRequest")(), timeout=60)

    told = {field["name"]: field["parameters"] for field in by_http["inputs"]}
    as_is = {"missing": "asIs", "required": True}
    assert told == {
        "d": {"source": "item", **as_is},
        "i": {"source": "user", **as_is},
        "s": {"source": "online", **as_is},
        "f": as_is,
    }
    assert {
        field.name: {
            key: getattr(value, value.WhichOneof("parameter_choice")) for key, value in field.parameters.items()
        }
        for field in by_grpc.inputs
    } == told
    assert "pillion_unknown_inputs" in server.extensions


def test_the_metadata_says_what_replaces_a_missing_value_and_what_the_item_table_has(sidecar: Addresses) -> None:
    def told(model: str) -> dict[str, Any]:
        inputs = requests.get(f"http://{sidecar.http}/v2/models/{model}", timeout=60).json()["inputs"]
        return {field["name"]: field["parameters"] for field in inputs}

    assert told("shelf")["item_score"] == {"source": "item", "missing": "asIs", "required": False}
    assert told("shelf")["rate"] == {"missing": "asMean", "missing_replacement": 2.0, "required": True}
    assert all(field["required"] for field in told("ranker").values())
