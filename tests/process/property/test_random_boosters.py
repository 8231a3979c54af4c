"""Random boosters on random rows: the compiled engine has the bits that `xgboost.spark` computes.

XGBoost trains and predicts in this process, by the wrapper's own function, without Spark. `make fuzz-engine` tries new
ones for as long as it is told.
"""

import os
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from pillion.parity.compare import compare
from pillion.scoring.jvm import open_model

xgboost = pytest.importorskip("xgboost", reason="boosters need the extra 'boosters'")

from tests.support.boosters import Spec, document, margins, predicted, rows, specs, train  # noqa: E402

MINUTES = float(os.environ.get("PILLION_FUZZ_MINUTES", "0")) / 8


@pytest.mark.timeout(600 + 60 * MINUTES)
def test_compiled_engine_has_the_bits_of_xgboost_on_random_boosters(jar: Path) -> None:
    tried: Counter[str] = Counter()
    end = time.monotonic() + 60 * MINUTES

    @settings(
        max_examples=60, derandomize=not MINUTES, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(specs())
    def holds(spec: Spec) -> None:
        tried[check(spec, jar)] += 1

    holds()
    while time.monotonic() < end:
        holds()
    print(dict(tried))
    assert tried["exact"] > tried["not trained"], tried


def check(spec: Spec, jar: Path) -> str:
    """Compares one booster; returns how it went: `exact`, or `not trained` where XGBoost has no such booster."""
    try:
        model = train(spec)
        x = rows(spec, model)
        margin = margins(spec, len(x))
        expected, failed = predicted(spec, model, x, margin)
    except xgboost.core.XGBoostError:
        return "not trained"
    with tempfile.TemporaryDirectory() as folder:
        opened = open_model(document(model, spec.features, Path(folder)), "compiled", jar)
    columns = {f"features[{place}]": x[:, place].tolist() for place in range(spec.features)}
    if margin is not None:
        columns["margin"] = margin.tolist()
    try:
        reply = opened.score(columns, len(x))
    finally:
        opened.close()
    refused = frozenset(error.row for error in reply.row_errors)
    comparison = compare(expected, reply.columns, decisions=["prediction"], score=(), refused=refused, failed=failed)
    assert set(expected) == set(reply.columns)
    assert comparison.difference.exact, (spec, comparison.difference.as_dict())
    return "exact"
