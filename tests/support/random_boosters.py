"""The loop of the tests of random boosters: a fixed few, or new ones for as long as `make fuzz-engine` is told."""

import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy

from pillion.parity.compare import compare
from pillion.scoring.jvm import open_model
from pillion.types import Value

MINUTES = float(os.environ.get("PILLION_FUZZ_MINUTES", "0")) / 8
TIMEOUT_S = 600 + 60 * MINUTES
S = TypeVar("S")


def try_boosters(specs: SearchStrategy[S], check: Callable[[S], bool]) -> None:
    """Tries random boosters; most of them can be trained.

    Args:
        specs: of the boosters.
        check: compares one; False where the library trains no such booster.
    """
    tried: Counter[str] = Counter()
    end = time.monotonic() + 60 * MINUTES

    @settings(
        max_examples=60, derandomize=not MINUTES, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(specs)
    def holds(spec: S) -> None:
        tried["exact" if check(spec) else "not trained"] += 1

    holds()
    while time.monotonic() < end:
        holds()
    print(dict(tried))
    assert tried["exact"] > tried["not trained"], tried


def assert_bits(
    document: bytes,
    columns: Mapping[str, Sequence[Value]],
    expected: Mapping[str, Sequence[Value]],
    jar: Path,
    failed: frozenset[int] = frozenset(),
) -> None:
    """Asserts that the compiled engine has the bits of the booster's library in each output.

    Args:
        document: with the booster's plan.
        columns: the rows.
        expected: the library's outputs.
        jar: the sidecar's.
        failed: rows that the library refuses.
    """
    opened = open_model(document, "compiled", jar)
    try:
        reply = opened.score(columns, len(next(iter(columns.values()))))
    finally:
        opened.close()
    refused = frozenset(error.row for error in reply.row_errors)
    comparison = compare(expected, reply.columns, decisions=["prediction"], score=(), refused=refused, failed=failed)
    assert set(expected) == set(reply.columns)
    assert comparison.difference.exact, comparison.difference.as_dict()
