"""The fault matrix in small: every kind of fault at both dependencies, on deadlines that a busy machine keeps."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.chaos.kinds import KINDS, Kind
from tools.chaos.matrix import run_cell
from tools.chaos.stack import PATIENT, Stack

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]
REQUESTS, PER_S, ROW, PATIENCE_S = 24, 30.0, 20, 60.0


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with (
        tempfile.TemporaryDirectory(prefix="pillion-") as folder,
        Stack(Path(folder), PATIENT, clocks=True) as stack,
    ):
        yield stack


def test_there_are_sixteen_kinds() -> None:
    assert len({kind.name for kind in KINDS}) == 16


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name.replace(" ", "_"))
def test_every_request_gets_a_good_answer_and_the_model_comes_back(stack: Stack, kind: Kind) -> None:
    if kind.clocks and stack.preload is None:
        pytest.skip("stepping a process's wall clock needs a C compiler")
    cell = asyncio.run(run_cell(stack, kind, "both", REQUESTS, PER_S, row=ROW, patience_s=PATIENCE_S))

    assert (cell.errors, cell.hangs, cell.malformed, cell.wrong_user, cell.first) == (
        0,
        0,
        0,
        0,
        "",
    )
    assert cell.answered == cell.sent
    assert cell.recovered_s is not None
    assert stack.shim.problems == []
