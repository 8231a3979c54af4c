"""Every kind of fault at both dependencies of a host, on deadlines that a busy machine keeps."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hosts.host import HOSTS, Host
from tools.chaos.kinds import KINDS, Kind
from tools.chaos.matrix import run_cell
from tools.chaos.stack import PATIENT, Stack
from tools.go import NoTools

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]
REQUESTS, PER_S, ROW, PATIENCE_S = 24, 30.0, 20, 60.0
SETTINGS = {**PATIENT, "PILLION_HOST_TRANSPORT": "http"}
"""The proxy's faults are of HTTP/1.1."""


@pytest.fixture(scope="module", params=[host for host in HOSTS if host.speaks_http], ids=lambda host: host.name)
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    host: Host = request.param
    try:
        command = host.command()
    except NoTools as error:
        pytest.skip(str(error))
    with (
        tempfile.TemporaryDirectory(prefix="pillion-") as folder,
        Stack(Path(folder), SETTINGS, host=command) as stack,
    ):
        yield stack


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if not kind.clocks], ids=lambda kind: kind.name.replace(" ", "_")
)
def test_every_request_gets_a_good_answer_and_the_model_comes_back(stack: Stack, kind: Kind) -> None:
    cell = asyncio.run(run_cell(stack, kind, "both", REQUESTS, PER_S, row=ROW, patience_s=PATIENCE_S))

    assert (cell.errors, cell.hangs, cell.malformed, cell.wrong_user, cell.first) == (0, 0, 0, 0, "")
    assert cell.answered == cell.sent
    assert cell.recovered_s is not None
    assert stack.shim.problems == []
