"""Random boosters of LightGBM on random rows: the compiled engine has the bits that LightGBM computes."""

import tempfile
from pathlib import Path

import pytest

lightgbm = pytest.importorskip("lightgbm", reason="boosters need the extra 'boosters'")

from tests.support.lightgbm_boosters import Spec, document, predicted, rows, specs, train  # noqa: E402
from tests.support.random_boosters import TIMEOUT_S, assert_bits, try_boosters  # noqa: E402


@pytest.mark.timeout(TIMEOUT_S)
def test_compiled_engine_has_the_bits_of_lightgbm_on_random_boosters(jar: Path) -> None:
    def check(spec: Spec) -> bool:
        try:
            model = train(spec)
        except lightgbm.basic.LightGBMError:
            return False
        x = rows(spec, model)
        columns = {f"features[{place}]": x[:, place].tolist() for place in range(spec.features)}
        with tempfile.TemporaryDirectory() as folder:
            assert_bits(document(model, spec.features, Path(folder)), columns, predicted(model, x), jar)
        return True

    try_boosters(specs(), check)
