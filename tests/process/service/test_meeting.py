"""`pillion sidecar` and `pillion serve`, each started by itself and told nothing about the other."""

import asyncio
import json
import logging
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from pillion.config import SidecarSettings, StoreSettings, usual_socket
from pillion.errors import ConfigurationError
from pillion.features import publish_contents, read_contents
from pillion.features.store_process import StoreProcess
from pillion.process import ListeningProcess
from tests.support.tls import Authority

pytestmark = pytest.mark.process
TRACE_ID, SPAN_ID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PATIENT = {
    "PILLION_RECOMMEND_DEADLINE_MS": "20000",
    "PILLION_RECOMMEND_ADMISSION_LAG_MS": "20000",
    "PILLION_SIDECAR_ATTEMPT_TIMEOUT_MS": "15000",
    "PILLION_SIDECAR_SLOW_MS": "14000",
    "PILLION_STORE_ATTEMPT_TIMEOUT_MS": "15000",
    "PILLION_STORE_SLOW_MS": "14000",
}
START_S = 180.0


@pytest.fixture(scope="module")
def run_folder() -> Iterator[Path]:
    # A path short enough for a socket, however long pytest's own are.
    folder = Path(tempfile.mkdtemp(prefix="pillion-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def environment(run_folder: Path, root: Path, jar: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PILLION_")}
    own = {
        "XDG_RUNTIME_DIR": str(run_folder),
        "PILLION_SIDECAR_MODELS": str(root / "pmml-models"),
        "PILLION_SIDECAR_JAR": str(jar),
    }
    return {**inherited, **own, **PATIENT}


@pytest.fixture(scope="module")
def store(root: Path) -> Iterator[str]:
    process = StoreProcess()
    url = process.start()
    asyncio.run(
        publish_contents(
            StoreSettings(url=url, load_timeout_s=120.0),
            read_contents(root / "data/movielens/contents.npz"),
            lambda what, done, total: None,
        )
    )
    yield url
    process.stop()


def pillion(name: str, ready: str, environment: Mapping[str, str], *arguments: str) -> ListeningProcess:
    command = [sys.executable, "-c", "from pillion.cli import main; main()", name, "--exit-with-stdin", *arguments]
    return ListeningProcess(name, command, ready, START_S, 15.0, environment)


def words(options: Mapping[str, Path]) -> list[str]:
    return [word for name, file in options.items() for word in (name, str(file))]


@pytest.fixture(scope="module")
def sidecar(store: str, environment: dict[str, str]) -> Iterator[ListeningProcess]:
    arguments = ["--http", "127.0.0.1:0", "--access-log", "--log-format", "json"]
    with pillion("sidecar", "sidecar-uds", {**environment, "PILLION_STORE_URL": store}, *arguments) as process:
        yield process


@pytest.fixture(scope="module")
def shim(sidecar: ListeningProcess, store: str, environment: dict[str, str]) -> Iterator[httpx.Client]:
    with pillion("serve", "shim", {**environment, "PILLION_STORE_URL": store}, "--port", "0") as process:
        address = process.addresses[0].removeprefix("shim ")
        with httpx.Client(base_url=address, timeout=60.0, trust_env=False) as client:
            yield client


def test_they_meet_on_a_socket_that_nobody_else_can_open(
    shim: httpx.Client, sidecar: ListeningProcess, run_folder: Path
) -> None:
    answer = shim.get("/v1/recommendations/15", params={"k": 3, "hour": 21, "weekday": 5}).json()

    socket = run_folder / "pillion" / "sidecar.sock"
    assert (answer["source"], len(answer["items"])) == ("online", 3), answer
    assert f"sidecar-uds unix:{socket}" in sidecar.addresses
    assert stat.S_IMODE(socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700


def test_a_trace_goes_through_both_and_stands_in_the_sidecars_log(
    shim: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {
        "traceparent": f"00-{TRACE_ID}-{SPAN_ID}-01",
        "tracestate": "vendor=1",
        "X-Request-Id": "traced-1",
    }
    with caplog.at_level(logging.INFO, logger="pillion.sidecar"):
        asked = shim.get("/v1/recommendations/15", params={"k": 3}, headers=headers)
        assert asked.json()["source"] == "online", asked.text
        # The line is written once the answer is out: a second answer means that the first one's line is there.
        for number in range(200):
            shim.get("/v1/recommendations/15", params={"k": 3}, headers={"X-Request-Id": f"untraced-{number}"})
            messages = [record.getMessage() for record in caplog.records]
            lines = [json.loads(message) for message in messages if message.startswith("{")]
            found = {line.get("request_id"): line for line in lines if "/rank" in line.get("path", "")}
            if {"traced-1", "untraced-0"} <= found.keys():
                break

    traced, untraced = found["traced-1"], found["untraced-0"]
    assert (traced["trace_id"], traced["span_id"], traced["status"]) == (TRACE_ID, SPAN_ID, 200)
    assert "trace_id" not in untraced


def test_a_shim_that_speaks_grpc_answers_the_same(shim: httpx.Client, store: str, environment: dict[str, str]) -> None:
    asked = {"k": 5, "hour": 21, "weekday": 5}
    environment = {**environment, "PILLION_STORE_URL": store, "PILLION_SIDECAR_ENCODING": "grpc"}
    with pillion("serve", "shim", environment, "--port", "0") as process:
        address = process.addresses[0].removeprefix("shim ")
        with httpx.Client(base_url=address, timeout=60.0, trust_env=False) as client:
            answer = client.get("/v1/recommendations/15", params=asked).json()

    assert answer["source"] == "online", answer
    assert answer["items"] == shim.get("/v1/recommendations/15", params=asked).json()["items"]


def test_they_meet_over_mutual_tls(store: str, environment: dict[str, str], run_folder: Path, tmp_path: Path) -> None:
    ours = Authority(tmp_path, "ours")
    server, host = ours.sign("server"), ours.sign("host")
    own = {**environment, "PILLION_STORE_URL": store, "XDG_RUNTIME_DIR": str(run_folder / "other")}
    options = {"--tls-cert": server.certificate, "--tls-key": server.key, "--tls-client-ca": ours.file}
    shown = {
        "--sidecar-ca-file": ours.file,
        "--sidecar-client-certificate-file": host.certificate,
        "--sidecar-client-key-file": host.key,
    }
    with pillion("sidecar", "sidecar-http", own, "--http", "127.0.0.1:0", *words(options)) as process:
        grpc = f"https://{process.address_of('sidecar-grpc')}"
        for encoding, address in (("binary", process.address_of("sidecar-http")), ("grpc", grpc)):
            asking = {**own, "PILLION_SIDECAR_ENCODING": encoding}
            arguments = ["--port", "0", "--workers", "1", "--sidecar", address, *words(shown)]
            with pillion("serve", "shim", asking, *arguments) as shim:
                url = f"{shim.addresses[0].removeprefix('shim ')}/v1/recommendations/15"
                answer = httpx.get(url, params={"k": 3, "hour": 21, "weekday": 5}, timeout=60.0, trust_env=False).json()
            assert (answer["source"], len(answer["items"])) == ("online", 3), answer


def test_a_second_sidecar_does_not_take_the_first_ones_socket(
    sidecar: ListeningProcess, environment: dict[str, str], run_folder: Path
) -> None:
    from pillion.errors import ConfigurationError

    second = pillion("sidecar", "sidecar-uds", environment, "--http", "127.0.0.1:0")
    with pytest.raises(ConfigurationError, match="another process does"):
        second.start()
    assert (run_folder / "pillion" / "sidecar.sock").is_socket()


def test_the_usual_socket_is_in_a_folder_of_the_user() -> None:
    assert usual_socket({"XDG_RUNTIME_DIR": "/run/user/7"}) == Path("/run/user/7/pillion/sidecar.sock")
    assert usual_socket({"XDG_CACHE_HOME": "/c"}) == Path("/c/pillion/run/sidecar.sock")
    assert usual_socket({}) == Path.home() / ".cache/pillion/run/sidecar.sock"


def test_an_address_of_tcp_or_of_another_socket_is_a_setting() -> None:
    assert SidecarSettings(address="http://127.0.0.1:8080").socket is None
    assert SidecarSettings(address="unix:/a/b").socket == Path("/a/b")
    assert SidecarSettings(address="unix:///a/b").socket == Path("/a/b")


def test_a_shim_does_not_start_with_credentials_that_cannot_be_read(environment: dict[str, str]) -> None:
    missing = {"PILLION_SIDECAR_ADDRESS": "https://sidecar:8080", "PILLION_SIDECAR_TOKEN_FILE": "/nowhere/token"}
    shim = pillion("serve", "shim", environment | missing, "--port", "0", "--sidecar-ca-file", "/nowhere/ca.pem")

    with pytest.raises(
        ConfigurationError, match=r"CA_FILE: /nowhere/ca\.pem .*; the token of PILLION_SIDECAR_TOKEN_FILE"
    ):
        shim.start()
