"""One suite for every host: the same requests, the same answers, to the bits of the scores."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from pillion.process import ListeningProcess
from tests.hosts.cases import World, ask, difference, read_worlds
from tests.hosts.host import HOSTS, PATIENT, Host
from tests.hosts.stack import Serving, running
from tools.checkout import ROOT
from tools.go import NoTools

pytestmark = pytest.mark.process
WORLDS = read_worlds()


@pytest.fixture(scope="session")
def commands() -> dict[str, list[str] | NoTools]:
    """How each host is run, or why it cannot be."""
    found: dict[str, list[str] | NoTools] = {}
    for host in HOSTS:
        try:
            found[host.name] = host.command()
        except NoTools as error:
            found[host.name] = error
    return found


@pytest.fixture(scope="module", params=WORLDS, ids=lambda world: world.name)
def world(
    request: pytest.FixtureRequest, commands: dict[str, list[str] | NoTools], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, dict[str, Serving]]]:
    built = [
        (host, command)
        for host in HOSTS
        if isinstance(command := commands[host.name], list) and request.param.name not in host.unfit
    ]
    with running(request.param, built, tmp_path_factory.mktemp("hosts")) as serving:
        yield request.param, serving


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.name)
def test_a_host_answers_as_every_other(
    world: tuple[World, dict[str, Serving]], host: Host, commands: dict[str, list[str] | NoTools]
) -> None:
    asked, serving = world
    if isinstance(why := commands[host.name], NoTools):
        pytest.skip(str(why))
    if asked.name in host.unfit:
        pytest.skip(host.unfit[asked.name])

    address = serving[host.name].address
    found = {case["name"]: difference(case["expect"], ask(address, case["request"])) for case in asked.cases}

    differing = {name: wrong for name, wrong in found.items() if wrong is not None}
    assert {name: wrong for name, wrong in differing.items() if name not in host.known} == {}
    assert [name for name in found if name in host.known and name not in differing] == [], "known to differ, but do not"


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.name)
def test_a_host_serves_without_an_input_until_it_is_told_to_end(
    host: Host, commands: dict[str, list[str] | NoTools], tmp_path: Path
) -> None:
    command = commands[host.name]
    if isinstance(command, NoTools):
        pytest.skip(str(command))
    # As a container starts it: its input has ended at the start, and it listens for the pod's address.
    started = ["sh", "-c", 'exec "$@" < /dev/null', "sh", *(part for part in command if part != "--exit-with-stdin")]
    environment = {
        **PATIENT,
        "PATH": "/usr/bin:/bin",
        "PILLION_SHIM_HOST": "0.0.0.0",
        "PILLION_STORE_URL": "redis://127.0.0.1:1/0",
        "PILLION_SIDECAR_ADDRESS": f"unix:{tmp_path}/absent",
        "PILLION_SIDECAR_MODELS": str(ROOT / "pmml-models"),
    }
    with ListeningProcess(host.name, started, host.listener, 60.0, environment=environment) as process:
        address = process.address_of(host.listener)
        said = httpx.get(f"{address}/healthz", timeout=60.0, trust_env=False)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGTERM)
        assert (said.status_code, process.wait()) == (200, 0)
