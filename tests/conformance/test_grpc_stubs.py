"""The sidecar's protocol files with plain stubs, and against those that tritonclient carries."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from tests.conformance.protocol import Protocol
from tests.conformance.sidecar import Addresses
from tests.support.models import ranker_score

pytestmark = pytest.mark.process
INFERENCE = "inference.GRPCInferenceService"


@pytest.fixture(params=["tcp", "unix"])
def channel(request: pytest.FixtureRequest, sidecar: Addresses) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(sidecar.grpc if request.param == "tcp" else f"unix:{sidecar.uds}") as made:
        yield made


def test_the_protocol_files_agree_with_the_clients(protocol: Protocol) -> None:
    from tritonclient.grpc import service_pb2

    theirs = service_pb2.DESCRIPTOR.message_types_by_name
    added = set()

    def compare(ours: Any, other: Any, path: str) -> None:
        for field in ours.fields:
            match = other.fields_by_name.get(field.name)
            if match is None:
                assert field.number not in other.fields_by_number
                added.add(f"{path}.{field.name}")
                continue
            assert (field.number, field.type, field.is_repeated) == (match.number, match.type, match.is_repeated), (
                f"{path}.{field.name}"
            )
        for nested in ours.nested_types:
            if nested.name not in other.nested_types_by_name:
                continue
            compare(nested, other.nested_types_by_name[nested.name], f"{path}.{nested.name}")

    ours = protocol.file("inference.proto").message_types_by_name
    assert len(ours) > 20
    for name, message in ours.items():
        compare(message, theirs[name], name)
    metadata = "ModelMetadataResponse"
    assert added == {f"{metadata}.parameters", f"{metadata}.TensorMetadata.parameters"}
    methods = service_pb2.DESCRIPTOR.services_by_name["GRPCInferenceService"].methods_by_name
    for method in protocol.file("inference.proto").services_by_name["GRPCInferenceService"].methods:
        assert methods[method.name].input_type.name == method.input_type.name
        assert methods[method.name].output_type.name == method.output_type.name


def test_typed_contents_are_answered_with_typed_contents(protocol: Protocol, channel: grpc.Channel) -> None:
    infer = protocol.message("inference.ModelInferRequest")
    tensor = infer.InferInputTensor
    contents = protocol.message("inference.InferTensorContents")
    parameter = protocol.message("inference.InferParameter")
    request = infer(
        model_name="ranker",
        model_version="1",
        id="seven",
        inputs=[
            tensor(name="hour", datatype="INT16", shape=[2], contents=contents(int_contents=[3, 4])),
            tensor(name="device", datatype="BYTES", shape=[2, 1], contents=contents(bytes_contents=[b"tv", b""])),
            tensor(name="item_score", datatype="FP32", shape=[2], contents=contents(fp32_contents=[0.5, 0.25])),
            tensor(
                name="rate",
                datatype="FP64",
                shape=[2],
                parameters={"missing_rows": parameter(string_param="1")},
                contents=contents(fp64_contents=[1.0, 9.9]),
            ),
        ],
        outputs=[infer.InferRequestedOutputTensor(name="probability(1)")],
    )

    answer = protocol.stub(INFERENCE, channel).ModelInfer(request, timeout=60)

    assert (answer.model_name, answer.model_version, answer.id) == ("ranker", "1", "seven")
    assert answer.parameters["engine"].string_param == "jpmml"
    assert not answer.raw_output_contents
    (output,) = answer.outputs
    assert (output.name, output.datatype, list(output.shape)) == ("probability(1)", "FP64", [2])
    expected = [ranker_score(1.0, 0.5, "tv", 3), ranker_score(None, 0.25, "", 4)]
    assert list(output.contents.fp64_contents) == pytest.approx(expected, rel=1e-15)


def test_health_is_that_of_the_models(protocol: Protocol, channel: grpc.Channel) -> None:
    stub = protocol.stub("grpc.health.v1.Health", channel)
    request = protocol.message("grpc.health.v1.HealthCheckRequest")
    serving = protocol.message("grpc.health.v1.HealthCheckResponse").SERVING

    assert stub.Check(request(), timeout=60).status == serving
    named = request(service="inference.GRPCInferenceService")
    assert stub.Check(named, timeout=60).status == serving
    with pytest.raises(grpc.RpcError) as caught:
        stub.Check(request(service="nobody"), timeout=60)
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND


def test_the_callers_deadline_is_kept(protocol: Protocol, channel: grpc.Channel) -> None:
    infer = protocol.message("inference.ModelInferRequest")
    contents = protocol.message("inference.InferTensorContents")
    rows = 20_000  # Their decoding and scoring take many times longer than the deadline, on any machine.
    columns = {
        "hour": ("INT16", contents(int_contents=[3] * rows)),
        "device": ("BYTES", contents(bytes_contents=[b"tv"] * rows)),
        "item_score": ("FP32", contents(fp32_contents=[0.5] * rows)),
        "rate": ("FP64", contents(fp64_contents=[1.0] * rows)),
    }
    tensors = [
        infer.InferInputTensor(name=name, datatype=datatype, shape=[rows], contents=values)
        for name, (datatype, values) in columns.items()
    ]
    request = infer(model_name="ranker", inputs=tensors)
    late = protocol.stub(INFERENCE, channel).ModelInfer.future(request, timeout=0.005)

    assert late.code() == grpc.StatusCode.DEADLINE_EXCEEDED


def test_an_unknown_call_is_unimplemented(channel: grpc.Channel) -> None:
    call = channel.unary_unary("/inference.GRPCInferenceService/Nothing")

    with pytest.raises(grpc.RpcError) as caught:
        call(b"", timeout=60)

    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED
