"""The booster in a folder that Spark's JVM saved a model of `xgboost4j-spark` to."""

import json
from pathlib import Path
from typing import Any

from pillion.export.plan.element import UnsupportedPlan


def read_booster(folder: Path) -> dict[str, Any]:
    """Returns the booster of a saved model as XGBoost's JSON has it.

    Raises:
        UnsupportedPlan: there is none that XGBoost reads, or XGBoost is not installed.
    """
    return dict(json.loads(bytes(load_booster(folder).save_raw("json"))))


def load_booster(folder: Path) -> Any:
    """Returns XGBoost's own `Booster` of a saved model.

    Raises:
        UnsupportedPlan: as above.
    """
    try:
        import xgboost
    except ImportError:
        raise UnsupportedPlan(
            "its booster is read by the package xgboost, which is not installed; install pillion[boosters]"
        ) from None
    files = [path for path in sorted((folder / "data").iterdir()) if path.name[0] not in "._"]
    if len(files) != 1:
        raise UnsupportedPlan(f"its folder has {len(files)} files under data, where one is expected: the booster")
    try:
        return xgboost.Booster(model_file=bytearray(files[0].read_bytes()))
    except xgboost.core.XGBoostError:
        raise UnsupportedPlan(
            f"its booster {files[0].name} is of a form that XGBoost {xgboost.__version__} does not read; save it by a"
            " later xgboost4j-spark"
        ) from None
