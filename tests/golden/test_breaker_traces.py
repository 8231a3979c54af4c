"""The recorded traces, which breakers in other languages are held to, are still what ours does."""

import json
from itertools import pairwise

import pytest

from tools.checkout import ROOT
from tools.oracle.traces import Recorder, Rules

LINES = (ROOT / "tests/golden/breaker/traces.jsonl").read_text().splitlines(keepends=True)


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_our_breaker_does_what_was_recorded(line: str) -> None:
    raw = json.loads(line)
    again = Recorder(Rules(**raw["rules"]))
    for step in raw["steps"]:
        again.replay(step)

    assert again.line() == line


def test_the_traces_go_through_every_change() -> None:
    changes = set()
    for line in LINES:
        states = [step.split()[2] for step in json.loads(line)["steps"]]
        changes |= set(pairwise(states))

    assert {
        ("closed", "open"), ("open", "half_open"), ("half_open", "open"), ("half_open", "closed"),
        ("closed", "forced_open"), ("closed", "metrics_only"), ("forced_open", "closed"), ("metrics_only", "closed"),
    } <= changes  # fmt: skip
