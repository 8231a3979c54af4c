"""Killed processes, cancelled calls, a shim that is stopped under load: nothing is lost, mixed up or stormed."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.chaos.cancel import try_out
from tools.chaos.load import Client, Tally, until_online
from tools.chaos.soak_kill import kill_often
from tools.chaos.soak_shim import stop_often
from tools.chaos.stack import PATIENT, Stack

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with tempfile.TemporaryDirectory(prefix="pillion-") as folder, Stack(Path(folder), PATIENT) as stack:
        yield stack


def test_cancelled_calls_never_hand_their_reply_to_another_user(stack: Stack) -> None:
    socket = stack.folder / "jvm.sock"
    result = asyncio.run(try_out(f"redis://127.0.0.1:{stack.store_port}/0", f"unix:{socket}", 2000))

    assert (result.wrong, result.failed) == (0, 0)
    assert result.cancelled >= 2000
    assert result.completed > 100


def test_after_each_of_three_kills_the_model_answers_again_and_no_storm_comes(stack: Stack) -> None:
    outcome = asyncio.run(kill_often(stack, 3, 25.0, row=20, patience_s=60.0))

    assert (outcome.tally.lost, outcome.tally.refused) == (0, 0), outcome.tally.first
    assert None not in outcome.recovered_s
    # A pool's worth for each of the attempts that found nobody, and one for the way back.
    assert max(outcome.connections) < 60


def test_a_shim_that_cannot_open_a_file_answers_over_the_connections_it_has(stack: Stack) -> None:
    import resource

    async def run() -> Tally:
        client, tally = Client(stack.shim.host, stack.shim.port, hang_s=30.0), Tally()
        assert await until_online(client, tally, 20.0, 10, 60.0) is not None
        pid = stack.shim.process.pid
        limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, limits[1]))
        try:
            for user in range(1, 30):
                await client.ask(tally, user)
        finally:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
        assert await until_online(client, tally, 20.0, 10, 60.0) is not None
        await client.close()
        return tally

    tally = asyncio.run(run())

    assert (tally.errors, tally.hangs, tally.broken, tally.first) == (0, 0, 0, "")


def test_sigterm_under_load_loses_no_accepted_request(stack: Stack) -> None:
    outcome = asyncio.run(stop_often(stack, 3, 40.0, patience_s=60.0))

    assert (outcome.tally.lost, outcome.statuses) == (0, {0}), outcome.tally.first
    assert outcome.tally.answered > 30
