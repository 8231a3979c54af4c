"""Many times more requests than are admitted, over HTTP: each gets a good answer, and memory is bounded."""

import asyncio
import tempfile
from pathlib import Path

import pytest

from tools.chaos import overload_report
from tools.chaos.load import Client, Tally, until_online
from tools.chaos.overload import Load, memory_mib, offer
from tools.chaos.stack import PATIENT, Stack

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]
NARROW = {"PILLION_RECOMMEND_ADMISSION_MOST": "2", "PILLION_RECOMMEND_ADMISSION_LEAST": "1"}


def test_the_excess_gets_its_fallback_and_no_error() -> None:
    async def run(stack: Stack) -> tuple[float, Load]:
        client = Client(stack.shim.host, stack.shim.port, hang_s=60.0)
        assert await until_online(client, Tally(), 20.0, 20, 60.0) is not None
        before = memory_mib(stack.shim.process.pid)
        load = await offer(stack, client, 5.0, 100.0, 1.0)
        await client.close()
        return before, load

    with tempfile.TemporaryDirectory(prefix="pillion-") as folder, Stack(Path(folder), PATIENT | NARROW) as stack:
        before, load = asyncio.run(run(stack))

    assert (load.sent, load.errors) == (500, 0)
    assert sum(load.sources.values()) == 500
    assert set(load.sources) <= {"online", "batch", "segment"}
    assert load.shed == load.reasons.get("overloaded", 0)
    assert load.memory_mib - before < 100


def test_the_page_says_which_goals_are_missed() -> None:
    load = {
        "times": 5.0, "sent": 100, "seconds": 1.0, "good": 10, "peak_per_s": 20.0, "errors": 0, "reasons": {"none": 10,
        "overloaded": 90}, "shed": 90, "shed_own_ms": (0.1, 0.2), "shed_ms": (1.0, 9.0), "lag_ms": (0.1, 0.2),
        "generator": 0.3, "shim": 0.9, "memory_mib": 90.0, "goodput": 0.5,
    }  # fmt: skip

    text, met = overload_report.page(80.0, [load])

    assert not met
    assert "| goodput at 5 times the peak | ≥ 90 % of the peak | 50 % | missed |" in text
    assert text.count("| met |") == 3


def test_the_cost_of_both_kinds_of_answers_is_found_and_what_it_leaves_room_for() -> None:
    loads = [
        {"reasons": {"none": online, "overloaded": shed}, "shed": shed, "seconds": 2.0,
         "shim": (online * 0.5 + shed * 0.1) / 2000}
        for online, shed in ((1000, 10), (900, 1000), (800, 4000))
    ]  # fmt: skip

    online_ms, shed_ms = overload_report.costs_ms(loads)

    assert (online_ms, shed_ms) == (pytest.approx(0.5), pytest.approx(0.1))
    # 500 of 8,000 requests a second answered take 250 ms, and 7,500 that are shed take 750 ms.
    assert overload_report.ceiling(2000.0, 4.0, 0.5, 0.1) == pytest.approx(0.25)
    assert overload_report.ceiling(1000.0, 5.0, 0.5, 0.1) == 1.0
