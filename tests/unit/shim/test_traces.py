"""Trace contexts: which are passed on."""

from typing import Any

import pytest

from pillion.shim.traces import read_trace, trace_id
from pillion.types import Trace

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def headers(*pairs: tuple[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in pairs]


def test_a_parent_and_its_state_are_read() -> None:
    trace = read_trace(headers(("host", "x"), ("traceparent", PARENT), ("tracestate", "a=1"), ("tracestate", "b=2")))

    assert trace == Trace(PARENT, "a=1,b=2")
    assert trace_id(trace) == "0af7651916cd43dd8448eb211c80319c"


def test_a_version_yet_to_come_may_say_more() -> None:
    later = f"cc{PARENT[2:]}-what-the-future-holds"

    assert read_trace(headers(("traceparent", later))) == Trace(later)


@pytest.mark.parametrize(
    "parent",
    [
        "",
        "no",
        PARENT.upper(),
        PARENT[:-1],
        f"{PARENT} ",
        f"{PARENT}\nx: y",
        f"ff{PARENT[2:]}",
        f"00-{'0' * 32}-{'b' * 16}-01",
        f"00-{'a' * 32}-{'0' * 16}-01",
    ],
)
def test_what_is_no_parent_counts_as_absent(parent: Any) -> None:
    assert read_trace(headers(("traceparent", parent), ("tracestate", "a=1"))) is None


def test_two_parents_are_none() -> None:
    assert read_trace(headers(("traceparent", PARENT), ("traceparent", PARENT))) is None


@pytest.mark.parametrize("state", ["x" * 513, "a=\x01", "a=é"])
def test_a_state_that_is_too_long_or_not_text_is_left_behind(state: str) -> None:
    assert read_trace(headers(("traceparent", PARENT), ("tracestate", state))) == Trace(PARENT)
