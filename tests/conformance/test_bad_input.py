"""Bad input: each gets a 4xx or INVALID_ARGUMENT or NOT_FOUND with a sentence, and the next request is served."""

import gzip
import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
import requests

from tests.conformance.limits import MAX_BODY, MAX_ROWS
from tests.conformance.protocol import Protocol
from tests.conformance.sidecar import Addresses
from tests.conformance.v2 import COLUMNS, RAW, json_request, post

pytestmark = pytest.mark.process

FIELDS = {"FP64": "fp64_contents", "BYTES": "bytes_contents", "INT64": "int64_contents"}


def binary(
    sidecar: Addresses, changes: dict[str, Any] | None = None, raw: dict[str, bytes] | None = None, header: Any = None
) -> requests.Response:
    """Posts binary tensors, of which `changes` replaces parts of the one named `rate` and `raw` the bytes."""
    parts = {**RAW, **(raw or {})}
    inputs = []
    for name, (datatype, data) in COLUMNS.items():
        parameters = {"binary_data_size": len(parts[name])}
        inputs.append({"name": name, "datatype": datatype, "shape": [len(data)], "parameters": parameters})
    inputs[0].update(changes or {})
    head = json.dumps({"inputs": inputs}).encode()
    headers = {"Inference-Header-Content-Length": str(len(head) if header is None else header(len(head)))}
    return post(sidecar, head + b"".join(parts.values()), headers)


@pytest.fixture(autouse=True)
def the_next_request_is_served(sidecar: Addresses) -> Iterator[None]:
    yield
    assert post(sidecar, json.dumps(json_request()).encode()).status_code == 200


def refused(response: requests.Response, status: int, sentence: str) -> None:
    assert (response.status_code, sentence in response.json()["error"]) == (status, True), response.text


def change(request: dict[str, Any], position: int, **members: Any) -> None:
    request["inputs"][position].update(members)


@pytest.mark.parametrize(
    ("spoil", "status", "sentence"),
    [
        (lambda r: r["inputs"].pop(1), 400, "the field 'item_score' must be given"),
        (lambda r: change(r, 1, name="height"), 400, "the field 'height' is not an input of the model"),
        (lambda r: r["inputs"].append(r["inputs"][0]), 400, "the field 'rate' is given twice"),
        (lambda r: change(r, 1, datatype="FP16"), 400, "the input 'item_score' has an unknown datatype 'FP16'"),
        (lambda r: change(r, 1, datatype="BYTES"), 400, "the input 'item_score' is of type double, so its datatype"),
        (lambda r: change(r, 1, shape=[3]), 400, "the input 'item_score' has the shape [3], but its data has 2 values"),
        (lambda r: change(r, 1, shape=[2, 2]), 400, "the input 'item_score' has the shape [2, 2], but [n] or [n, 1]"),
        (lambda r: change(r, 1, shape=[-2]), 400, "the input 'item_score' has the shape [-2], but [n] or [n, 1]"),
        (lambda r: change(r, 1, shape=[0], data=[]), 400, "the input 'item_score' has the shape [0], but [n]"),
        (lambda r: change(r, 1, shape=[2**40]), 413, "the input 'item_score' has more rows than the"),
        (lambda r: change(r, 1, shape=[2**70]), 400, "the shape of the input 'item_score' has a dimension that is too"),
        (lambda r: change(r, 1, shape=[]), 400, "the input 'item_score' has the shape [], but [n] or [n, 1]"),
        (lambda r: change(r, 1, data=[0.5, float("nan")]), 400, "the input 'item_score', row 1: NaN is not JSON"),
        (lambda r: change(r, 1, data=[float("inf"), 1]), 400, "the input 'item_score', row 0: Infinity is not JSON"),
        (lambda r: change(r, 1, data=[0.5, "x"]), 400, "the input 'item_score', row 1: x is not a value of FP64"),
        (lambda r: change(r, 3, data=[3, 4.5]), 400, "the input 'hour', row 1: 4.5 is not a value of INT64"),
        (lambda r: change(r, 1, parameters={"missing_rows": "2"}), 400, "but the tensor has 2 rows"),
        (
            lambda r: change(r, 1, parameters={"missing_rows": 1}),
            400,
            "'missing_rows' of the input 'item_score' is not",
        ),
        (
            lambda r: change(r, 1, parameters={"context": True}),
            400,
            "'item_score' is of the context, so it has 1 value",
        ),
        (lambda r: change(r, 1, parameters={"binary_data_size": 8}), 400, "'item_score' has both data and"),
        (lambda r: r.update(outputs=[{"name": "nothing"}]), 400, "the model has no output 'nothing'"),
        (lambda r: r.update(parameters={"missing_rows:x": "0"}), 400, "'missing_rows:x' is of no input"),
    ],
)
def test_a_request_in_json_that_does_not_fit(
    sidecar: Addresses, spoil: Callable[..., Any], status: int, sentence: str
) -> None:
    request = json_request()
    spoil(request)

    refused(post(sidecar, json.dumps(request).encode()), status, sentence)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"raw": {"rate": RAW["rate"][:-1]}}, "the input 'rate' has 15 bytes, but 2 values of FP64 are 16 bytes"),
        ({"raw": {"hour": b""}}, "the input 'hour' has 0 bytes, but 2 values of INT64 are 16 bytes"),
        ({"raw": {"device": RAW["device"][:-1]}}, "the input 'device' ends within row 1, but its shape promises 2"),
        (
            {"raw": {"device": b"\xff\xff\xff\xff" * 3}},
            "the input 'device' ends within row 0, but its shape promises 2",
        ),
        ({"raw": {"device": RAW["device"] + b"x"}}, "the input 'device' has 1 bytes after its 2 values"),
        (
            {"raw": {"device": b"\x02\x00\x00\x00\xc3\x28\x00\x00\x00\x00"}},
            "'device', row 0: the text is not valid Unicode",
        ),
        (
            {"raw": {"device": b"\x00\x00\x00\x00\x03\x00\x00\x00\xed\xa0\x80"}},
            "'device', row 1: the text is not valid Unicode",
        ),
        ({"changes": {"parameters": {"binary_data_size": 999}}}, "'rate' has binary_data_size 999, but only"),
        ({"changes": {"parameters": {"binary_data_size": -1}}}, "binary_data_size of the input 'rate' is not a number"),
        ({"changes": {"parameters": {"binary_data_size": 0}, "shape": [0]}}, "'rate' has the shape [0], but [n]"),
        ({"changes": {"datatype": "FP32"}}, "the input 'rate' has 16 bytes, but 2 values of FP32 are 8 bytes"),
        ({"changes": {"datatype": "BOOL"}}, "the input 'rate' is of type double, so its datatype is one of"),
        ({"header": lambda n: n + 10**6}, "but the body has"),
        ({"header": lambda n: n - 1}, "the input 'device' ends within row 0, but its shape promises 2"),
        ({"header": lambda n: -n}, "is not a number of bytes"),
        ({"header": lambda n: "ten"}, "is not a number of bytes: ten"),
    ],
)
def test_binary_tensors_that_do_not_fit(sidecar: Addresses, options: dict[str, Any], sentence: str) -> None:
    refused(binary(sidecar, **options), 400, sentence)


def test_bytes_that_no_tensor_claims(sidecar: Addresses) -> None:
    head = json.dumps(json_request()).encode()

    response = post(sidecar, head + b"12345", {"Inference-Header-Content-Length": str(len(head))})

    refused(response, 400, "5 bytes follow the JSON that belong to no tensor")


@pytest.mark.parametrize(
    ("body", "headers", "status", "sentence"),
    [
        (b"[" * 10_000 + b"]" * 10_000, {}, 400, "not a JSON object"),
        (b'{"inputs":' + b"[" * 10_000 + b"]" * 10_000 + b"}", {}, 400, "an item of 'inputs' is not an object"),
        (b'{"x":' + b"[" * 10_000 + b"]" * 10_000 + b"}", {}, 400, "nested deeper than 32 levels"),
        (gzip.compress(json.dumps(json_request()).encode()), {"Content-Encoding": "br"}, 415, "one of gzip"),
        (gzip.compress(json.dumps(json_request()).encode()), {}, 400, "not valid JSON"),
        (b'{"inputs": [{"name": "\xff"}]}', {}, 400, "not valid JSON"),
        (b"", {}, 400, "not a JSON object"),
    ],
)
def test_bodies_that_are_no_request(
    sidecar: Addresses, body: Any, headers: dict[str, Any], status: int, sentence: str
) -> None:
    refused(post(sidecar, body, headers), status, sentence)


def test_too_many_rows_and_too_many_bytes(sidecar: Addresses) -> None:
    request = json_request()
    for tensor in request["inputs"]:
        tensor.update(shape=[1_000_000], data=tensor["data"][:1] * (MAX_ROWS + 1))
    refused(post(sidecar, json.dumps(request).encode()), 413, f"'rate' has more rows than the {MAX_ROWS} allowed")

    response = post(sidecar, b" " * (2 * MAX_BODY))

    refused(response, 413, f"longer than {MAX_BODY} bytes")


def test_a_hundred_megabytes_are_not_kept(sidecar: Addresses) -> None:
    try:
        assert post(sidecar, b" " * (100 << 20)).status_code == 413
    except requests.exceptions.ConnectionError:
        # Far beyond the limit the sender is cut off.
        return


def test_unknown_names_are_not_found(sidecar: Addresses) -> None:
    body = json.dumps(json_request()).encode()
    refused(post(sidecar, body, path="/v2/models/nobody/infer"), 404, "there is no model 'nobody'")
    for version in ("3", "0", "x", "-1", "9" * 30):
        path = f"/v2/models/ranker/versions/{version}/infer"
        refused(post(sidecar, body, path=path), 404, "the model 'ranker' has no version")


def test_a_caller_that_goes_away_is_forgotten(sidecar: Addresses) -> None:
    host, port = sidecar.http.split(":")
    for sent in (b"POST", b"POST /v2/models/ranker/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{"):
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            connection.sendall(sent)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(sidecar.uds)
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00")


class TestGrpc:
    """The same over gRPC."""

    @pytest.fixture
    def call(self, sidecar: Addresses, protocol: Protocol) -> Iterator[Callable[..., Any]]:
        channel = grpc.insecure_channel(sidecar.grpc, options=[("grpc.max_send_message_length", -1)])
        stub = protocol.stub("inference.GRPCInferenceService", channel)

        def send(request: Any, **options: Any) -> tuple[Any, Any]:
            with pytest.raises(grpc.RpcError) as caught:
                stub.ModelInfer(request, timeout=120, **options)
            return caught.value.code(), caught.value.details()

        yield send
        channel.close()

    @pytest.fixture
    def infer(self, protocol: Protocol) -> Any:
        return protocol.message("inference.ModelInferRequest")

    @staticmethod
    def typed(infer: Any, model: str = "ranker", version: str = "") -> Any:
        request = infer(model_name=model, model_version=version)
        for name, (datatype, data) in COLUMNS.items():
            tensor = request.inputs.add(name=name, datatype=datatype, shape=[2])
            values = [value.encode() if isinstance(value, str) else value for value in data]
            getattr(tensor.contents, FIELDS[datatype]).extend(values)
        return request

    @staticmethod
    def raw(infer: Any) -> Any:
        request = infer(model_name="ranker")
        for name, (datatype, _) in COLUMNS.items():
            request.inputs.add(name=name, datatype=datatype, shape=[2])
            request.raw_input_contents.append(RAW[name])
        return request

    @pytest.mark.parametrize(
        ("spoil", "sentence"),
        [
            (lambda r: r.inputs.pop(1), "the field 'item_score' must be given"),
            (lambda r: setattr(r.inputs[1], "name", "height"), "the field 'height' is not an input of the model"),
            (lambda r: r.inputs.append(r.inputs[0]), "the field 'rate' is given twice"),
            (lambda r: setattr(r.inputs[1], "datatype", "FP16"), "'item_score' has an unknown datatype 'FP16'"),
            (lambda r: setattr(r.inputs[1], "datatype", "BYTES"), "'item_score' is of type double, so its datatype"),
            (lambda r: setattr(r.inputs[1], "datatype", "FP32"), "'item_score' has values in fp64_contents, but"),
            (lambda r: r.inputs[1].shape.append(2), "'item_score' has the shape [2, 2], but [n] or [n, 1]"),
            (lambda r: r.inputs[1].ClearField("shape"), "'item_score' has the shape [], but [n] or [n, 1]"),
            (lambda r: r.inputs[1].shape.__setitem__(0, -2), "'item_score' has the shape [-2], but [n]"),
            (lambda r: r.inputs[1].shape.__setitem__(0, 0), "'item_score' has the shape [0], but [n]"),
            (lambda r: r.inputs[1].shape.__setitem__(0, 3), "has the shape [3], but its data has 2 values"),
            (lambda r: r.inputs[1].ClearField("contents"), "has the shape [2], but its data has 0 values"),
            (lambda r: r.inputs[2].contents.bytes_contents.__setitem__(0, b"\xff"), "'device', row 0: the text is"),
            (lambda r: r.raw_input_contents.append(b"x"), "has contents, but the request has raw_input_contents"),
            (lambda r: r.outputs.add(name="nothing"), "the model has no output 'nothing'"),
            (lambda r: r.inputs[3].contents.fp64_contents.append(1), "'hour' has values in fp64_contents, but"),
        ],
    )
    def test_typed_contents_that_do_not_fit(
        self, call: Callable[..., Any], infer: Any, spoil: Callable[..., Any], sentence: str
    ) -> None:
        request = self.typed(infer)
        spoil(request)

        code, details = call(request)

        assert (code, sentence in details) == (grpc.StatusCode.INVALID_ARGUMENT, True), details

    @pytest.mark.parametrize(
        ("spoil", "sentence"),
        [
            (lambda r: r.raw_input_contents.pop(), "the request has 3 raw_input_contents for 4 inputs"),
            (
                lambda r: r.raw_input_contents.__setitem__(0, b"123"),
                "the input 'rate' has 3 bytes, but 2 values of FP64",
            ),
            (lambda r: r.raw_input_contents.__setitem__(2, b"\xff" * 9), "the input 'device' ends within row 0"),
            (lambda r: r.inputs[0].contents.fp64_contents.append(1), "'rate' has contents, but the request has raw"),
        ],
    )
    def test_raw_contents_that_do_not_fit(
        self, call: Callable[..., Any], infer: Any, spoil: Callable[..., Any], sentence: str
    ) -> None:
        request = self.raw(infer)
        spoil(request)

        code, details = call(request)

        assert (code, sentence in details) == (grpc.StatusCode.INVALID_ARGUMENT, True), details

    def test_unknown_names_are_not_found(self, call: Callable[..., Any], infer: Any) -> None:
        for model, version in (("nobody", ""), ("ranker", "9"), ("ranker", "x")):
            code, details = call(self.typed(infer, model, version))
            assert (code, "no" in details) == (grpc.StatusCode.NOT_FOUND, True)

    def test_too_many_rows_and_too_many_bytes(self, call: Callable[..., Any], infer: Any) -> None:
        for rows in (1_000_000, 2**62):
            request = self.raw(infer)
            for tensor in request.inputs:
                tensor.shape[0] = rows
            code, details = call(request)
            assert (code, "; see --max-rows" in details) == (grpc.StatusCode.RESOURCE_EXHAUSTED, True)

        request = self.raw(infer)
        request.raw_input_contents[0] = bytes(2 * MAX_BODY)
        code, details = call(request)
        assert (code, details) == (
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            f"the message is longer than {MAX_BODY} bytes; see --max-body",
        )

    def test_a_compressed_message_is_refused(self, call: Callable[..., Any], infer: Any) -> None:
        # UNIMPLEMENTED is the code that gRPC's own specification demands for an encoding that a server does not know.
        code, details = call(self.typed(infer), compression=grpc.Compression.Gzip)

        assert code == grpc.StatusCode.UNIMPLEMENTED
        assert details == "the message's grpc-encoding is 'gzip', but it must not be compressed: only identity is read"

    def test_the_connection_of_a_compressed_message_serves_the_next_one(
        self, sidecar: Addresses, protocol: Protocol, infer: Any
    ) -> None:
        with grpc.insecure_channel(sidecar.grpc) as channel:
            stub = protocol.stub("inference.GRPCInferenceService", channel)
            for _ in range(3):
                with pytest.raises(grpc.RpcError):
                    stub.ModelInfer(self.typed(infer), timeout=120, compression=grpc.Compression.Gzip)
                assert stub.ModelInfer(self.typed(infer), timeout=120).model_name == "ranker"

    @pytest.mark.parametrize(
        "message", [b"\xff", b"\x0a\xff\xff\xff\xff\x0f", b"\x0b\x0c", b"\x0d\x01", b"\x2a\x02\x0a\x7f"]
    )
    def test_bytes_that_are_no_message(self, sidecar: Addresses, message: bytes) -> None:
        with grpc.insecure_channel(sidecar.grpc) as channel:
            for method in ("inference.GRPCInferenceService/ModelInfer", "pillion.v1.RankService/Rank"):
                with pytest.raises(grpc.RpcError) as caught:
                    channel.unary_unary(f"/{method}")(message, timeout=60)
                assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
