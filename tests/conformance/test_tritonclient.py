"""tritonclient in whole: each public method of its four clients, and 64 calls at once, in a large and a small heap."""

import asyncio
import queue
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import numpy as np
import pytest
import tritonclient.grpc as triton_grpc
import tritonclient.grpc.aio as triton_grpc_aio
import tritonclient.http as triton_http
import tritonclient.http.aio as triton_http_aio
from tritonclient.utils import InferenceServerException

from pillion.config import JVM_OPTIONS, SidecarSettings
from tests.conformance.models import write_models
from tests.conformance.sidecar import Addresses, running
from tests.support.models import ranker_score

pytestmark = pytest.mark.process

AT_ONCE = 64
HEAPS: dict[str, Any] = {"default": {}, "614 MiB": {"jvm_options": (*JVM_OPTIONS, "-Xmx614m")}}
"""The heap of the settings' own options, and that of a pod with a gibibyte."""
MODULES = {"http": triton_http, "grpc": triton_grpc, "http.aio": triton_http_aio, "grpc.aio": triton_grpc_aio}
SERVED = {
    "async_infer",
    "close",
    "generate_request_body",
    "get_inference_statistics",
    "get_model_metadata",
    "get_server_metadata",
    "infer",
    "is_model_ready",
    "is_server_live",
    "is_server_ready",
    "parse_response_body",
    "plugin",
    "register_plugin",
    "unregister_plugin",
}
OPERATORS = {"get_model_repository_index", "load_model", "unload_model"}
REFUSED: dict[str, Sequence[Any]] = {
    "get_cuda_shared_memory_status": (),
    "get_log_settings": (),
    "get_model_config": ("ranker",),
    "get_system_shared_memory_status": (),
    "get_trace_settings": (),
    "register_cuda_shared_memory": ("region", b"aGFuZGxl", 0, 8),
    "register_system_shared_memory": ("region", "key", 8),
    "unregister_cuda_shared_memory": (),
    "unregister_system_shared_memory": (),
    "update_log_settings": ({"log_verbose_level": 1},),
    "update_trace_settings": ("ranker", {"trace_level": "OFF"}),
}
"""Triton's own extensions, which a server of V2 need not have, with arguments."""
STREAMS = {"async_stream_infer", "start_stream", "stop_stream", "stream_infer"}
"""Triton's own streaming, over gRPC only."""


def row(number: int) -> tuple[float, float, str, int]:
    """A row that no other number has."""
    return 1.0 + number / 7, number / 64, ("tv", "mobile", "é")[number % 3], number % 24


def score(number: int) -> float:
    return ranker_score(*row(number), intercept=-2.0)


def tensors(module: Any, number: int = 0, binary: bool = True, rows: int = 1) -> list[Any]:
    made = []
    rate, item_score, device, hour = row(number)
    for name, datatype, value in (
        ("rate", "FP64", np.full(rows, rate)),
        ("item_score", "FP64", np.full(rows, item_score)),
        ("device", "BYTES", np.full(rows, device.encode(), dtype=object)),
        ("hour", "INT64", np.full(rows, hour)),
    ):
        tensor = module.InferInput(name, [rows], datatype)
        options = {"binary_data": binary} if module in (triton_http, triton_http_aio) else {}
        tensor.set_data_from_numpy(value, **options)
        made.append(tensor)
    return made


def value(answer: Any) -> float:
    return float(answer.as_numpy("probability(1)")[0])


async def finish(found: Any) -> Any:
    """What a client of either kind gives: asyncio's is awaited."""
    return await found if asyncio.iscoroutine(found) else found


def address(addresses: Addresses, name: str) -> str:
    return addresses.http if name.startswith("http") else addresses.grpc


@pytest.fixture(scope="module", params=HEAPS)
def served(request: pytest.FixtureRequest, jar: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """A sidecar of its own with nothing but its defaults and a heap."""
    models = write_models(tmp_path_factory.mktemp("models"))
    settings = SidecarSettings(jar=jar, models=models, start_timeout_s=180.0, **HEAPS[request.param])
    with running(settings) as addresses:
        yield addresses


class TestAtOnce:
    """Each call has a row of its own, so that an answer that is another call's is noticed."""

    expected = pytest.approx([score(number) for number in range(AT_ONCE)], rel=1e-15)

    def test_http(self, served: Addresses) -> None:
        client = triton_http.InferenceServerClient(served.http, concurrency=AT_ONCE)
        calls = [client.async_infer("ranker", tensors(triton_http, number)) for number in range(AT_ONCE)]
        found = [value(call.get_result()) for call in calls]
        client.close()

        assert found == self.expected

    def test_grpc(self, served: Addresses) -> None:
        answers: queue.Queue[tuple[int, Any, Any]] = queue.Queue()

        def told(number: int) -> Callable[[Any, Any], None]:
            return lambda result, error: answers.put((number, result, error))

        with triton_grpc.InferenceServerClient(served.grpc) as client:
            for number in range(AT_ONCE):
                client.async_infer("ranker", tensors(triton_grpc, number), told(number), client_timeout=60)
            found = sorted((answers.get(timeout=60) for _ in range(AT_ONCE)), key=lambda answer: answer[0])

        assert [error for _, _, error in found if error is not None] == []
        assert [value(result) for _, result, _ in found] == self.expected

    @pytest.mark.parametrize("name", ["http.aio", "grpc.aio"])
    async def test_asyncio(self, served: Addresses, name: str) -> None:
        module = MODULES[name]
        client = module.InferenceServerClient(address(served, name))
        calls = [client.infer("ranker", tensors(module, number)) for number in range(AT_ONCE)]
        answers = await asyncio.gather(*calls)
        await client.close()

        assert [value(answer) for answer in answers] == self.expected


class Plugin:
    """What tritonclient calls before each request."""

    def __call__(self, request: Any) -> None:
        request.headers["x-request-id"] = "of-the-plugin"


@pytest.mark.parametrize("name", MODULES)
class TestMethods:
    def test_every_one_is_known(self, name: str) -> None:
        public = {method for method in dir(MODULES[name].InferenceServerClient) if not method.startswith("_")}

        assert public - SERVED - OPERATORS - STREAMS == REFUSED.keys()

    async def test_the_server_and_its_models_are_described(self, sidecar: Addresses, name: str) -> None:
        client = MODULES[name].InferenceServerClient(address(sidecar, name))
        as_json = {} if name.startswith("http") else {"as_json": True}

        assert await finish(client.is_server_live())
        assert await finish(client.is_server_ready())
        assert await finish(client.is_model_ready("ranker", "1"))
        assert (await finish(client.get_server_metadata(**as_json)))["name"] == "pillion"
        assert (await finish(client.get_model_metadata("ranker", "2", **as_json)))["name"] == "ranker"
        every = (await finish(client.get_inference_statistics(**as_json)))["model_stats"]
        assert {"ranker", "echo"} <= {one["name"] for one in every}
        await finish(client.close())

    async def test_a_plugin_adds_headers(self, sidecar: Addresses, name: str) -> None:
        client = MODULES[name].InferenceServerClient(address(sidecar, name))
        plugin = Plugin()

        client.register_plugin(plugin)
        assert client.plugin() is plugin
        assert value(await finish(client.infer("ranker", tensors(MODULES[name])))) == pytest.approx(score(0), rel=1e-15)
        client.unregister_plugin()
        assert client.plugin() is None
        await finish(client.close())

    async def test_parameters_that_ask_for_nothing_here_are_taken(self, sidecar: Addresses, name: str) -> None:
        client = MODULES[name].InferenceServerClient(address(sidecar, name))
        options: dict[str, Any] = {"request_id": "r", "priority": 3, "timeout": 60_000_000}
        if name.startswith("http"):
            options["query_params"] = {"a": "b"}

        assert value(await finish(client.infer("ranker", tensors(MODULES[name]), **options))) == pytest.approx(score(0))
        await finish(client.close())

    async def test_what_is_not_served_is_said(self, sidecar: Addresses, name: str) -> None:
        client = MODULES[name].InferenceServerClient(address(sidecar, name))
        for method, arguments in REFUSED.items():
            with pytest.raises(InferenceServerException) as caught:
                await finish(getattr(client, method)(*arguments))
            said = f"{caught.value.status()} {caught.value.message()}"
            assert "nothing at" in said or "UNIMPLEMENTED" in said, (method, said)
        assert await finish(client.is_server_live())
        await finish(client.close())

    async def test_operators_change_the_repository(self, sidecar: Addresses, name: str) -> None:
        operator = MODULES[name].InferenceServerClient(sidecar.admin)
        caller = MODULES[name].InferenceServerClient(address(sidecar, name))
        bearer = {"authorization": f"Bearer {sidecar.token}"}
        as_json = {} if name.startswith("http") else {"as_json": True}

        index = await finish(operator.get_model_repository_index(headers=bearer, **as_json))
        models = index if isinstance(index, list) else index["models"]
        assert {"name": "ranker", "version": "2", "state": "READY"}.items() <= next(
            one for one in models if (one["name"], one["version"]) == ("ranker", "2")
        ).items()
        await finish(operator.unload_model("shelf", headers=bearer))
        assert not await finish(caller.is_model_ready("shelf"))
        await finish(operator.load_model("shelf", headers=bearer))
        assert await finish(caller.is_model_ready("shelf"))
        with pytest.raises(InferenceServerException, match="Authorization"):
            await finish(operator.unload_model("shelf"))
        for client in (operator, caller):
            await finish(client.close())


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("module", [triton_http, triton_http_aio], ids=["sync", "asyncio"])
async def test_numbers_travel_as_bytes_or_as_json(sidecar: Addresses, module: Any, binary: bool) -> None:
    client = module.InferenceServerClient(sidecar.http)
    outputs = [module.InferRequestedOutput("probability(1)", binary_data=binary)]

    answer = await finish(client.infer("ranker", tensors(module, 5, binary), outputs=outputs))

    assert value(answer) == pytest.approx(score(5), rel=1e-15)
    assert ("data" in answer.get_output("probability(1)")) == (not binary)
    await finish(client.close())


@pytest.mark.parametrize("module", [triton_http, triton_http_aio], ids=["sync", "asyncio"])
def test_bodies_can_be_sent_by_another_client(sidecar: Addresses, module: Any) -> None:
    body, length = module.InferenceServerClient.generate_request_body(tensors(module, 9))
    request = urllib.request.Request(f"http://{sidecar.http}/v2/models/ranker/infer", bytes(body))
    if length is not None:
        request.add_header("Inference-Header-Content-Length", str(length))
    with urllib.request.urlopen(request, timeout=60) as answer:
        content, header = answer.read(), answer.headers.get("Inference-Header-Content-Length")

    result = module.InferenceServerClient.parse_response_body(content, header_length=header and int(header))
    assert value(result) == pytest.approx(score(9), rel=1e-15)


def test_grpc_streams_are_said_not_to_be_served(sidecar: Addresses) -> None:
    told: queue.Queue[Any] = queue.Queue()
    with triton_grpc.InferenceServerClient(sidecar.grpc) as client:
        client.start_stream(lambda result, error: told.put(error))
        with suppress(InferenceServerException):  # Where the answer is there already.
            client.async_stream_infer("ranker", tensors(triton_grpc))
        error = told.get(timeout=60)
        client.stop_stream()

    assert "UNIMPLEMENTED" in f"{error.status()} {error.message()}"


async def test_asyncio_streams_are_said_not_to_be_served(sidecar: Addresses) -> None:
    async def requests() -> Any:
        yield {"model_name": "ranker", "inputs": tensors(triton_grpc_aio)}

    client = triton_grpc_aio.InferenceServerClient(sidecar.grpc)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await anext(client.stream_infer(requests()))
    await client.close()

    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("answered", [None, "gzip", "deflate"])
@pytest.mark.parametrize("sent", ["gzip", "deflate"])
@pytest.mark.parametrize("module", [triton_http, triton_http_aio], ids=["sync", "asyncio"])
async def test_bodies_are_compressed(sidecar: Addresses, module: Any, sent: str, answered: str | None) -> None:
    client = module.InferenceServerClient(sidecar.http)
    options = {"request_compression_algorithm": sent, "response_compression_algorithm": answered}
    for binary in (True, False):
        outputs = [module.InferRequestedOutput("probability(1)", binary_data=binary)]
        made = tensors(module, 7, binary, rows=500)
        answer = await finish(client.infer("ranker", made, outputs=outputs, **options))
        assert answer.as_numpy("probability(1)").tolist() == pytest.approx([score(7)] * 500, rel=1e-15)
    await finish(client.close())


@pytest.mark.parametrize("module", [triton_grpc, triton_grpc_aio], ids=["sync", "asyncio"])
async def test_compressed_messages_are_said_not_to_be_read(sidecar: Addresses, module: Any) -> None:
    client = module.InferenceServerClient(sidecar.grpc)
    with pytest.raises(InferenceServerException, match="only identity is read"):
        await finish(client.infer("ranker", tensors(module, 7), compression_algorithm="gzip"))
    assert value(await finish(client.infer("ranker", tensors(module, 7)))) == pytest.approx(score(7), rel=1e-15)
    await finish(client.close())
