import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from pillion.config import SidecarSettings
from pillion.errors import ConfigurationError
from pillion.scoring import HttpScorer, ScoreRequest
from pillion.scoring.sidecar_process import SidecarProcess
from tests.support.models import RANKER_TYPES, write_ranker
from tools.checkout import JAR

pytestmark = pytest.mark.process


def pillion(*arguments: str, **environment: str) -> tuple[int, str, str]:
    run = subprocess.run(
        [sys.executable, "-c", "from pillion.cli import main; main()", *arguments],
        env={key: value for key, value in os.environ.items() if not key.startswith("PILLION_")} | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return run.returncode, run.stdout.strip(), run.stderr.strip()


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    write_ranker(folder, 1)
    write_ranker(folder, 2)
    return folder


def sidecar(models: Path) -> SidecarProcess:
    options = ("--admin", "127.0.0.1:0", "--admin-token-file", str(models.parent / "token"))
    return SidecarProcess(SidecarSettings(jar=JAR, models=models), options=options)


def admin_of(process: SidecarProcess) -> str:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        found = dict(line.split(" ", 1) for line in process.addresses)
        if "sidecar-admin" in found:
            return found["sidecar-admin"]
        time.sleep(0.01)
    raise AssertionError(process.addresses)


async def serving(address: str) -> int:
    scorer = HttpScorer(SidecarSettings(address=address))
    try:
        columns: dict[str, Any] = {"user_rate": [1.0], "item_score": [0.1], "device": ["tv"], "hour": [7]}
        version = (await scorer.score(ScoreRequest("ranker", RANKER_TYPES, columns, 1), 30.0)).model_version
        assert version is not None
        return version
    finally:
        await scorer.close()


async def test_rollback_serves_the_previous_version_and_a_restart_keeps_it(models: Path) -> None:
    wrong = models.parent / "wrong"
    wrong.write_text("another-token\n")
    token = {"PILLION_SIDECAR_ADMIN_TOKEN_FILE": str(models.parent / "token")}
    with sidecar(models) as process:
        environment = token | {"PILLION_SIDECAR_ADMIN": admin_of(process).removeprefix("http://")}
        address = process.addresses[0].split()[1]
        assert await serving(address) == 2

        code, out, _ = pillion("models", "rollback", "ranker", **environment)

        assert (code, out) == (0, "'ranker' is served by version 1 (chosen, and stays so); it was 2")
        assert await serving(address) == 1
        code, _, error = pillion("models", "rollback", "ranker", **environment)
        assert (code, error) == (1, "error: the model 'ranker' has no version to go back to")
        code, _, error = pillion("models", "promote", "nobody", "1", **environment)
        assert (code, error) == (1, "error: there is no model 'nobody'")
        code, _, error = pillion(
            "models", "rollback", "ranker", **(environment | {"PILLION_SIDECAR_ADMIN_TOKEN_FILE": str(wrong)})
        )
        assert code == 2
        assert "does not accept the token" in error
    with sidecar(models) as process:
        address = process.addresses[0].split()[1]
        assert await serving(address) == 1
        code, out, _ = pillion("models", "promote", "ranker", "--json", "--admin", admin_of(process), **token)
        assert code == 0
        assert json.loads(out) == {"name": "ranker", "before": "1", "serving": "2", "pinned": False}
        assert await serving(address) == 2


def test_operators_change_their_token_without_a_restart(models: Path) -> None:
    file = models.parent / "token"
    tokens = ["the-first-token-of-operators", "the-second-token-of-operators"]
    file.write_text(tokens[0])
    with sidecar(models) as process:

        def status(token: str) -> int:
            headers = {"Authorization": f"Bearer {token}"}
            return httpx.post(f"{admin_of(process)}/v2/repository/index", headers=headers, timeout=60).status_code

        def until(token: str, expected: int) -> None:
            end = time.monotonic() + 60
            while status(token) != expected:
                assert time.monotonic() < end
                time.sleep(0.02)

        assert [status(token) for token in tokens] == [200, 401]
        file.write_text(f"{tokens[1]}\n")
        until(tokens[1], 200)
        assert status(tokens[0]) == 401
        file.write_text("too short")
        stale = 'pillion_credentials_stale{credential="admin-token"} 1.0'
        end = time.monotonic() + 60
        while stale not in httpx.get(f"{process.addresses[0].split()[1]}/metrics", timeout=60).text:
            assert time.monotonic() < end
            time.sleep(0.02)
        assert [status(token) for token in tokens] == [401, 200]


def test_what_is_not_configured_is_one_sentence() -> None:
    code, _, error = pillion("models", "rollback", "ranker")
    assert (code, error) == (
        2,
        "error: no operators' address is known: give --admin, or set PILLION_SIDECAR_ADMIN",
    )
    code, _, error = pillion("models", "rollback", "ranker", "--admin", "127.0.0.1:1")
    assert code == 2
    assert "no admin token" in error
    code, _, error = pillion("models", "rollback", "ranker", "--admin", "127.0.0.1:1", PILLION_SIDECAR_ADMIN_TOKEN="x")
    assert code == 1
    assert "does not answer" in error


def test_the_admin_token_is_never_printed() -> None:
    settings = SidecarSettings(admin_token=SecretStr("open sesame, open sesame"))
    assert "sesame" not in f"{settings!r} {settings} {settings.model_dump_json()}"
    assert settings.read_admin_token() == "open sesame, open sesame"
    with pytest.raises(ConfigurationError, match="cannot be read"):
        SidecarSettings(admin_token_file=Path("/nowhere/token")).read_admin_token()
    with pytest.raises(ConfigurationError, match="no single word"):
        SidecarSettings(admin_token_file=Path(os.devnull)).read_admin_token()
