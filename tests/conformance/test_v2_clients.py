"""The clients that people have, as they have them: tritonclient over HTTP and gRPC, sync and asyncio, and curl."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import tritonclient.grpc as triton_grpc
import tritonclient.grpc.aio as triton_grpc_aio
import tritonclient.http as triton_http
import tritonclient.http.aio as triton_http_aio
from tritonclient.utils import InferenceServerException

from tests.conformance.sidecar import Addresses
from tests.support.models import ranker_score

pytestmark = pytest.mark.process

ROWS = [(1.0, 0.5, "tv", 3), (2.5, 0.25, "mobile", 23), (-0.0, 1e-300, "é", 0)]
RATE, SCORE, DEVICE, HOUR = zip(*ROWS, strict=True)
EXPECTED = [ranker_score(*row, intercept=-2.0) for row in ROWS]
"""Version 2 is the highest, so it serves."""
COLUMNS = {
    "rate": ("FP64", np.array(RATE)),
    "item_score": ("FP64", np.array(SCORE)),
    "device": ("BYTES", np.array([text.encode() for text in DEVICE], dtype=object)),
    "hour": ("INT64", np.array(HOUR)),
}


def inputs(client: Any, shape: tuple[int, ...] = (3,), **options: Any) -> list[Any]:
    tensors = []
    for name, (datatype, values) in COLUMNS.items():
        tensor = client.InferInput(name, list(shape), datatype)
        tensor.set_data_from_numpy(values.reshape(shape), **options)
        tensors.append(tensor)
    return tensors


@pytest.fixture(params=["http", "grpc", "grpc over a Unix socket"])
def client(request: pytest.FixtureRequest, sidecar: Addresses) -> Iterator[Any]:
    module, address = {
        "http": (triton_http, sidecar.http),
        "grpc": (triton_grpc, sidecar.grpc),
        "grpc over a Unix socket": (triton_grpc, f"unix:{sidecar.uds}"),
    }[request.param]
    made = module.InferenceServerClient(address)
    made.module = module
    yield made
    made.close()


def test_the_server_and_its_models_are_described(client: Any) -> None:
    options = {} if client.module is triton_http else {"as_json": True}

    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("ranker")
    assert client.is_model_ready("ranker", "1")
    server = client.get_server_metadata(**options)
    assert server["name"] == "pillion"
    assert "binary_tensor_data" in server["extensions"]
    model = client.get_model_metadata("ranker", **options)
    assert (model["name"], model["versions"]) == ("ranker", ["1", "2"])
    assert [(tensor["name"], tensor["datatype"]) for tensor in model["inputs"]] == [
        (name, datatype) for name, (datatype, _) in COLUMNS.items()
    ]
    assert {"name": "probability(1)", "datatype": "FP64"}.items() <= model["outputs"][-1].items()


@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_rows_are_scored(client: Any, shape: tuple[Any, ...]) -> None:
    answer = client.infer("ranker", inputs(client.module, shape), request_id="r-7")

    response = answer.get_response()
    response = response if isinstance(response, dict) else {"id": response.id, "model_version": response.model_version}
    assert (response["id"], response["model_version"]) == ("r-7", "2")
    np.testing.assert_allclose(answer.as_numpy("probability(1)"), EXPECTED, rtol=1e-15)
    np.testing.assert_array_equal(answer.as_numpy("prediction"), [int(score > 0.5) for score in EXPECTED])


def test_a_version_and_a_subset_of_outputs_can_be_asked_for(client: Any) -> None:
    wanted = [client.module.InferRequestedOutput(name) for name in ("probability(1)", "prediction")]

    answer = client.infer("ranker", inputs(client.module), model_version="1", outputs=wanted)

    assert answer.as_numpy("probability(0)") is None
    expected = [ranker_score(*row, intercept=-1.0) for row in ROWS]
    np.testing.assert_allclose(answer.as_numpy("probability(1)"), expected, rtol=1e-15)
    response = answer.get_response()
    outputs = response["outputs"] if isinstance(response, dict) else response.outputs
    names = [output["name"] if isinstance(output, dict) else output.name for output in outputs]
    assert names == ["probability(1)", "prediction"]


def test_rows_without_a_value_are_named_in_a_parameter(client: Any) -> None:
    answer = client.infer("ranker", inputs(client.module), parameters={"missing_rows:rate": "1-2"})

    expected = [EXPECTED[0], *(ranker_score(None, *row[1:], intercept=-2.0) for row in ROWS[1:])]
    np.testing.assert_allclose(answer.as_numpy("probability(1)"), expected, rtol=1e-15)


def test_statistics_count_rows_and_requests(client: Any) -> None:
    def read() -> tuple[Any, Any, Any]:
        if client.module is triton_http:
            (one,) = client.get_inference_statistics("ranker", "2")["model_stats"]
            return one["inference_count"], one["execution_count"], one["inference_stats"]["success"]["ns"]
        (one,) = client.get_inference_statistics("ranker", "2").model_stats
        return one.inference_count, one.execution_count, one.inference_stats.success.ns

    before = read()
    client.infer("ranker", inputs(client.module))
    after = read()

    assert (after[0] - before[0], after[1] - before[1]) == (3, 1)
    assert after[2] > before[2]


def test_what_changes_the_repository_is_not_for_callers(client: Any) -> None:
    for call in (client.get_model_repository_index, lambda: client.load_model("x"), lambda: client.unload_model("x")):
        with pytest.raises(InferenceServerException, match=r"admin address|nothing at"):
            call()


def test_json_and_binary_tensors_can_be_mixed_in_a_request_and_in_an_answer(sidecar: Addresses) -> None:
    client = triton_http.InferenceServerClient(sidecar.http)
    tensors = inputs(triton_http)
    for tensor in tensors[1:3]:
        values = COLUMNS[tensor.name()][1]
        tensor.set_data_from_numpy(values, binary_data=False)
    wanted = [
        triton_http.InferRequestedOutput("probability(1)", binary_data=True),
        triton_http.InferRequestedOutput("probability(0)", binary_data=False),
    ]

    answer = client.infer("ranker", tensors, outputs=wanted)

    one, other = answer.get_response()["outputs"]
    assert "data" not in one
    assert other["data"] == answer.as_numpy("probability(0)").tolist()
    np.testing.assert_allclose(answer.as_numpy("probability(1)"), EXPECTED, rtol=1e-15)


@pytest.mark.parametrize("module", [triton_http_aio, triton_grpc_aio], ids=["http", "grpc"])
async def test_asyncio_clients_are_served(sidecar: Addresses, module: Any) -> None:
    address = sidecar.http if module is triton_http_aio else sidecar.grpc
    client = module.InferenceServerClient(address)
    try:
        assert await client.is_server_ready()
        answer = await client.infer("ranker", inputs(module))
        np.testing.assert_allclose(answer.as_numpy("probability(1)"), EXPECTED, rtol=1e-15)
        with pytest.raises(InferenceServerException, match="no model 'nobody'"):
            await client.infer("nobody", inputs(module))
    finally:
        await client.close()


def test_curl_speaks_json_over_the_unix_socket(sidecar: Addresses) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("there is no curl here; the Unix socket is tested with other clients as well")
    tensors = [
        {"name": name, "datatype": datatype, "shape": [3], "data": list(values)}
        for (name, (datatype, _)), values in zip(COLUMNS.items(), zip(*ROWS, strict=True), strict=True)
    ]
    url = "http://sidecar/v2/models/ranker/infer"
    command = [curl, "-sS", "--unix-socket", sidecar.uds, "--json", json.dumps({"inputs": tensors}), url]

    answer = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)

    by_name = {output["name"]: output["data"] for output in answer["outputs"]}
    np.testing.assert_allclose(by_name["probability(1)"], EXPECTED, rtol=1e-15)
