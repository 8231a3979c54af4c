"""A host under load: store and sidecar are killed, their clocks are stepped, another version comes and goes."""

import asyncio
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hosts.host import HOSTS, PATIENT, Host
from tests.support.models import RANKER, RANKER_INPUTS, write_ranker
from tools.chaos.fixture_dataset import COUNTRY, DEVICE, HOUR, K
from tools.chaos.kinds import KINDS
from tools.chaos.load import Client, Tally, send, until_online
from tools.chaos.matrix import run_cell
from tools.chaos.soak_kill import kill_often
from tools.chaos.stack import Stack
from tools.go import NoTools

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]
PER_S, PATIENCE_S = 40.0, 60.0
_MORE = {
    '<DataField name="hour" optype="continuous" dataType="integer"/>': (
        '<DataField name="weekday" optype="continuous" dataType="integer"/>'
    ),
    '<MiningField name="hour"/>': '<MiningField name="weekday" missingValueReplacement="0"/>',
    '<NumericPredictor name="hour" coefficient="0.01"/>': '<NumericPredictor name="weekday" coefficient="0"/>',
}
_WEEKDAY: dict[str, Any] = {"name": "weekday", "type": "integer", "optype": "continuous", "source": "online"}


@pytest.fixture(
    scope="module", params=[host for host in HOSTS if host.name in ("go", "java client")], ids=lambda host: host.name
)
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    host: Host = request.param
    try:
        command = host.command()
    except NoTools as error:
        pytest.skip(str(error))
    with (
        tempfile.TemporaryDirectory(prefix="pillion-") as folder,
        Stack(Path(folder), PATIENT, clocks=True, proxied=False, host=command, problem=host.problem) as stack,
    ):
        yield stack


def test_after_each_kill_of_store_and_sidecar_the_model_answers_again(stack: Stack) -> None:
    outcome = asyncio.run(kill_often(stack, 4, PER_S, row=20, patience_s=PATIENCE_S))

    print("the model was back after", outcome.recovered_s, "s")
    assert (outcome.tally.lost, outcome.tally.refused) == (0, 0), outcome.tally.first
    assert None not in outcome.recovered_s
    assert stack.shim.problems == []


def test_clocks_of_store_and_sidecar_that_are_stepped_disturb_nothing(stack: Stack) -> None:
    """The host's own is not: a Go program reads the time past the C library, where clocks are stepped."""
    if stack.preload is None:
        pytest.skip("stepping a process's wall clock needs a C compiler")
    (kind,) = (kind for kind in KINDS if kind.clocks)

    cell = asyncio.run(run_cell(stack, kind, "both", 40, PER_S, row=20, patience_s=PATIENCE_S))

    assert (cell.errors, cell.hangs, cell.malformed, cell.wrong_user, cell.first) == (0, 0, 0, 0, "")
    assert cell.answered == cell.sent
    assert set(cell.reasons) == {"none"}
    assert cell.recovered_s is not None
    assert stack.shim.problems == []


def test_a_version_with_another_input_comes_and_goes_and_no_answer_fails(stack: Stack) -> None:
    whole = asyncio.run(_swap(stack))

    assert set(whole.statuses) == {200}, whole.first
    assert (whole.lost, whole.refused, whole.first) == (0, 0, "")
    assert set(whole.reasons) == {"none"}
    assert set(whole.sources) == {"online"}
    assert stack.shim.problems == []


async def _swap(stack: Stack) -> Tally:
    """Has version 2 take over from version 1, and then taken away, under load; returns what was answered meanwhile."""
    client, whole = Client(stack.shim.host, stack.shim.port, hang_s=PATIENCE_S), Tally()
    assert await until_online(client, Tally(), PER_S, 20, PATIENCE_S) is not None
    assert await asyncio.to_thread(_version, stack) == 1
    try:
        folder = await asyncio.to_thread(_write_next, stack.models)
        await _until_version(2, stack, client, whole)
        folder.rename(stack.folder / "gone")
        await _until_version(1, stack, client, whole)
    finally:
        await client.close()
    return whole


def _write_next(models: Path) -> Path:
    """Writes version 2, which needs the weekday as well, and gives the same scores."""
    document = RANKER
    for part, more in _MORE.items():
        assert part in document
        document = document.replace(part, part + more)
    return write_ranker(models, 2, document, contract={"inputs": [*RANKER_INPUTS, _WEEKDAY]})


async def _until_version(version: int, stack: Stack, client: Client, whole: Tally) -> None:
    """Sends load until a version answers, and a while longer."""
    end = time.monotonic() + PATIENCE_S
    while await asyncio.to_thread(_version, stack) != version:
        assert time.monotonic() < end, f"version {version} never answered"
        await send(client, whole, int(PER_S / 4), PER_S)
    await send(client, whole, int(PER_S), PER_S)


def _version(stack: Stack) -> int:
    answer = json.loads(stack.shim.get(f"/v1/recommendations/7?k={K}&device={DEVICE}&country={COUNTRY}&hour={HOUR}"))
    assert answer["source"] == "online", answer
    return int(answer["version"])
