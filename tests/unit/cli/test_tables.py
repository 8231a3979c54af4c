"""Tables on screen fit 80 columns: no word of them is broken or cut there."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from pillion.cli.demo import client
from pillion.cli.demo.train import print_quality
from pillion.cli.models import _proved, _versions
from pillion.cli.status import _breakers
from pillion.resilience import BreakerState

RECORD = {"arithmetic": "spark", "passed": True, "rows": 1400, "max_ulps": 18_446_744_073_709_551_615, "refused": 0}
VERSION = {
    "model": "punctuality",
    "version": 12_345,
    "created": "2026-11-29T10:52:43+00:00",
    "engine": "compiled",
    "pmml": "model and plan",
    "rows": 123_456,
    "max_ulps": 1,
    "problem": None,
}
BREAKER = {
    "state": max((state.value for state in BreakerState), key=len),
    "calls_in_window": 12_345,
    "failures_in_window": 12_345,
    "slow_in_window": 12_345,
    "refused": 123_456,
    "in_flight": 64,
    "retry_after_s": None,
}
ANSWER: dict[str, Any] = {
    "items": [{"item_id": 1, "title": "A long title of the kind that films of the silent age have", "score": 0.123456}],
    "source": "online", "reason": None, "engine": "compiled", "model": "ranker", "version": 1,
    "timings_ms": {"fetch": 1.0, "score": 20.0, "rank": 0.1, "total": 30.0},
}  # fmt: skip
MOMENTS = ("Sat 21:00 tv", "Sat 09:00 tv", "Wed 21:00 tv", "Sat 21:00 mobile")


def quality() -> Table:
    one = SimpleNamespace(ndcg=0.1067, recall=0.0846, coverage=0.123)
    tables: list[Table] = []
    console = SimpleNamespace(print=lambda shown, **_: tables.append(shown))
    print_quality(
        SimpleNamespace(
            films=9_066, users=658, ranking=dict.fromkeys(("popularity", "ALS", "ranker"), one),
            calibration=SimpleNamespace(events=1, auc=0.5, ece=0.5, rated_auc=0.5), titles=(0.1, 0.2),
            strengths={}, missed=list,
        ),
        console,  # type: ignore[arg-type]
    )  # fmt: skip
    return tables[0]


@pytest.mark.parametrize(
    "table",
    [
        _versions(Path("models"), [VERSION]),
        _proved({"engine": "compiled", "parity": {"compiled": RECORD, "jpmml": RECORD}}),
        _breakers({"breakers": {"store": BREAKER, "sidecar": BREAKER}}),
        client.show_answer("User 4", ANSWER)[0],
        client.show_effects({name: {**ANSWER, "items": ANSWER["items"] * 2} for name in MOMENTS}),
        quality(),
    ],
    ids=["versions", "parity", "breakers", "answer", "effects", "quality"],
)
def test_a_table_needs_no_more_than_80_columns(table: Table) -> None:
    assert Console(width=200).measure(table).minimum <= 80
