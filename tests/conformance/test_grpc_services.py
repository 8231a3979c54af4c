"""gRPC beside inference: health that is watched, reflection, the operators' calls, and what the transport promises."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import grpc
import pytest
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

from tests.conformance.protocol import Protocol
from tests.conformance.sidecar import Addresses

pytestmark = pytest.mark.process
REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"


@pytest.fixture(params=["tcp", "unix"])
def channel(request: pytest.FixtureRequest, sidecar: Addresses) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(sidecar.grpc if request.param == "tcp" else f"unix:{sidecar.uds}") as made:
        yield made


@pytest.fixture
def operator(sidecar: Addresses) -> Iterator[Any]:
    with triton.InferenceServerClient(sidecar.admin) as client:
        yield client


def test_health_can_be_watched(protocol: Protocol, channel: grpc.Channel) -> None:
    request, response = (protocol.message(f"grpc.health.v1.HealthCheck{kind}") for kind in ("Request", "Response"))
    watch = channel.unary_stream(
        "/grpc.health.v1.Health/Watch",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=response.FromString,
    )

    for service, status in (("", response.SERVING), ("pillion.v1.RankService", response.SERVING), ("nobody", 3)):
        call = watch(request(service=service), timeout=60)
        assert next(call).status == status
        call.cancel()


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (b"\x3a\x00", (b"inference.GRPCInferenceService", b"pillion.v1.RankService", b"grpc.health.v1.Health")),
        (b"\x22\x16pillion.v1.RankService", (b"rank.proto", b"inference.proto", b"table_item_names")),
    ],
)
def test_services_and_their_files_can_be_asked_for(
    channel: grpc.Channel, question: bytes, parts: tuple[bytes, ...]
) -> None:
    answer = next(channel.stream_stream(REFLECTION)(iter([question]), timeout=60))

    assert [part for part in parts if part not in answer] == []


class TestOperators:
    def test_the_index_names_versions_and_states(self, operator: Any, bearer: dict[str, str]) -> None:
        models = operator.get_model_repository_index(headers=bearer).models

        states = {(model.name, model.version): model.state for model in models}
        assert states["ranker", "2"] == "READY"

    def test_a_model_is_unloaded_and_loaded_again(
        self, operator: Any, bearer: dict[str, str], sidecar: Addresses
    ) -> None:
        with triton.InferenceServerClient(sidecar.grpc) as client:
            operator.unload_model("named-shelf", headers=bearer)
            assert not client.is_model_ready("named-shelf")

            operator.load_model("named-shelf", headers=bearer)
            assert client.is_model_ready("named-shelf")

    @pytest.mark.parametrize("token", [None, "Bearer wrong", "wrong"])
    def test_a_call_without_the_token_is_refused(self, operator: Any, token: str | None) -> None:
        headers = {"authorization": token} if token else None
        for call in (operator.get_model_repository_index, partial(operator.load_model, "ranker")):
            with pytest.raises(InferenceServerException, match="needs the header 'Authorization") as caught:
                call(headers=headers)
            assert caught.value.status() == "StatusCode.UNAUTHENTICATED"

    def test_what_cannot_be_done_says_why(self, operator: Any, bearer: dict[str, str]) -> None:
        cases: list[tuple[Any, dict[str, str], str, str]] = [
            (operator.load_model, {"model_name": "nobody"}, "NOT_FOUND", "nobody"),
            (operator.load_model, {"model_name": "ranker", "config": "{}"}, "INVALID_ARGUMENT", "no parameters"),
            (operator.get_server_metadata, {}, "PERMISSION_DENIED", "RepositoryIndex"),
        ]
        for call, arguments, status, sentence in cases:
            with pytest.raises(InferenceServerException, match=sentence) as caught:
                call(headers=bearer, **arguments)
            assert caught.value.status() == f"StatusCode.{status}"

    @pytest.fixture
    def bearer(self, sidecar: Addresses) -> dict[str, str]:
        return {"authorization": f"Bearer {sidecar.token}"}


def test_the_id_of_a_request_comes_back(channel: grpc.Channel) -> None:
    call = channel.unary_unary("/inference.GRPCInferenceService/ServerLive")

    _, done = call.with_call(b"", timeout=60, metadata=[("x-request-id", "r-17")])

    assert ("x-request-id", "r-17") in [(key, value) for key, value in done.initial_metadata()]


def test_a_call_with_no_message_and_one_with_two_are_refused(channel: grpc.Channel) -> None:
    call = channel.stream_unary("/inference.GRPCInferenceService/ServerLive")
    for messages, sentence in (([], "no message"), ([b"", b""], "more than one message")):
        with pytest.raises(grpc.RpcError) as caught:
            call(iter(messages), timeout=60)
        assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        assert sentence in caught.value.details()


def test_a_long_message_to_a_call_that_names_something_is_refused(channel: grpc.Channel) -> None:
    call = channel.unary_unary("/inference.GRPCInferenceService/ServerLive")

    with pytest.raises(grpc.RpcError) as caught:
        call(b"\x0a\x80\x80\x08" + bytes(1 << 17), timeout=60)

    assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert caught.value.details() == "the message is longer than 65536 bytes"
