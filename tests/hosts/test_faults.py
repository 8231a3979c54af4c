"""Every kind of fault at each dependency of a host, on deadlines that a busy machine keeps: the shim's reasons."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hosts.faults import PLAYS, Play, read_expected
from tools.chaos.kinds import KINDS, Kind
from tools.chaos.matrix import run_cell
from tools.chaos.stack import Stack
from tools.go import NoTools

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]
REQUESTS, PER_S, ROW, PATIENCE_S = 24, 30.0, 20, 60.0
LATEST_MS = 10_000.0
"""More than three deadlines: an answer that takes longer waited for something that has no limit."""


@pytest.fixture(scope="module", params=PLAYS, ids=lambda play: play.name)
def play(request: pytest.FixtureRequest) -> Play:
    found: Play = request.param
    return found


@pytest.fixture(scope="module")
def stack(play: Play) -> Iterator[Stack]:
    try:
        command = play.host.command()
    except NoTools as error:
        pytest.skip(str(error))
    with tempfile.TemporaryDirectory(prefix="pillion-") as folder, play.stack(Path(folder), command) as stack:
        yield stack


def test_there_is_an_expectation_for_every_kind_and_none_besides() -> None:
    assert list(read_expected()) == [kind.name for kind in KINDS if not kind.clocks]


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if not kind.clocks], ids=lambda kind: kind.name.replace(" ", "_")
)
def test_every_request_gets_the_shims_answer_and_the_model_comes_back(stack: Stack, play: Play, kind: Kind) -> None:
    cell = asyncio.run(run_cell(stack, kind, play.target, REQUESTS, PER_S, row=ROW, patience_s=PATIENCE_S))

    print(f"{play.name}: {kind.name}, p50 {cell.p50_ms:.0f} ms, p99 {cell.p99_ms:.0f} ms, {cell.reasons}")
    assert (cell.errors, cell.hangs, cell.malformed, cell.wrong_user, cell.first) == (0, 0, 0, 0, "")
    assert cell.answered == cell.sent
    assert cell.recovered_s is not None
    assert cell.p99_ms <= LATEST_MS
    assert stack.shim.problems == []
    other = set(cell.reasons) - play.allowed(kind.name)
    known = set(play.known.get(kind.name, ()))
    typical = known | set(read_expected()[kind.name][play.target])
    assert other <= known, f"the shim gives {play.allowed(kind.name)}"
    assert known <= other, "known to differ, but does not"
    if kind.disturbs and typical and kind.name not in play.may:
        assert typical & set(cell.reasons), f"none of {typical}"
