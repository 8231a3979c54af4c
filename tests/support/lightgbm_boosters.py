"""Random boosters of LightGBM, trained in this process, the rows that they score, and what LightGBM predicts."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from hypothesis import strategies as st

from pillion.export.plan.stages import lightgbm_model
from pillion.lightgbm import LightGBMClassificationModel, LightGBMRegressionModel, _classes
from tests.support.boosters import document_of

_NUMBERS = (
    "regression", "regression_l1", "huber", "fair", "quantile", "mape", "poisson", "gamma", "tweedie", "cross_entropy",
    "lambdarank", "rank_xendcg",
)  # fmt: skip
_CLASSES = ("binary", "multiclass", "multiclassova")
_POSITIVE = ("poisson", "gamma", "tweedie", "mape")
_TWO = ("binary", "cross_entropy", "lambdarank", "rank_xendcg")
_ZERO = float(np.float32(1e-35))
_ODD = (
    0.0, -0.0, 1e-36, -1e-36, _ZERO, math.nextafter(_ZERO, 1), -math.nextafter(_ZERO, 1), math.nan, math.inf, -math.inf,
    1e300, -1e300, 3.7, -0.5, -1.0, 2.0**31, 2.0**40, 5.0, 17.0, 39.0, 40.0, 64.0,
)  # fmt: skip
_TRAINED = 240
_CATEGORIES = 40


@dataclass(frozen=True, slots=True)
class Spec:
    """A booster and the rows that it scores.

    Attributes:
        objective: what it is trained for.
        boosting: `gbdt`, `dart` or `rf`.
        features: how many; the first `categories` of them are categorical.
        categories: how many.
        one_hot: whether categories are split off one by one.
        trees: rounds of training.
        leaves: of a tree at most.
        use_missing: whether splits treat missing values by themselves.
        zero_missing: whether zeros are missing.
        square: whether a regression is trained on square roots.
        slope: what a classifier's sums are multiplied by.
        seed: of the data.
    """

    objective: str
    boosting: str
    features: int
    categories: int
    one_hot: bool
    trees: int
    leaves: int
    use_missing: bool
    zero_missing: bool
    square: bool
    slope: float
    seed: int


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    features = draw(st.integers(1, 7))
    return Spec(
        draw(st.sampled_from(_CLASSES + _NUMBERS)),
        draw(st.sampled_from(("gbdt", "gbdt", "dart", "rf"))),
        features,
        draw(st.integers(0, min(2, features))),
        draw(st.booleans()),
        draw(st.integers(1, 9)),
        draw(st.integers(2, 80)),
        draw(st.sampled_from((True, True, False))),
        draw(st.sampled_from((False, False, True))),
        draw(st.booleans()),
        draw(st.sampled_from((1.0, 0.7))),
        draw(st.integers(0, 2**16)),
    )


def train(spec: Spec) -> Any:
    """Returns a model of `pillion.lightgbm`.

    Raises:
        lightgbm.basic.LightGBMError: LightGBM has no such booster.
    """
    random = np.random.default_rng(spec.seed)
    data = np.round(random.normal(size=(_TRAINED, spec.features)), 2)
    data[:, : spec.categories] = random.integers(0, _CATEGORIES, size=(_TRAINED, spec.categories))
    data[random.random(data.shape) < 0.15] = random.choice((math.nan, 0.0))
    signal = np.nan_to_num(data).sum(axis=1) + random.normal(size=_TRAINED)
    settings = {
        "objective": spec.objective, "boosting": spec.boosting, "num_leaves": spec.leaves, "verbosity": -1,
        "min_data_in_leaf": 3, "min_data_per_group": 2, "cat_smooth": 1, "use_missing": spec.use_missing,
        "zero_as_missing": spec.zero_missing, "max_cat_to_onehot": 100 if spec.one_hot else 1, "num_threads": 1,
        "bagging_fraction": 0.7, "bagging_freq": 1, "reg_sqrt": spec.square, "sigmoid": spec.slope, "seed": spec.seed,
        "deterministic": True,
    }  # fmt: skip
    if spec.objective.startswith("multi"):
        settings["num_class"] = 3
    group = [_TRAINED // 6] * 6 if spec.objective in ("lambdarank", "rank_xendcg") else None
    chosen = list(range(spec.categories))
    table = lightgbm.Dataset(data, _labels(spec, signal), group=group, categorical_feature=chosen, params=settings)
    booster = lightgbm.train(settings, table, spec.trees)
    kind = LightGBMClassificationModel if spec.objective in _CLASSES else LightGBMRegressionModel
    return kind(booster)


def _labels(spec: Spec, signal: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if spec.objective in _TWO:
        return (signal > np.median(signal)).astype(int)
    if spec.objective.startswith("multi"):
        return np.argsort(np.argsort(signal)) * 3 // len(signal)
    return np.exp(np.clip(signal / 3, -3, 3)) + 0.1 if spec.objective in _POSITIVE else signal


def rows(spec: Spec, model: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Rows at the booster's boundaries, odd values and random ones."""
    random = np.random.default_rng(spec.seed + 1)
    made = np.round(random.normal(size=(120, spec.features)), 2)
    made[:, : spec.categories] = random.integers(-1, _CATEGORIES + 1, size=(120, spec.categories))
    for feature, limits in _limits(model).items():
        made[30:60, feature] = random.choice(limits, 30)
    odd = random.choice(np.array(_ODD), size=made.shape)
    made[60:] = np.where(random.random((60, spec.features)) < 0.4, odd[60:], made[60:])
    return made


def _limits(model: Any) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {}
    for tree in lightgbm.Booster(model_str=model.getOrDefault("model")).dump_model()["tree_info"]:
        waiting = [tree["tree_structure"]]
        for node in waiting:
            if "split_feature" in node:
                waiting += [node["left_child"], node["right_child"]]
                if node["decision_type"] == "<=":
                    at = float(node["threshold"])
                    near = [math.nextafter(at, -math.inf), at, math.nextafter(at, math.inf)]
                    found.setdefault(node["split_feature"], []).extend(near)
    return found


def document(model: Any, features: int, folder: Path) -> bytes:
    """The document of a model alone, on a vector column `features`."""
    return document_of(model, features, folder, lightgbm_model.write)


def predicted(model: Any, x: np.ndarray[Any, Any]) -> dict[str, list[float | None]]:
    """What Spark's columns would be, by output."""
    booster = lightgbm.Booster(model_str=model.getOrDefault("model"))
    sums = np.asarray(booster.predict(x, raw_score=True, num_threads=1)).reshape(len(x), -1)
    made = np.asarray(booster.predict(x, num_threads=1)).reshape(len(x), -1)
    if isinstance(model, LightGBMRegressionModel):
        return {"prediction": list(made[:, 0])}
    whole = _classes(sums, made)
    count = (whole.shape[1] - 1) // 2
    names = [f"rawPrediction[{place}]" for place in range(count)] + [f"probability({place})" for place in range(count)]
    return {name: list(column) for name, column in zip(["prediction", *names], whole.T, strict=True)}
