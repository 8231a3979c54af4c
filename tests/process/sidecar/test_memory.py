"""What requests take of the heap: bounded while they are read, scored and answered, in `deploy/kubernetes`'s heap."""

import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from pillion.config import JVM_OPTIONS, SidecarSettings
from pillion.errors import ConfigurationError
from pillion.scoring.sidecar_process import SidecarProcess
from tests.support.models import write_ranker, write_version
from tools.checkout import JAR
from tools.fuzz.bodies import DIALECT, INFER, good
from tools.fuzz.memory import HEAP, fuzz, write_models

pytestmark = pytest.mark.process
MB = 1 << 20
OTHERS = b",".join(b'"%c%c":1' % (97 + i // 26, 97 + i % 26) for i in range(90))


@pytest.fixture(scope="module")
def sidecar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SidecarProcess]:
    """One whose body limit lets in what used to end it."""
    settings = SidecarSettings(
        jar=JAR,
        models=write_models(tmp_path_factory.mktemp("models")),
        jvm_options=(*JVM_OPTIONS, f"-Xmx{HEAP}"),
        start_timeout_s=180.0,
    )
    with SidecarProcess(settings, options=("--poll", "0", "--max-body", str(64 * MB))) as process:
        yield process


def post(sidecar: SidecarProcess, path: str, body: bytes) -> tuple[int, bytes]:
    address = sidecar.address_of("sidecar-http").removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=120)
    try:
        connection.request("POST", path, body, {"Content-Type": "text/plain"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{DIALECT}/csv", b"hour\n" + b"1," * (30 * MB) + b"1\n"),
        (f"{DIALECT}/csv", b"," * (60 * MB)),
        (f"{DIALECT}/batch", b'{"requests":[' + b",".join([b'{"arguments":{' + OTHERS + b"}}"] * 99_000) + b"]}"),
        (f"{DIALECT}/batch", b'{"requests":[' + b",".join([b"{}"] * (20 * MB)) + b"]}"),
        (DIALECT, b'{"arguments":{' + b",".join(b'"%x":1' % number for number in range(4_000_000)) + b"}}"),
        (INFER, b'{"inputs":[],"x":{' + b",".join(b'"%x":1' % number for number in range(4_000_000)) + b"}}"),
        ("/v2/models/wide/infer", good(1).replace(b'"user_rate"', b'"x"')),
        ("/openscoring/model/wide/csv", b"x\n" + b"1.5\n" * 100_000),
    ],
    ids=["a wide record", "a wide header", "arguments", "empty rows", "names", "unread names", "wrong", "wide answer"],
)
def test_no_request_within_the_body_limit_ends_the_process(sidecar: SidecarProcess, path: str, body: bytes) -> None:
    status, answer = post(sidecar, path, body)

    assert status in (400, 413), answer[:300]
    assert sidecar.running
    assert post(sidecar, INFER, good(100))[0] == 200


def test_too_large_a_request_is_refused_with_the_numbers_and_the_option(sidecar: SidecarProcess) -> None:
    body = b"hour\n" + b"1," * (20 * MB) + b"1\n"

    status, answer = post(sidecar, f"{DIALECT}/csv", body)

    assert status == 413
    sentence = json.loads(answer)["message"]
    assert f"its body of {len(body)} bytes" in sentence
    assert "--request-memory" in sentence


def test_as_many_valid_rows_as_may_be_are_scored(sidecar: SidecarProcess) -> None:
    status, answer = post(sidecar, INFER, good(100_000))

    assert status == 200, answer[:300]
    assert json.loads(answer)["outputs"][0]["shape"] == [100_000]


def test_a_heap_that_is_too_small_is_a_sentence(tmp_path: Path) -> None:
    settings = SidecarSettings(jar=JAR, models=write_models(tmp_path), jvm_options=("-Xmx24m",), start_timeout_s=180.0)

    with pytest.raises(ConfigurationError, match=r"the heap of 2\d MiB is too small: the sidecar needs 32 MiB"):
        SidecarProcess(settings).start()


def test_models_that_do_not_fit_are_a_sentence(tmp_path: Path) -> None:
    version = write_ranker(tmp_path, engine="compiled")
    items = "".join(f"[{number}, 0.5]\n" for number in range(1_500_000))
    files: dict[str, str | bytes] = {
        "model.pmml": (version / "model.pmml").read_bytes(),
        "verification.jsonl": (version / "verification.jsonl").read_bytes(),
        "items.jsonl": '["item_id", "item_score"]\n' + items,
    }
    manifest = json.loads((version / "manifest.json").read_text())
    del manifest["files"], manifest["model"], manifest["version"]
    write_version(tmp_path, "shelf", 1, files, manifest)
    options = (*(option for option in JVM_OPTIONS if not option.startswith("-Xms")), "-Xmx40m")
    settings = SidecarSettings(jar=JAR, models=tmp_path, jvm_options=options, start_timeout_s=180.0)

    with pytest.raises(ConfigurationError, match="the heap is too small for the models; give the JVM more memory"):
        SidecarProcess(settings).start()


def test_random_sizes_and_encodings_leave_it_alive_and_answering() -> None:
    report = fuzz(seed=7, requests=12)

    assert report.passed, "\n".join(report.lines())


def is_served(connection: socket.socket) -> bool:
    try:
        connection.sendall(b"GET /v2/health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        return connection.recv(4096).startswith(b"HTTP/1.1 200")
    except ConnectionError:
        return False


def test_connections_beyond_the_limit_are_closed(tmp_path: Path) -> None:
    settings = SidecarSettings(jar=JAR, models=write_models(tmp_path), start_timeout_s=180.0)
    with SidecarProcess(settings, options=("--poll", "0", "--max-connections", "20")) as sidecar:
        host, port = sidecar.address_of("sidecar-http").removeprefix("http://").split(":")
        with ExitStack() as stack:
            made = [stack.enter_context(socket.create_connection((host, int(port)), timeout=60)) for _ in range(40)]
            served = [connection for connection in made if is_served(connection)]
            # Those of the warm-up may not be closed yet.
            assert 10 <= len(served) <= 20
            assert all(is_served(connection) for connection in served)

        end = time.monotonic() + 60
        while True:
            with socket.create_connection((host, int(port)), timeout=60) as later:
                if is_served(later):
                    break
            assert time.monotonic() < end
