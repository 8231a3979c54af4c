"""TLS and mutual TLS, asked by clients that others wrote: requests, curl, tritonclient and grpcio."""

import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
import requests
import tritonclient.grpc as triton_grpc
import tritonclient.http as triton_http
from tritonclient.utils import InferenceServerException

from pillion.config import SidecarSettings
from tests.conformance.models import write_models
from tests.conformance.sidecar import Addresses, running
from tests.support.models import ranker_score
from tests.support.tls import Authority, Pair, serial

pytestmark = pytest.mark.process

EXPECTED = [ranker_score(1.0, 0.5, "tv", 3, -2.0), ranker_score(2.0, 0.25, "mobile", 4, -2.0)]
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Secured:
    """A sidecar with mutual TLS, and what its callers trust and show.

    Attributes:
        addresses: Where it listens.
        ca: The issuer of its certificate, and of the hosts'.
        server: What it shows; its files are the ones that it reads.
        host: A certificate that lets in.
        stranger: One of another issuer.
        expired: One whose time is over.
    """

    addresses: Addresses
    authority: Authority
    server: Pair
    host: Pair
    stranger: Pair
    expired: Pair

    @property
    def ca(self) -> str:
        return str(self.authority.file)


@pytest.fixture(scope="module")
def secured(jar: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("tls")
    authority, other = Authority(folder, "ours"), Authority(folder, "theirs")
    server = authority.sign("server")
    run = Path(tempfile.mkdtemp(prefix="pillion-"))
    files = (
        "--tls-cert",
        str(server.certificate),
        "--tls-key",
        str(server.key),
        "--tls-client-ca",
        str(authority.file),
    )
    settings = SidecarSettings(jar=jar, models=write_models(folder / "models"), start_timeout_s=180.0)
    try:
        with running(settings, uds=run / "s", token=run / "token", options=(*files, "--access-log")) as addresses:
            yield Secured(
                addresses,
                authority,
                server,
                authority.sign("host", "shop.example"),
                other.sign("host", "shop.example"),
                authority.sign("expired", "shop.example", expired=True),
            )
    finally:
        shutil.rmtree(run, ignore_errors=True)


def http(secured: Secured, shown: Pair | None, path: str = "/v2/models/ranker", **options: Any) -> requests.Response:
    certificate = (str(shown.certificate), str(shown.key)) if shown else None
    url = f"https://{options.pop('address', secured.addresses.http)}{path}"
    method = "POST" if "json" in options else "GET"
    return requests.request(method, url, cert=certificate, verify=secured.ca, timeout=60, **options)


def channel(secured: Secured, shown: Pair | None, address: str = "") -> grpc.Channel:
    certificate = (shown.key.read_bytes(), shown.certificate.read_bytes()) if shown else (None, None)
    credentials = grpc.ssl_channel_credentials(secured.authority.file.read_bytes(), *certificate)
    return grpc.secure_channel(address or secured.addresses.grpc, credentials)


def call(secured: Secured, shown: Pair | None, method: str, **options: Any) -> tuple[grpc.StatusCode, str]:
    """The status and details of a call with an empty message."""
    with channel(secured, shown, options.pop("address", "")) as open_channel:
        try:
            open_channel.unary_unary(method)(b"", timeout=60, **options)
        except grpc.RpcError as error:
            return error.code(), error.details()
    return grpc.StatusCode.OK, ""


def inputs(module: Any) -> list[Any]:
    values = {
        "rate": ("FP64", np.array([1.0, 2.0])),
        "item_score": ("FP64", np.array([0.5, 0.25])),
        "device": ("BYTES", np.array([b"tv", b"mobile"], dtype=object)),
        "hour": ("INT64", np.array([3, 4])),
    }
    tensors = []
    for name, (datatype, array) in values.items():
        tensor = module.InferInput(name, [2], datatype)
        tensor.set_data_from_numpy(array)
        tensors.append(tensor)
    return tensors


def triton_over_http(secured: Secured, shown: Pair | None) -> triton_http.InferenceServerClient:
    def context() -> ssl.SSLContext:
        made = ssl.create_default_context(cafile=secured.ca)
        if shown:
            made.load_cert_chain(shown.certificate, shown.key)
        return made

    return triton_http.InferenceServerClient(secured.addresses.http, ssl=True, ssl_context_factory=context)


def triton_over_grpc(secured: Secured, shown: Pair | None) -> triton_grpc.InferenceServerClient:
    files = {"private_key": str(shown.key), "certificate_chain": str(shown.certificate)} if shown else {}
    return triton_grpc.InferenceServerClient(secured.addresses.grpc, ssl=True, root_certificates=secured.ca, **files)


CLIENTS = pytest.mark.parametrize("client", [triton_over_http, triton_over_grpc])


@CLIENTS
def test_a_host_with_a_certificate_has_its_rows_scored(client: Callable[..., Any], secured: Secured) -> None:
    module = triton_http if client is triton_over_http else triton_grpc
    with client(secured, secured.host) as triton:
        answer = triton.infer("ranker", inputs(module))

    np.testing.assert_allclose(answer.as_numpy("probability(1)"), EXPECTED, rtol=1e-15)


@CLIENTS
def test_a_host_without_a_certificate_is_refused_and_told_what_to_show(
    client: Callable[..., Any], secured: Secured
) -> None:
    module = triton_http if client is triton_over_http else triton_grpc
    with client(secured, None) as triton, pytest.raises(InferenceServerException) as refused:
        triton.infer("ranker", inputs(module))

    assert "a client certificate is needed" in str(refused.value)
    assert refused.value.status() in ("401", "StatusCode.UNAUTHENTICATED")


def test_every_address_knows_a_host_by_its_certificate(secured: Secured) -> None:
    for address in (secured.addresses.http, secured.addresses.grpc):
        assert http(secured, secured.host, address=address).json()["name"] == "ranker"
        refused = http(secured, None, address=address)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert http(secured, None, "/metrics", address=address).status_code == 401
    method = "/inference.GRPCInferenceService/ServerMetadata"
    assert call(secured, secured.host, method)[0] is grpc.StatusCode.OK
    assert call(secured, None, method) == (grpc.StatusCode.UNAUTHENTICATED, "a client certificate is needed")


@pytest.mark.parametrize("which", ["stranger", "expired"])
def test_a_certificate_that_cannot_be_trusted_ends_the_handshake(which: str, secured: Secured) -> None:
    shown = getattr(secured, which)
    before = failures(secured)

    # A client that is still sending may see the end of the connection in place of the alert.
    with pytest.raises(requests.ConnectionError):
        http(secured, shown, "/v2/health/live")
    assert call(secured, shown, "/grpc.health.v1.Health/Check")[0] is grpc.StatusCode.UNAVAILABLE
    token = {"Authorization": f"Bearer {secured.addresses.token}"}
    with pytest.raises(requests.ConnectionError):
        http(secured, shown, "/v2/repository/index", address=secured.addresses.admin, headers=token, json={})

    assert failures(secured) >= before + 3


def failures(secured: Secured) -> float:
    metrics = http(secured, secured.host, "/metrics").text.splitlines()
    return sum(float(line.split()[-1]) for line in metrics if line.startswith("pillion_tls_handshake_failures_total"))


def test_probes_of_health_need_no_certificate(secured: Secured) -> None:
    assert http(secured, None, "/v2/health/live").status_code == 200
    assert http(secured, None, "/v2/health/ready").status_code == 200
    assert call(secured, None, "/grpc.health.v1.Health/Check")[0] is grpc.StatusCode.OK
    assert http(secured, None, "/v2/models/ranker/ready").status_code == 401


def test_operators_need_a_certificate_and_their_token(secured: Secured) -> None:
    token = {"Authorization": f"Bearer {secured.addresses.token}"}
    index: dict[str, Any] = {"path": "/v2/repository/index", "address": secured.addresses.admin, "json": {}}

    assert http(secured, secured.host, **index, headers=token).status_code == 200
    assert http(secured, secured.host, **index).status_code == 401
    with pytest.raises(requests.ConnectionError):
        http(secured, None, **index, headers=token)

    method, metadata = "/inference.GRPCInferenceService/RepositoryIndex", [("authorization", token["Authorization"])]
    at = {"address": secured.addresses.admin}
    assert call(secured, secured.host, method, metadata=metadata, **at)[0] is grpc.StatusCode.OK
    assert call(secured, secured.host, method, **at)[0] is grpc.StatusCode.UNAUTHENTICATED
    assert call(secured, None, method, metadata=metadata, **at)[0] is grpc.StatusCode.UNAVAILABLE


def test_the_operators_token_lets_in_where_hosts_call(secured: Secured) -> None:
    token = {"Authorization": f"Bearer {secured.addresses.token}"}

    assert http(secured, None, headers=token).status_code == 200


def test_the_unix_socket_needs_nothing(secured: Secured) -> None:
    command = ["curl", "-sS", "--fail", "--unix-socket", secured.addresses.uds, "http://sidecar/v2/models/ranker"]

    assert subprocess.run(command, capture_output=True, timeout=60, check=True).stdout.startswith(b'{"name":"ranker"')


def handshake(
    secured: Secured,
    address: str,
    versions: tuple[ssl.TLSVersion, ssl.TLSVersion] = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3),
    ciphers: str = "ALL:@SECLEVEL=0",
) -> ssl.SSLSocket:
    """An open connection with the host's certificate."""
    context = ssl.create_default_context(cafile=secured.ca)
    with warnings.catch_warnings():
        # Python warns of the versions that are to be refused.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = versions
    context.set_ciphers(ciphers)
    context.load_cert_chain(secured.host.certificate, secured.host.key)
    host, port = address.rsplit(":", 1)
    return context.wrap_socket(socket.create_connection((host, int(port)), timeout=60), server_hostname=host)


@pytest.mark.parametrize("where", ["http", "grpc", "admin"])
def test_old_versions_and_weak_suites_are_refused(where: str, secured: Secured) -> None:
    address = getattr(secured.addresses, where)

    with handshake(secured, address) as newest:
        assert newest.version() == "TLSv1.3"
    older = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)
    with handshake(secured, address, older) as connection:
        assert connection.version() == "TLSv1.2"
    with pytest.raises(ssl.SSLError, match="ALERT"):
        handshake(secured, address, (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1))
    with pytest.raises(ssl.SSLError, match="ALERT"):
        handshake(secured, address, older, ciphers="ECDHE-ECDSA-AES128-SHA:AES128-SHA:@SECLEVEL=0")


def test_clear_text_is_not_answered(secured: Secured) -> None:
    for address in (secured.addresses.http, secured.addresses.grpc, secured.addresses.admin):
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://{address}/v2/health/live", timeout=60)


def shown_by(secured: Secured, address: str) -> str:
    with handshake(secured, address) as connection:
        certificate = connection.getpeercert()
    assert certificate is not None
    return str(certificate["serialNumber"])


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)


def test_a_changed_certificate_is_shown_to_new_connections_while_open_ones_go_on(secured: Secured) -> None:
    addresses = [secured.addresses.http, secured.addresses.grpc, secured.addresses.admin]
    before = serial(secured.server)
    assert {shown_by(secured, address) for address in addresses} == {before}
    with handshake(secured, secured.addresses.http) as kept_open, channel(secured, secured.host) as open_channel:
        live = open_channel.unary_unary("/inference.GRPCInferenceService/ServerLive")
        assert ask(kept_open) == 200
        live(b"", timeout=60)

        # Half of a change, an unreadable file and a key of another: what was stays in force.
        renewed, kept = secured.authority.sign("renewed"), secured.server.key.read_bytes()
        secured.server.key.write_bytes(renewed.key.read_bytes())
        until(lambda: stale(secured) == 1)
        assert {shown_by(secured, address) for address in addresses} == {before}
        secured.server.key.write_bytes(kept)
        until(lambda: stale(secured) == 0)
        secured.server.certificate.write_bytes(b"no certificate")
        until(lambda: stale(secured) == 1)
        assert {shown_by(secured, address) for address in addresses} == {before}

        secured.server.become(renewed)
        until(lambda: all(shown_by(secured, address) == serial(renewed) for address in addresses))
        assert stale(secured) == 0

        assert ask(kept_open) == 200
        live(b"", timeout=60)


def ask(connection: ssl.SSLSocket) -> int:
    """The status of an answer on a connection that stays open."""
    connection.sendall(b"GET /v2/models/ranker HTTP/1.1\r\nHost: sidecar\r\n\r\n")
    response = HTTPResponse(connection)
    response.begin()
    response.read()
    return response.status


def stale(secured: Secured) -> float:
    metrics = http(secured, secured.host, "/metrics").text.splitlines()
    (line,) = (line for line in metrics if line.startswith('pillion_credentials_stale{credential="tls"}'))
    return float(line.split()[-1])


def test_the_metrics_say_when_the_certificate_expires(secured: Secured) -> None:
    certificate = ssl._ssl._test_decode_cert(str(secured.server.certificate))  # type: ignore[attr-defined]
    expiry = ssl.cert_time_to_seconds(certificate["notAfter"])

    metrics = http(secured, secured.host, "/metrics").text.splitlines()

    (line,) = (line for line in metrics if line.startswith("pillion_tls_certificate_expiry_timestamp_seconds"))
    assert float(line.split()[-1]) == expiry
