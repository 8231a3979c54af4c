"""The clients against servers that speak TLS: whom they trust, what they show, and when they read it again."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from pillion.config import SidecarSettings
from pillion.errors import ConfigurationError, SidecarRefused, SidecarUnreachable, SidecarUntrusted
from pillion.recommend.guards import guard_dependency
from pillion.resilience import Deadline, RetryBudget, SystemClock
from pillion.scoring import HttpScorer, Scorer
from pillion.scoring.grpc import GrpcScorer
from pillion.scoring.stubs.health_pb2 import HealthCheckResponse
from tests.support.tls import HOST, Authority, Pair, replace, serial, tls_server

PATIENCE_S = 30.0
HEALTH = "grpc.health.v1.Health"


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ours")


@pytest.fixture
def theirs(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "theirs")


def settings(port: int, **files: Any) -> SidecarSettings:
    return SidecarSettings(address=f"https://{HOST}:{port}", **files)


@dataclass
class GrpcServer:
    """What a server was asked, and by whom."""

    port: int = 0
    authorizations: list[str | None] = field(default_factory=list)
    certificates: list[bytes] = field(default_factory=list)


def server_credentials(pair: Pair, trusted: Path | None) -> grpc.ServerCredentials:
    authorities = None if trusted is None else trusted.read_bytes()
    pairs = [(pair.key.read_bytes(), pair.certificate.read_bytes())]
    return grpc.ssl_server_credentials(pairs, authorities, trusted is not None)


@asynccontextmanager
async def grpc_server(pair: Pair, trusted: Path | None = None, refuse: bool = False) -> AsyncIterator[GrpcServer]:
    told = GrpcServer()

    async def check(request: bytes, context: Any) -> bytes:
        told.authorizations.append(dict(context.invocation_metadata()).get("authorization"))
        told.certificates += context.auth_context().get("x509_pem_cert", [])
        if refuse:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "the token is nobody's")
        return HealthCheckResponse(status=HealthCheckResponse.SERVING).SerializeToString()

    server = grpc.aio.server()
    handlers = {"Check": grpc.unary_unary_rpc_method_handler(check)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(HEALTH, handlers),))
    told.port = server.add_secure_port(f"{HOST}:0", server_credentials(pair, trusted))
    await server.start()
    try:
        yield told
    finally:
        await server.stop(None)


async def ping(scorer: Scorer) -> None:
    try:
        await scorer.ping(PATIENCE_S)
    finally:
        await scorer.close()


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
class TestHttp:
    async def test_both_sides_show_certificates_and_a_token_travels(
        self, ours: Authority, tmp_path: Path, newest: ssl.TLSVersion
    ) -> None:
        mine = ours.sign("client")
        token = tmp_path / "token"
        token.write_text("a-token\n")
        with tls_server(ours.sign("server"), ours.file, newest) as server:
            await ping(HttpScorer(settings(server.port, ca_file=ours.file, token_file=token, **mine.client)))

        assert server.serials == [serial(mine)]
        assert server.authorizations == ["Bearer a-token"]

    @pytest.mark.parametrize(
        ("host", "expired", "trusted", "reason"),
        [
            (HOST, False, "theirs", "unable to get local issuer certificate"),
            (HOST, True, "ours", "certificate has expired"),
            ("other.example", False, "ours", f"certificate is not valid for '{HOST}'"),
        ],
    )
    async def test_a_server_that_is_not_trusted_is_told_apart_from_none(
        self,
        ours: Authority,
        theirs: Authority,
        newest: ssl.TLSVersion,
        host: str,
        expired: bool,
        trusted: str,
        reason: str,
    ) -> None:
        ca = ours.file if trusted == "ours" else theirs.file
        with (
            tls_server(ours.sign("server", host, expired), newest=newest) as server,
            pytest.raises(SidecarUntrusted, match=reason),
        ):
            await ping(HttpScorer(settings(server.port, ca_file=ca)))

        assert server.authorizations == []

    @pytest.mark.parametrize("shown", ["none", "another's", "an expired one"])
    async def test_a_client_that_is_not_trusted_is_told_so(
        self, ours: Authority, theirs: Authority, newest: ssl.TLSVersion, shown: str
    ) -> None:
        pairs = {"another's": theirs.sign("client"), "an expired one": ours.sign("client", expired=True)}
        mine = pairs[shown].client if shown in pairs else {}
        with (
            tls_server(ours.sign("server"), ours.file, newest) as server,
            pytest.raises(SidecarUntrusted, match="alert"),
        ):
            await ping(HttpScorer(settings(server.port, ca_file=ours.file, **mine)))

        assert server.authorizations == []


class TestGrpc:
    async def test_both_sides_show_certificates_and_a_token_travels(self, ours: Authority, tmp_path: Path) -> None:
        mine = ours.sign("client")
        token = tmp_path / "token"
        token.write_text("a-token")
        async with grpc_server(ours.sign("server"), ours.file) as server:
            await ping(GrpcScorer(settings(server.port, ca_file=ours.file, token_file=token, **mine.client)))

        assert server.certificates == [mine.certificate.read_bytes()]
        assert server.authorizations == ["Bearer a-token"]

    @pytest.mark.parametrize(
        ("host", "expired", "trusted", "reason"),
        [
            (HOST, False, "theirs", "unable to get local issuer certificate"),
            (HOST, True, "ours", "certificate has expired"),
            ("other.example", False, "ours", "Hostname Verification Check failed"),
        ],
    )
    async def test_a_server_that_is_not_trusted_is_told_apart_from_none(
        self, ours: Authority, theirs: Authority, host: str, expired: bool, trusted: str, reason: str
    ) -> None:
        ca = ours.file if trusted == "ours" else theirs.file
        async with grpc_server(ours.sign("server", host, expired)) as server:
            with pytest.raises(SidecarUntrusted, match=reason):
                await ping(GrpcScorer(settings(server.port, ca_file=ca)))

    async def test_a_client_without_a_certificate_gets_no_answer(self, ours: Authority) -> None:
        async with grpc_server(ours.sign("server"), ours.file) as server:
            # gRPC's own server closes the connection without saying why.
            with pytest.raises(SidecarUnreachable):
                await ping(GrpcScorer(settings(server.port, ca_file=ours.file)))

        assert server.authorizations == []

    async def test_a_token_that_is_not_accepted_is_a_refusal(self, ours: Authority, tmp_path: Path) -> None:
        token = tmp_path / "token"
        token.write_text("another")
        async with grpc_server(ours.sign("server"), refuse=True) as server:
            with pytest.raises(SidecarRefused, match="UNAUTHENTICATED: the token is nobody's"):
                await ping(GrpcScorer(settings(server.port, ca_file=ours.file, token_file=token)))

    async def test_calls_under_way_outlive_a_change_of_certificates(self, ours: Authority) -> None:
        mine = ours.sign("client")
        async with grpc_server(ours.sign("server"), ours.file) as server:
            scorer = GrpcScorer(settings(server.port, ca_file=ours.file, **mine.client))
            try:
                calls = []
                for number in range(5):
                    calls += [asyncio.ensure_future(scorer.ping(PATIENCE_S)) for _ in range(4)]
                    await asyncio.sleep(0)
                    mine.become(ours.sign(f"client {number}"))
                await asyncio.gather(*calls)
            finally:
                await scorer.close()


async def test_new_certificates_are_shown_by_the_next_call(ours: Authority) -> None:
    mine, first, second = (ours.sign(name) for name in ("client", "first", "second"))
    with tls_server(ours.sign("server"), ours.file) as http:
        async with grpc_server(ours.sign("server"), ours.file) as other:
            scorers: list[Scorer] = [
                HttpScorer(settings(http.port, ca_file=ours.file, **mine.client)),
                GrpcScorer(settings(other.port, ca_file=ours.file, **mine.client)),
            ]
            expected = []
            try:
                for pair in (first, second):
                    mine.become(pair)
                    expected.append(pair)
                    for _ in range(2):
                        await asyncio.gather(*(scorer.ping(PATIENCE_S) for scorer in scorers))
            finally:
                await asyncio.gather(*(scorer.close() for scorer in scorers))

    assert http.serials == [serial(pair) for pair in expected]
    assert http.handshakes == len(expected)
    assert other.certificates == [pair.certificate.read_bytes() for pair in expected for _ in range(2)]


async def test_another_authority_is_trusted_once_its_file_says_so(ours: Authority, theirs: Authority) -> None:
    with tls_server(theirs.sign("server")) as server:
        scorer = HttpScorer(settings(server.port, ca_file=ours.file))
        with pytest.raises(SidecarUntrusted):
            await scorer.ping(PATIENCE_S)
        replace(ours.file, ours.file.read_bytes() + theirs.file.read_bytes())
        await ping(scorer)


async def test_half_of_a_change_leaves_what_was_read_before(ours: Authority, caplog: Any) -> None:
    mine, first, second = (ours.sign(name) for name in ("client", "first", "second"))
    mine.become(first)
    with tls_server(ours.sign("server"), ours.file) as server:
        scorer = HttpScorer(settings(server.port, ca_file=ours.file, **mine.client))
        await scorer.ping(PATIENCE_S)
        replace(mine.certificate, second.certificate.read_bytes())
        with caplog.at_level(logging.WARNING, "pillion.scoring.credentials"):
            for _ in range(3):
                await scorer.ping(PATIENCE_S)
        replace(mine.key, second.key.read_bytes())
        await ping(scorer)

    assert server.serials == [serial(first), serial(second)]
    (line,) = caplog.messages
    assert "is not that of the certificate" in line


async def test_a_token_is_read_again_when_its_file_changes(ours: Authority, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("first")
    with tls_server(ours.sign("server")) as server:
        scorer = HttpScorer(settings(server.port, ca_file=ours.file, token_file=token))
        for content in ("first", "second", "", "third"):
            replace(token, content.encode())
            await scorer.ping(PATIENCE_S)
        token.unlink()
        await ping(scorer)

    assert server.authorizations == [f"Bearer {word}" for word in ("first", "second", "second", "third", "third")]


@pytest.mark.parametrize("kind", [HttpScorer, GrpcScorer])
def test_all_that_is_wrong_with_the_files_is_said_at_once(kind: Any, ours: Authority, tmp_path: Path) -> None:
    mine, other = ours.sign("client"), ours.sign("other")
    nowhere, empty = tmp_path / "nowhere", tmp_path / "empty"
    empty.write_text("")
    secret = tmp_path / "secret"
    secret.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")
    cases: list[tuple[dict[str, Path], list[str]]] = [
        (
            {"ca_file": nowhere, "client_certificate_file": empty, "client_key_file": tmp_path, "token_file": empty},
            [
                f"PILLION_SIDECAR_CA_FILE: {nowhere} cannot be read: No such file or directory",
                f"PILLION_SIDECAR_CLIENT_KEY_FILE: {tmp_path} cannot be read: Is a directory",
                f"PILLION_SIDECAR_CLIENT_CERTIFICATE_FILE: {empty} has no certificate in PEM form",
                f"there is no single word in the file of the token of PILLION_SIDECAR_TOKEN_FILE, {empty}",
            ],
        ),
        ({"ca_file": mine.key}, [f"PILLION_SIDECAR_CA_FILE: {mine.key} has no certificates in PEM form"]),
        (
            {"client_certificate_file": mine.certificate},
            [
                "mutual TLS needs both, PILLION_SIDECAR_CLIENT_CERTIFICATE_FILE and PILLION_SIDECAR_CLIENT_KEY_FILE,"
                " but only one is set"
            ],
        ),
        (
            {**mine.client, "client_key_file": other.key},
            [f"PILLION_SIDECAR_CLIENT_KEY_FILE: the key in {other.key} is not that of the certificate in"],
        ),
        (
            {**mine.client, "client_key_file": secret},
            [f"PILLION_SIDECAR_CLIENT_KEY_FILE: the key in {secret} has a password"],
        ),
        (
            {**mine.client, "client_key_file": empty},
            [f"PILLION_SIDECAR_CLIENT_KEY_FILE: {empty} has no private key in PEM form"],
        ),
    ]
    for files, sentences in cases:
        with pytest.raises(ConfigurationError) as caught:
            kind(settings(443, **files))

        found = str(caught.value).split("; ")
        assert len(found) == len(sentences), found
        for sentence in sentences:
            assert [said for said in found if said.startswith(sentence)], (sentence, found)


@pytest.mark.parametrize("kind", [HttpScorer, GrpcScorer])
def test_certificates_for_an_address_without_tls_are_a_mistake(kind: Any, ours: Authority, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="PILLION_SIDECAR_CA_FILE is set, but http://h:1 is not https"):
        kind(SidecarSettings(address="http://h:1", ca_file=ours.file))
    # On the machine's own socket nothing of it is needed, so that a command with a sidecar of its own works anywhere.
    kind(SidecarSettings(address=f"unix:{tmp_path}/s", ca_file=tmp_path / "none", token_file=tmp_path / "none"))


@pytest.mark.parametrize("kind", [HttpScorer, GrpcScorer])
async def test_a_handshake_that_fails_is_a_failure_that_is_not_tried_again(
    kind: Any, ours: Authority, theirs: Authority
) -> None:
    clock, budget = SystemClock(), RetryBudget(ratio=1.0)
    budget.deposit()
    with tls_server(ours.sign("server")) as server:
        scorer = kind(settings(server.port, ca_file=theirs.file))
        guard = guard_dependency("sidecar", SidecarSettings(attempt_timeout_ms=20_000), budget, clock)
        with pytest.raises(SidecarUntrusted):
            await guard.call(scorer.ping, Deadline.after(PATIENCE_S, clock))
        await scorer.close()

    counts = guard.breaker.snapshot()
    assert (counts.succeeded, counts.failed, counts.neutral) == (0, 1, 0)
    assert budget.withdrawn == 0
