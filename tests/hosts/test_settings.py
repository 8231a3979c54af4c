"""What a host says of settings that it can't go by: one line that names what is wrong, and exit 1."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.hosts.host import HOSTS, Host
from tools.checkout import ROOT
from tools.go import NoTools

pytestmark = pytest.mark.process
_OTHERS = [host for host in HOSTS if host.name != "shim"]


@pytest.mark.parametrize("host", _OTHERS, ids=lambda host: host.name)
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PILLION_CONFIG", "elsewhere.toml"),
        ("PILLION_RECOMMEND_DEADLINE_MS", "soon"),
        ("PILLION_SHIM_PORT", "many"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(host: Host, variable: str, value: str, tmp_path: Path) -> None:
    try:
        command = host.command()
    except NoTools as error:
        pytest.skip(str(error))
    environment = {
        **os.environ,
        "PILLION_STORE_URL": "redis://127.0.0.1:1/0",
        "PILLION_SHIM_PORT": "0",
        "PILLION_SIDECAR_MODELS": str(ROOT / "pmml-models"),
    }

    ended = subprocess.run(
        command, cwd=tmp_path, env={**environment, variable: value}, stdin=subprocess.PIPE, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip

    said = [line for line in ended.stderr.splitlines() if line.startswith("error: ")]
    assert (ended.returncode, len(said)) == (1, 1), ended.stderr
    assert (value if variable == "PILLION_CONFIG" else variable) in said[0], said
    assert "Exception" not in ended.stderr, ended.stderr
