"""What requests hold while they are under way, and that each gives it back, in the heap of `deploy/kubernetes`."""

import json
import re
import socket
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from pillion.config import SidecarSettings
from pillion.scoring.sidecar_process import SidecarProcess
from pillion.scoring.stubs.health_pb2 import HealthCheckRequest, HealthCheckResponse
from pillion.scoring.stubs.inference_pb2 import ModelInferRequest, ModelInferResponse
from tests.support.models import write_ranker
from tools.checkout import JAR

pytestmark = pytest.mark.process
VALUES: dict[str, tuple[str, Any]] = {
    "user_rate": ("FP64", 1.5),
    "item_score": ("FP64", 0.5),
    "device": ("BYTES", "tv"),
    "hour": ("INT64", 3),
}
FIELDS = {"FP64": "fp64_contents", "INT64": "int64_contents", "BYTES": "bytes_contents"}
INFER = "/v2/models/ranker/infer"


def start(folder: Path, *options: str, heap: str = "614m") -> SidecarProcess:
    write_ranker(folder, 1)
    settings = SidecarSettings(jar=JAR, models=folder, jvm_options=(f"-Xmx{heap}",), start_timeout_s=180.0)
    return SidecarProcess(settings, options=("--poll", "0", "--workers", "1", *options))


@pytest.fixture(scope="module")
def sidecar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SidecarProcess]:
    with start(tmp_path_factory.mktemp("models")) as process:
        yield process


def http_port(sidecar: SidecarProcess) -> int:
    return int(sidecar.address_of("sidecar-http").rsplit(":", 1)[1])


def channel(sidecar: SidecarProcess) -> grpc.Channel:
    return grpc.insecure_channel(sidecar.address_of("sidecar-grpc"), options=[("grpc.use_local_subchannel_pool", 1)])


def infer(made: grpc.Channel) -> Any:
    return made.unary_unary(
        "/inference.GRPCInferenceService/ModelInfer",
        request_serializer=ModelInferRequest.SerializeToString,
        response_deserializer=ModelInferResponse.FromString,
    )


def message() -> ModelInferRequest:
    request = ModelInferRequest(model_name="ranker")
    for name, (datatype, value) in VALUES.items():
        tensor = request.inputs.add(name=name, datatype=datatype, shape=[1])
        getattr(tensor.contents, FIELDS[datatype]).append(value.encode() if isinstance(value, str) else value)
    return request


def body(rows: int) -> bytes:
    inputs = [
        {"name": name, "datatype": datatype, "shape": [rows], "data": [value] * rows}
        for name, (datatype, value) in VALUES.items()
    ]
    return json.dumps({"inputs": inputs}).encode()


def post(sidecar: SidecarProcess, content: bytes) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{http_port(sidecar)}{INFER}", content)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return int(answer.status)


def under_way(sidecar: SidecarProcess) -> int:
    """Requests in flight beside the one that asks."""
    with urllib.request.urlopen(f"http://127.0.0.1:{http_port(sidecar)}/metrics", timeout=60) as answer:
        found = re.search(rb"^pillion_requests_under_way ([0-9.]+)", answer.read(), re.MULTILINE)
    assert found
    return int(float(found[1])) - 1


def settles(sidecar: SidecarProcess) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if under_way(sidecar) == 0:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("calls", [3, 30])
def test_calls_that_their_callers_give_up_give_everything_back(sidecar: SidecarProcess, calls: int) -> None:
    with channel(sidecar) as hasty, channel(sidecar) as other:
        assert infer(hasty)(message(), timeout=60).model_name == "ranker"
        busy = threading.Thread(target=post, args=(sidecar, body(60_000)))
        busy.start()
        waiting = [infer(hasty).future(message(), timeout=0.05) for _ in range(calls)]
        codes = {call.code() for call in waiting}
        busy.join()

        assert codes <= {grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.OK}
        assert settles(sidecar)
        for made in (hasty, other):
            assert infer(made)(message(), timeout=60).model_name == "ranker"


@pytest.mark.parametrize("wait_s", [0.0, 0.001, 0.01])
def test_calls_that_are_cancelled_at_any_moment_give_everything_back(sidecar: SidecarProcess, wait_s: float) -> None:
    with channel(sidecar) as made:
        infer(made)(message(), timeout=60)
        for _ in range(30):
            call = infer(made).future(message(), timeout=60)
            time.sleep(wait_s)
            call.cancel()

        assert settles(sidecar)
        assert infer(made)(message(), timeout=60).model_name == "ranker"


def test_a_connection_that_ends_gives_everything_back(sidecar: SidecarProcess) -> None:
    made = channel(sidecar)
    busy = threading.Thread(target=post, args=(sidecar, body(60_000)))
    busy.start()
    calls = [infer(made).future(message(), timeout=60) for _ in range(10)]
    made.close()
    busy.join()

    assert all(call.code() in {grpc.StatusCode.CANCELLED, grpc.StatusCode.OK} for call in calls)
    assert settles(sidecar)


@pytest.mark.parametrize("at_once", [3, 8, 32])
def test_small_calls_at_once_are_all_served(sidecar: SidecarProcess, at_once: int) -> None:
    with channel(sidecar) as made:
        codes: Counter[str] = Counter()
        for _ in range(5):
            calls = [infer(made).future(message(), timeout=60) for _ in range(at_once)]
            codes.update(call.code().name for call in calls)

        assert codes == {"OK": 5 * at_once}


def test_many_resets_do_not_end_the_connection(sidecar: SidecarProcess) -> None:
    with channel(sidecar) as made:
        watch = made.unary_stream(
            "/grpc.health.v1.Health/Watch",
            request_serializer=HealthCheckRequest.SerializeToString,
            response_deserializer=HealthCheckResponse.FromString,
        )(HealthCheckRequest(), timeout=120)
        assert next(watch).status == HealthCheckResponse.SERVING
        for _ in range(300):
            infer(made).future(message(), timeout=60).cancel()
            time.sleep(0.001)

        assert infer(made)(message(), timeout=60).model_name == "ranker"
        assert watch.is_active()
        watch.cancel()
    assert settles(sidecar)


def chunked(sidecar: SidecarProcess, content: bytes) -> str:
    """The status line and the body of the answer to a body of undeclared length."""
    head = f"POST {INFER} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", http_port(sidecar)), timeout=60) as connection:
        connection.sendall(head.encode() + b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content))
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer.decode()


@pytest.mark.parametrize("at_once", [2, 16])
def test_small_chunked_bodies_at_once_are_all_served(sidecar: SidecarProcess, at_once: int) -> None:
    answers: list[str] = []
    content = body(20)
    threads = [threading.Thread(target=lambda: answers.append(chunked(sidecar, content))) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Counter(answer[9:12] for answer in answers) == {"200": at_once}


def test_a_body_that_does_not_fit_any_more_is_refused_and_names_the_bytes(tmp_path: Path) -> None:
    head = f"POST {INFER} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    part = b"%x\r\n%s\r\n" % (8 << 20, b" " * (8 << 20))
    # A body counts twice, as it arrives and as one array: two fit, and a third does not.
    with start(tmp_path, "--max-body", str(10 << 20), "--request-memory", str(40 << 20), heap="96m") as sidecar:
        port = http_port(sidecar)
        with (
            socket.create_connection(("127.0.0.1", port), timeout=60) as first,
            socket.create_connection(("127.0.0.1", port), timeout=60) as second,
            socket.create_connection(("127.0.0.1", port), timeout=60) as third,
        ):
            first.sendall(head + part)
            second.sendall(head + part)
            time.sleep(1)
            third.sendall(head + part)
            refusal = third.recv(65536).decode()

        assert refusal.startswith("HTTP/1.1 503 ")
        assert re.search(f"take as much memory as they may: {40 << 20} bytes", refusal)
        assert settles(sidecar)
        assert chunked(sidecar, body(20)).startswith("HTTP/1.1 200 ")


def test_a_watch_is_told_that_the_sidecar_ends(tmp_path: Path) -> None:
    with start(tmp_path) as sidecar, channel(sidecar) as made:
        watch = made.unary_stream(
            "/grpc.health.v1.Health/Watch",
            request_serializer=HealthCheckRequest.SerializeToString,
            response_deserializer=HealthCheckResponse.FromString,
        )(HealthCheckRequest(service="inference.GRPCInferenceService"), timeout=120)
        assert next(watch).status == HealthCheckResponse.SERVING

        began = time.monotonic()
        ending = threading.Thread(target=sidecar.stop)
        ending.start()

        assert [answer.status for answer in watch] == [HealthCheckResponse.NOT_SERVING]
        assert watch.code() == grpc.StatusCode.OK
        ending.join()
        assert time.monotonic() - began < 5
