"""Random boosters on random rows: the compiled engine has the bits that `xgboost.spark` computes.

XGBoost trains and predicts in this process, by the wrapper's own function, without Spark.
"""

import tempfile
from pathlib import Path

import pytest

xgboost = pytest.importorskip("xgboost", reason="boosters need the extra 'boosters'")

from tests.support.boosters import Spec, document, margins, predicted, rows, specs, train  # noqa: E402
from tests.support.random_boosters import TIMEOUT_S, assert_bits, try_boosters  # noqa: E402


@pytest.mark.timeout(TIMEOUT_S)
def test_compiled_engine_has_the_bits_of_xgboost_on_random_boosters(jar: Path) -> None:
    def check(spec: Spec) -> bool:
        try:
            model = train(spec)
            x = rows(spec, model)
            margin = margins(spec, len(x))
            expected, failed = predicted(spec, model, x, margin)
        except xgboost.core.XGBoostError:
            return False
        columns = {f"features[{place}]": x[:, place].tolist() for place in range(spec.features)}
        if margin is not None:
            columns["margin"] = margin.tolist()
        with tempfile.TemporaryDirectory() as folder:
            assert_bits(document(model, spec.features, Path(folder)), columns, expected, jar, failed)
        return True

    try_boosters(specs(), check)
