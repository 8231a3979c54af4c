"""Many times more requests than are admitted, over HTTP: each gets a good answer or is refused, and none hangs."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.chaos import overload_report
from tools.chaos.overload import generate
from tools.chaos.stack import PATIENT, Stack

pytestmark = pytest.mark.process
NARROW = {"PILLION_RECOMMEND_ADMISSION_MOST": "2", "PILLION_RECOMMEND_ADMISSION_LEAST": "1"}
PATIENCE_S = 60.0
ROW: dict[str, Any] = {
    "workers": 2, "times": 5.0, "peak_per_s": 20.0, "sent": 100, "seconds": 1.0, "good": 10, "answered": 90,
    "late": 0, "refused": 10, "hangs": 0, "wrong": 0, "p50_ms": 1.0, "p99_ms": 9.0, "slowest_ms": 9.5, "lag_ms": 0.1,
    "reasons": {"none": 10, "overloaded": 80}, "back_s": 0.2, "grown_mib": 90.0, "first": "",
}  # fmt: skip


@pytest.fixture(params=[{}, {"PILLION_SHIM_MAX_CONNECTIONS": "2"}], ids=["room for all", "few connections"])
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    environment = PATIENT | NARROW | {"PILLION_SHIM_WORKERS": "2"} | request.param
    with tempfile.TemporaryDirectory(prefix="pillion-") as folder, Stack(Path(folder), environment) as stack:
        yield stack


@pytest.mark.timeout(300)
def test_every_request_is_answered_well_or_refused_and_none_hangs(stack: Stack) -> None:
    load = generate("offer", stack.shim.host, stack.shim.port, 500.0, 1.0, PATIENCE_S)

    assert (load["sent"], load["answered"] + load["refused"]) == (500, 500)
    assert (load["late"], load["hangs"], load["wrong"]) == (0, 0, 0)
    assert load["answered"] == sum(load["reasons"].values()) > 0


def test_the_page_shows_every_load_and_says_that_the_goals_are_met() -> None:
    text, met = overload_report.page([ROW])

    assert met
    assert "| 2 | 20 | 5 × | 100 | 90 | 10 | 0 | 1 / 9 / 10 ms | 10 | 50 % | 90 MiB | 0.20 s |" in text
    assert text.count("| met |") == 6


@pytest.mark.parametrize(
    "change",
    [
        {"answered": 89},
        {"late": 1},
        {"hangs": 1},
        {"wrong": 1},
        {"grown_mib": 201.0},
        {"back_s": 2},
        {"back_s": None},
    ],
)
def test_the_page_says_which_goal_is_missed(change: dict[str, Any]) -> None:
    text, met = overload_report.page([ROW, ROW | change])

    assert not met
    assert text.count("| missed |") == 1
