"""This package's clients and a sidecar that speaks TLS: who is let in, and what a refusal becomes."""

import hashlib
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pillion.config import SidecarSettings
from pillion.errors import SidecarRefused, SidecarUnreachable, SidecarUntrusted
from pillion.scoring import HttpScorer, Scorer, ScoreRequest
from pillion.scoring.grpc import GrpcScorer
from pillion.scoring.sidecar_process import SidecarProcess
from tests.support.models import ranker_score, write_ranker
from tests.support.tls import Authority, Pair
from tools.checkout import JAR

pytestmark = pytest.mark.process
PATIENCE_S = 60.0
TOKEN = "a-token-of-a-host-that-is-known"
OPERATORS = "a-token-of-operators-that-is-known"
REQUEST = ScoreRequest(
    "ranker",
    {"user_rate": "double", "item_score": "double", "device": "string", "hour": "integer"},
    {"user_rate": [1.5], "item_score": [0.5], "device": ["tv"], "hour": [3]},
    1,
    ("probability(1)",),
)
EXPECTED = pytest.approx([ranker_score(1.5, 0.5, "tv", 3)], rel=1e-15)


class Secured:
    """A sidecar with TLS, an authority for its clients, and a token."""

    def __init__(self, folder: Path) -> None:
        self.ours, self.theirs = Authority(folder, "ours"), Authority(folder, "theirs")
        self.client = self.ours.sign("client")
        server = self.ours.sign("server")
        self.models = folder / "models"
        write_ranker(self.models, 1)
        tokens = folder / "tokens"
        tokens.write_text(f"host:{hashlib.sha256(TOKEN.encode()).hexdigest()}\n")
        (folder / "admin").write_text(OPERATORS)
        self.token = self._write(folder / "token", TOKEN)
        self.other_token = self._write(folder / "other", "a-token-of-a-host-that-is-unknown")
        files = {
            "--tls-cert": server.certificate,
            "--tls-key": server.key,
            "--tls-client-ca": self.ours.file,
            "--tokens": tokens,
            "--admin-token-file": folder / "admin",
        }
        options = [word for name, file in files.items() for word in (name, str(file))]
        settings = SidecarSettings(jar=JAR, models=self.models, start_timeout_s=180.0)
        self.process = SidecarProcess(settings, options=("--poll", "0", "--admin", "127.0.0.1:0", *options))

    @staticmethod
    def _write(file: Path, content: str) -> Path:
        file.write_text(content)
        return file

    def scorer(self, kind: Any, pair: Pair | None = None, **files: Any) -> Scorer:
        """A client that trusts the sidecar, unless told otherwise, and shows a pair, if any."""
        name = "sidecar-http" if kind is HttpScorer else "sidecar-grpc"
        address = f"https://{self.process.address_of(name).removeprefix('https://')}"
        shown = {} if pair is None else pair.client
        scorer: Scorer = kind(SidecarSettings(address=address, **{"ca_file": self.ours.file, **shown, **files}))
        return scorer


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    made = Secured(tmp_path_factory.mktemp("secured"))
    with made.process:
        yield made


async def score(scorer: Scorer) -> list[float]:
    try:
        return list((await scorer.score(REQUEST, PATIENCE_S)).columns["probability(1)"])
    finally:
        await scorer.close()


@pytest.mark.parametrize("kind", [HttpScorer, GrpcScorer])
class TestClients:
    async def test_a_certificate_or_a_token_lets_in(self, secured: Secured, kind: Any) -> None:
        assert await score(secured.scorer(kind, secured.client)) == EXPECTED
        assert await score(secured.scorer(kind, token_file=secured.token)) == EXPECTED
        assert await score(secured.scorer(kind, secured.client, token_file=secured.other_token)) == EXPECTED

    async def test_neither_or_a_strangers_token_is_a_refusal(self, secured: Secured, kind: Any) -> None:
        cases: list[tuple[dict[str, Any], str]] = [
            ({}, "is needed"),
            ({"token_file": secured.other_token}, "the token is none of those"),
        ]
        for files, sentence in cases:
            with pytest.raises(SidecarRefused, match=sentence):
                await score(secured.scorer(kind, **files))

    async def test_health_is_for_everybody(self, secured: Secured, kind: Any) -> None:
        scorer = secured.scorer(kind)
        await scorer.ping(PATIENCE_S)
        await scorer.close()

    async def test_a_sidecar_that_another_authority_signed_is_not_trusted(self, secured: Secured, kind: Any) -> None:
        with pytest.raises(SidecarUntrusted):
            await score(secured.scorer(kind, secured.client, ca_file=secured.theirs.file))

    @pytest.mark.parametrize("shown", ["another's", "an expired one"])
    async def test_a_certificate_that_is_not_accepted_gets_no_answer(
        self, secured: Secured, kind: Any, shown: str
    ) -> None:
        pair = secured.theirs.sign("c") if shown == "another's" else secured.ours.sign("expired", expired=True)
        # SidecarUntrusted, unless the end of the connection outruns the alert.
        with pytest.raises(SidecarUnreachable):
            await score(secured.scorer(kind, pair, token_file=secured.token))


def operate(secured: Secured, *words: str, **files: Path) -> subprocess.CompletedProcess[str]:
    environment = {f"PILLION_SIDECAR_{name.upper()}_FILE": str(file) for name, file in files.items()}
    program = [sys.executable, "-c", "from pillion.cli import main; main()"]
    return subprocess.run(
        [*program, "models", *words, "--admin", secured.process.address_of("sidecar-admin")],
        env={key: value for key, value in os.environ.items() if not key.startswith("PILLION_")}
        | {"PILLION_SIDECAR_ADMIN_TOKEN": OPERATORS}
        | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_operators_show_a_certificate_beside_their_token_and_the_log_names_them(
    secured: Secured, caplog: pytest.LogCaptureFixture
) -> None:
    pair = secured.client.client
    files = {name.removesuffix("_file"): Path(file) for name, file in pair.items()}
    with caplog.at_level(logging.INFO, "pillion.sidecar"):
        run = operate(secured, "load", "ranker", ca=secured.ours.file, **files)
        assert (run.returncode, "'ranker' is served by version 1" in run.stdout) == (0, True), run.stderr
        end = time.monotonic() + PATIENCE_S
        while not (lines := [line for line in caplog.messages if "an operator's change was made" in line]):
            assert time.monotonic() < end
            time.sleep(0.01)

    assert 'operator="OU=Testing cert' in lines[0]
    assert 'action="load" model="ranker" before="1" serving="1"' in lines[0]
    shown = operate(secured, "index", ca=secured.ours.file, **files)
    assert (shown.returncode, shown.stdout) == (0, "ranker 1: serves, the newest\n")


def test_an_operator_without_the_files_of_tls_is_told_which(secured: Secured) -> None:
    without_pair = operate(secured, "load", "ranker", ca=secured.ours.file)
    without_ca = operate(secured, "load", "ranker")

    assert (without_pair.returncode, without_ca.returncode) == (1, 1)
    assert "PILLION_SIDECAR_CLIENT_CERTIFICATE_FILE" in without_pair.stderr
    assert "is not trusted" in without_ca.stderr
    assert "PILLION_SIDECAR_CA_FILE" in without_ca.stderr


def test_the_command_passes_the_options_on(secured: Secured, tmp_path: Path) -> None:
    names = ("--tls-cert", "--tls-key", "--tls-client-ca", "--tokens")
    program = [sys.executable, "-c", "from pillion.cli import main; main()"]
    options = [word for name in names for word in (name, str(tmp_path / name))]
    run = subprocess.run(
        [*program, "sidecar", "--models", str(secured.models), "--http", "127.0.0.1:0", *options],
        env=os.environ | {"PILLION_SIDECAR_JAR": str(JAR), "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert "error: --tls-cert" in run.stderr
    assert [name for name in names if f"{name[2:]}={tmp_path / name} (command line)" not in run.stderr] == []
