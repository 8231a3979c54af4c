"""Our breaker does what Resilience4j's does, where both have the rule; in a process of its own, with the JVM."""

import re
import subprocess
import sys

import pytest

from tools.checkout import ROOT
from tools.oracle.jars import fetch

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]
BROKEN = """
import sys
from pillion.resilience import Window
from tools.oracle import resilience4j, traces
{change}
sys.exit(resilience4j.main(["--traces", "200"]))
"""


def replay(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        timeout=280,
        cwd=ROOT,
        check=False,
    )


@pytest.fixture(scope="module", autouse=True)
def jars() -> None:
    fetch()


def test_two_thousand_random_traces_agree_with_resilience4j() -> None:
    run = replay("-m", "tools.oracle.resilience4j", "--traces", "2000")

    assert run.returncode == 0, run.stdout + run.stderr
    found = re.search(r"(\d+) changes of state, (\d+) refusals, 0 divergent", run.stdout)
    assert found is not None
    assert min(int(found[1]), int(found[2])) > 4000, "the traces hardly leave CLOSED"


@pytest.mark.parametrize(
    "change",
    [
        "traces.MillisClock.monotonic = lambda self: self.ms / 1000 + 0.5",
        "resilience4j.STATES['OPEN'] = resilience4j.BreakerState.HALF_OPEN",
        "Window.clear = lambda self: None",
        "traces.Breaker._tripping = lambda self, counts: None",
    ],
    ids=[
        "another clock",
        "another state",
        "a window that is not cleared",
        "a breaker that never trips",
    ],
)
def test_a_difference_is_noticed(change: str) -> None:
    run = replay("-c", BROKEN.format(change=change))

    assert run.returncode == 1, run.stdout + run.stderr
