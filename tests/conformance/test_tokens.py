"""Tokens of hosts, over HTTP and gRPC, with and without certificates beside them."""

import hashlib
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
import requests
import tritonclient.grpc as triton_grpc
import tritonclient.http as triton_http
from tritonclient.utils import InferenceServerException

from pillion.config import SidecarSettings
from tests.conformance.models import write_models
from tests.conformance.sidecar import Addresses, running
from tests.support.tls import Authority, replace

pytestmark = pytest.mark.process

PATIENCE_S = 60.0


@dataclass
class Guarded:
    """A sidecar that lets hosts in by token.

    Attributes:
        addresses: Where it listens.
        file: Its tokens.
        token: The one that lets in.
    """

    addresses: Addresses
    file: Path
    token: str


def line(name: str, token: str) -> str:
    return f"{name}:{hashlib.sha256(token.encode()).hexdigest()}\n"


@pytest.fixture(scope="module")
def guarded(jar: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("tokens")
    file, token = folder / "tokens", secrets.token_hex(32)
    file.write_text("# the shop's\n\n" + line("shop", token))
    run = Path(tempfile.mkdtemp(prefix="pillion-"))
    settings = SidecarSettings(jar=jar, models=write_models(folder / "models"), start_timeout_s=180.0)
    try:
        with running(settings, uds=run / "s", token=run / "token", options=("--tokens", str(file))) as addresses:
            yield Guarded(addresses, file, token)
    finally:
        shutil.rmtree(run, ignore_errors=True)


def http(guarded: Guarded, header: str | None, path: str = "/v2/models/ranker", address: str = "") -> requests.Response:
    headers = {} if header is None else {"Authorization": header}
    return requests.get(f"http://{address or guarded.addresses.http}{path}", headers=headers, timeout=60)


def call(guarded: Guarded, header: str | None, method: str, address: str = "") -> tuple[grpc.StatusCode, str]:
    """The status and details of a call with an empty message."""
    with grpc.insecure_channel(address or guarded.addresses.grpc) as channel:
        try:
            channel.unary_unary(method)(b"", timeout=60, metadata=[("authorization", header)] if header else None)
        except grpc.RpcError as error:
            return error.code(), error.details()
    return grpc.StatusCode.OK, ""


METADATA = "/inference.GRPCInferenceService/ServerMetadata"
NEEDED = "the header 'Authorization: Bearer TOKEN' is needed"
NONE_OF_THEM = f"the token is none of those that are let in: {NEEDED}"


def test_a_token_lets_tritonclient_in(guarded: Guarded) -> None:
    shown = {"Authorization": f"Bearer {guarded.token}"}
    with triton_http.InferenceServerClient(guarded.addresses.http) as client:
        assert client.get_model_metadata("ranker", headers=shown)["name"] == "ranker"
        with pytest.raises(InferenceServerException, match="401"):
            client.get_model_metadata("ranker")
    with triton_grpc.InferenceServerClient(guarded.addresses.grpc) as client:
        shown = {"authorization": f"Bearer {guarded.token}"}
        assert client.get_model_metadata("ranker", headers=shown).name == "ranker"
        with pytest.raises(InferenceServerException, match="UNAUTHENTICATED"):
            client.get_model_metadata("ranker")


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (None, NEEDED),
        ("Bearer", NEEDED),
        ("Bearer ", NEEDED),
        ("Basic {token}", NEEDED),
        ("{token}", NEEDED),
        ("Bearer {token}0", NONE_OF_THEM),
        ("Bearer {hash}", NONE_OF_THEM),
        ("Bearer shop:{token}", NONE_OF_THEM),
        ("Bearer of another sidecar's token", NONE_OF_THEM),
    ],
)
def test_whoever_shows_no_good_token_is_refused(header: str | None, sentence: str, guarded: Guarded) -> None:
    hashed = hashlib.sha256(guarded.token.encode()).hexdigest()
    header = header and header.format(token=guarded.token, hash=hashed)

    for address in (guarded.addresses.http, guarded.addresses.grpc):
        answer = http(guarded, header, address=address)
        assert (answer.status_code, answer.json()["error"]) == (401, sentence)
        assert answer.headers["www-authenticate"] == "Bearer"
        assert http(guarded, header, "/metrics", address).status_code == 401
    # grpcio refuses to send metadata with spaces around a value.
    sent = header.strip() if header else None
    assert call(guarded, sent, METADATA) == (grpc.StatusCode.UNAUTHENTICATED, sentence)


def test_reflection_needs_a_token(guarded: Guarded) -> None:
    with grpc.insecure_channel(guarded.addresses.grpc) as channel:
        reflect = channel.stream_stream("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
        with pytest.raises(grpc.RpcError) as refused:
            list(reflect(iter([b""]), timeout=60))
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_a_long_body_without_a_token_is_refused_and_its_connection_goes_on(guarded: Guarded) -> None:
    url = f"http://{guarded.addresses.http}/v2/models/ranker/infer"
    with requests.Session() as session:
        for _ in range(3):
            assert session.post(url, data=b"x" * 8_000_000, timeout=60).status_code == 401
        shown = {"Authorization": f"Bearer {guarded.token}"}
        assert session.post(url, data=b"{}", headers=shown, timeout=60).status_code == 400
    assert under_way(guarded) == 1, "the request for the metrics itself"


def under_way(guarded: Guarded) -> float:
    metrics = http(guarded, f"Bearer {guarded.token}", "/metrics").text.splitlines()
    (found,) = (row for row in metrics if row.startswith("pillion_requests_under_way"))
    return float(found.split()[-1])


def test_probes_of_health_and_the_unix_socket_need_no_token(guarded: Guarded) -> None:
    for path in ("/v2/health/live", "/v2/health/ready"):
        assert http(guarded, None, path).status_code == 200
        assert http(guarded, None, path, guarded.addresses.grpc).status_code == 200
    assert call(guarded, None, "/grpc.health.v1.Health/Check")[0] is grpc.StatusCode.OK
    assert call(guarded, None, METADATA, f"unix:{guarded.addresses.uds}")[0] is grpc.StatusCode.OK
    command = ["curl", "-sS", "--fail", "--unix-socket", guarded.addresses.uds, "http://sidecar/v2/models/ranker"]
    subprocess.run(command, capture_output=True, timeout=60, check=True)


@pytest.mark.parametrize(
    "path", ["/v2/health/live/", "//v2/health/live", "/v2/health/live/../../metrics", "/V2/health/live"]
)
def test_a_path_that_looks_like_a_probe_is_none(path: str, guarded: Guarded) -> None:
    command = ["curl", "-sS", "--path-as-is", "-o", "/dev/null", "-w", "%{http_code}"]
    command.append(f"http://{guarded.addresses.http}{path}")

    assert subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout == "401"


def test_a_hosts_token_is_not_an_operators(guarded: Guarded) -> None:
    shown = {"Authorization": f"Bearer {guarded.token}"}
    index = f"http://{guarded.addresses.admin}/v2/repository/index"
    deployed = f"http://{guarded.addresses.http}/openscoring/model/ranker"

    assert requests.post(index, headers=shown, timeout=60).status_code == 401
    assert requests.delete(deployed, headers=shown, timeout=60).status_code == 403
    assert requests.post(index, headers={"Authorization": f"Bearer {guarded.addresses.token}"}, timeout=60).ok


def test_an_openscoring_client_is_refused_in_its_dialect(guarded: Guarded) -> None:
    answer = http(guarded, None, "/openscoring/model/ranker")

    assert (answer.status_code, answer.json()) == (401, {"message": NEEDED})
    assert answer.headers["x-application"].startswith("Openscoring/")


def test_tokens_are_changed_without_a_restart(guarded: Guarded) -> None:
    old, new = guarded.token, secrets.token_hex(32)

    def lets_in(token: str) -> bool:
        status = http(guarded, f"Bearer {token}").status_code
        code, _ = call(guarded, f"Bearer {token}", METADATA)
        return (status, code) == (200, grpc.StatusCode.OK)

    assert (lets_in(old), lets_in(new)) == (True, False)
    replace(guarded.file, (line("shop", old) + line("shop", new)).encode())
    until(lambda: lets_in(new))
    assert lets_in(old)

    replace(guarded.file, b"no line of a token\n" + line("shop", new).encode())
    until(lambda: stale(guarded) == 1)
    assert (lets_in(old), lets_in(new)) == (True, True)

    replace(guarded.file, line("shop", new).encode())
    until(lambda: not lets_in(old))
    assert lets_in(new)
    guarded.token = new
    assert stale(guarded) == 0

    replace(guarded.file, b"# nobody\n")
    until(lambda: not lets_in(new))
    replace(guarded.file, line("shop", new).encode())
    until(lambda: lets_in(new))


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)


def stale(guarded: Guarded) -> float:
    command = ["curl", "-sS", "--fail", "--unix-socket", guarded.addresses.uds, "http://sidecar/metrics"]
    metrics = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()
    (found,) = (row for row in metrics if row.startswith('pillion_credentials_stale{credential="tokens"}'))
    return float(found.split()[-1])


def test_a_token_or_a_certificate_lets_in_where_both_are_configured(jar: Path, tmp_path: Path) -> None:
    ours = Authority(tmp_path, "ours")
    server, host, token = ours.sign("server"), ours.sign("host", "shop.example"), secrets.token_hex(32)
    tokens = tmp_path / "tokens"
    tokens.write_text(line("app", token))
    options = ("--tls-cert", str(server.certificate), "--tls-key", str(server.key), "--tls-client-ca", str(ours.file))
    settings = SidecarSettings(jar=jar, models=write_models(tmp_path / "models"), start_timeout_s=180.0)
    with running(settings, options=(*options, "--tokens", str(tokens))) as addresses:
        url, ca = f"https://{addresses.http}/v2", str(ours.file)
        pair = (str(host.certificate), str(host.key))
        assert requests.get(url, verify=ca, cert=pair, timeout=60).ok
        assert requests.get(url, verify=ca, headers={"Authorization": f"Bearer {token}"}, timeout=60).ok
        assert requests.get(url, verify=ca, cert=pair, headers={"Authorization": "Bearer wrong"}, timeout=60).ok
        refused = requests.get(url, verify=ca, timeout=60)
        assert refused.json()["error"] == "the header 'Authorization: Bearer TOKEN' or a client certificate is needed"

        trust = ours.file.read_bytes()
        mutual = grpc.ssl_channel_credentials(trust, host.key.read_bytes(), host.certificate.read_bytes())
        with_token = grpc.composite_channel_credentials(
            grpc.ssl_channel_credentials(trust), grpc.access_token_call_credentials(token)
        )
        for credentials in (mutual, with_token):
            with grpc.secure_channel(addresses.grpc, credentials) as channel:
                channel.unary_unary(METADATA)(b"", timeout=60)
        unknown = grpc.secure_channel(addresses.grpc, grpc.ssl_channel_credentials(trust))
        with unknown, pytest.raises(grpc.RpcError) as refused_call:
            unknown.unary_unary(METADATA)(b"", timeout=60)
        assert refused_call.value.code() is grpc.StatusCode.UNAUTHENTICATED
