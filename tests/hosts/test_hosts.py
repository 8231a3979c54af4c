"""One suite for every host: the same requests, the same answers, to the bits of the scores."""

from collections.abc import Iterator

import pytest

from tests.hosts.cases import World, ask, difference, read_worlds
from tests.hosts.host import HOSTS, Host
from tests.hosts.stack import Serving, running
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
