"""Random boosters of XGBoost, trained in this process, and what the wrapper of `xgboost.spark` predicts by them."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xgboost
from hypothesis import strategies as st
from pyspark.ml.linalg import VectorUDT
from pyspark.sql.types import DoubleType, StructField, StructType
from xgboost.spark.estimator import SparkXGBClassifierModel, SparkXGBRankerModel, SparkXGBRegressorModel

from pillion.export.plan.embed import embed
from pillion.export.plan.outputs import spark_outputs
from pillion.export.plan.saved import Saved
from pillion.export.plan.stage import Stage, StageWriter
from pillion.export.plan.stages import xgboost_model
from pillion.export.plan.walked import Input, Plan
from pillion.export.pmml import PmmlDocument

_NUMBERS = (
    "reg:squarederror", "reg:logistic", "reg:gamma", "reg:tweedie", "reg:absoluteerror", "reg:pseudohubererror",
    "reg:squaredlogerror", "count:poisson", "binary:hinge", "binary:logitraw", "survival:cox",
)  # fmt: skip
_RANKS = ("rank:ndcg", "rank:pairwise", "rank:map")
_CLASSES = ("binary:logistic", "multi:softprob", "multi:softmax")
_ODD = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    2.0,
    3.0,
    40.0,
    -999.0,
    1e300,
    -1e300,
    1e-300,
    3.5e38,
    1e-45,
    math.nan,
    math.inf,
    -math.inf,
)
_SESSION = {"spark": "4.2.1", "blas": "VectorBLAS", "lanes": 2, "sparse_overhead": 16}
_TRAINED = 60


@dataclass(frozen=True, slots=True)
class Spec:
    """A booster and the rows that it scores.

    Attributes:
        objective: what it is trained for.
        booster: `gbtree`, `dart` or `gblinear`.
        features: how many; of those, `categories` first ones are categorical.
        categories: how many.
        one_hot: whether categories are split off one by one.
        classes: of a classifier of several.
        vector: whether a tree has a leaf value a class.
        trees: rounds of training.
        depth: of a tree.
        parallel: trees a round and class.
        best: rounds that count; all where None.
        missing: the value that is missing, besides NaN.
        sparse: whether zeros are left out, as `enable_sparse_data_optim` does.
        base: the score that margins begin with; where None it is estimated.
        margin: whether rows bring the margins that they begin with instead.
        seed: of the data.
    """

    objective: str
    booster: str
    features: int
    categories: int
    one_hot: bool
    classes: int
    vector: bool
    trees: int
    depth: int
    parallel: int
    best: int | None
    missing: float
    sparse: bool
    base: float | None
    margin: bool
    seed: int


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    objective = draw(st.sampled_from(_CLASSES + _NUMBERS + _RANKS))
    booster = draw(st.sampled_from(("gbtree", "gbtree", "gbtree", "dart", "gblinear")))
    features = draw(st.integers(1, 7))
    trees = draw(st.integers(1, 9))
    linear = booster == "gblinear"
    several = objective.startswith("multi:")
    return Spec(
        objective,
        booster,
        features,
        0 if linear else draw(st.integers(0, min(2, features))),
        draw(st.booleans()),
        draw(st.sampled_from((3, 4, 8, 11))),
        several and booster == "gbtree" and draw(st.booleans()),
        trees,
        draw(st.integers(1, 6)),
        1 if linear else draw(st.sampled_from((1, 1, 2))),
        None if linear else draw(st.one_of(st.none(), st.integers(1, trees))),
        draw(st.sampled_from((math.nan, math.nan, 0.0, -999.0, 1.0))),
        draw(st.booleans()) and draw(st.booleans()),
        draw(st.one_of(st.none(), st.sampled_from((0.5, 0.3, 0.875)))),
        booster == "gbtree" and not several and draw(st.booleans()),
        draw(st.integers(0, 2**16)),
    )


def train(spec: Spec) -> Any:
    """Returns a fitted model of `xgboost.spark`'s.

    Raises:
        xgboost.core.XGBoostError: XGBoost has no such booster.
    """
    random = np.random.default_rng(spec.seed)
    data = np.round(random.normal(size=(_TRAINED, spec.features)), 2)
    data[:, : spec.categories] = random.integers(0, 5, size=(_TRAINED, spec.categories))
    data[random.random(data.shape) < 0.1] = spec.missing
    signal = np.nan_to_num(data, nan=0.5).sum(axis=1) + random.normal(size=_TRAINED)
    kind, learner = _classes_of(spec.objective)
    settings: dict[str, Any] = {
        "objective": spec.objective, "booster": spec.booster, "n_estimators": spec.trees, "missing": spec.missing,
        "base_score": spec.base, "n_jobs": 1, "verbosity": 0, "random_state": spec.seed,
    }  # fmt: skip
    if spec.booster != "gblinear":
        settings |= {
            "max_depth": spec.depth, "num_parallel_tree": spec.parallel, "tree_method": "hist",
            "subsample": 0.8 if spec.parallel > 1 else None,
            "multi_strategy": "multi_output_tree" if spec.vector else "one_output_per_tree",
        }  # fmt: skip
    if spec.categories:
        settings |= {
            "feature_types": ["c"] * spec.categories + ["q"] * (spec.features - spec.categories),
            "enable_categorical": True, "max_cat_to_onehot": 100 if spec.one_hot else 1,
        }  # fmt: skip
    if spec.booster == "dart":
        settings |= {"rate_drop": 0.5}
    fitted = learner(**settings)
    if spec.objective in _RANKS:
        label = (signal > np.median(signal)).astype(int)
        fitted.fit(data, label, qid=np.repeat(np.arange(6), _TRAINED // 6))
    else:
        fitted.fit(data, _labels(spec, signal))
    if spec.best is not None:
        fitted.get_booster().set_attr(best_iteration=str(spec.best - 1))
    model = kind(fitted)
    model._set(missing=spec.missing, booster=spec.booster, enable_sparse_data_optim=spec.sparse)
    if spec.margin:
        model._set(base_margin_col="margin")
    return model


def _classes_of(objective: str) -> tuple[Any, Any]:
    if objective in _RANKS:
        return SparkXGBRankerModel, xgboost.XGBRanker
    if objective in _CLASSES:
        return SparkXGBClassifierModel, xgboost.XGBClassifier
    return SparkXGBRegressorModel, xgboost.XGBRegressor


def _labels(spec: Spec, signal: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if spec.objective.startswith("multi:"):
        return np.argsort(np.argsort(signal)) * spec.classes // _TRAINED
    if spec.objective in ("binary:logistic", "binary:hinge", "binary:logitraw", "reg:logistic"):
        return (signal > np.median(signal)).astype(int)
    if spec.objective in ("reg:gamma", "reg:tweedie", "count:poisson", "survival:cox", "reg:squaredlogerror"):
        return np.round(np.exp(np.clip(signal / 3, -3, 3)), 2) + 0.1
    return signal


def rows(spec: Spec, model: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Rows at the booster's boundaries, odd values and random ones."""
    random = np.random.default_rng(spec.seed + 1)
    made = np.round(random.normal(size=(90, spec.features)), 2)
    made[:, : spec.categories] = random.integers(-1, 7, size=(90, spec.categories))
    odd = random.choice(np.array((*_ODD, spec.missing)), size=made.shape)
    limits = _limits(model, spec.features)
    for row in range(30, 60):
        for feature, values in limits.items():
            made[row, feature] = random.choice(values)
    made[60:] = np.where(random.random((30, spec.features)) < 0.3, odd[60:], made[60:])
    return made


def margins(spec: Spec, count: int) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    """What rows bring as margins; None where they bring none."""
    random = np.random.default_rng(spec.seed + 2)
    made = np.where(random.random(count) < 0.3, random.choice(np.array(_ODD), size=count), random.normal(size=count))
    return made if spec.margin else None


def _limits(model: Any, features: int) -> dict[int, np.ndarray[Any, Any]]:
    trees = json.loads(model.get_booster().save_raw("json"))["learner"]["gradient_booster"]
    trees = trees.get("gbtree", trees)["model"].get("trees", ())
    found: dict[int, list[float]] = {}
    for tree in trees:
        splits = zip(tree["left_children"], tree["split_indices"], tree["split_conditions"], strict=True)
        for left, feature, limit in splits:
            if left != -1 and feature < features:
                at = np.float32(limit)
                below = np.nextafter(at, np.float32(-np.inf))
                middle = (float(at) + float(below)) / 2
                near = (np.nextafter(middle, -np.inf), middle, np.nextafter(middle, np.inf))
                found.setdefault(feature, []).extend((float(at), float(below), *map(float, near)))
    return {feature: np.array(values) for feature, values in found.items()}


def document(model: Any, features: int, folder: Path) -> bytes:
    """The document of a model of `xgboost.spark` alone, on a vector column `features`."""
    (folder / "model").mkdir()
    (folder / "model" / "part-00000").write_bytes(bytes(model.get_booster().save_raw("json")))
    return document_of(model, features, folder, xgboost_model.write)


def document_of(model: Any, features: int, folder: Path, writer: StageWriter) -> bytes:
    """The document of a model alone that is saved in a folder, on a vector column `features`."""
    params = {param.name: value for param, value in model.extractParamMap().items()}
    saved = Saved(folder, type(model).__name__, model.uid, params, frozenset(params))
    before = StructType([StructField("features", VectorUDT()), StructField("margin", DoubleType())])
    session: Any = None
    stage = Stage(saved, model, before, session, 0, {"features": features})
    nodes = writer(stage)
    kinds = [StructField("prediction", DoubleType()), StructField("probability", VectorUDT())]
    after = StructType([*before, *kinds, StructField("rawPrediction", VectorUDT())])
    made = {name for node in nodes for name in node.writes}
    after = StructType([field for field in after if field.name in made])
    outputs = spark_outputs(nodes, after, stage.vectors)
    whole = PmmlDocument.without_model()
    inputs = [Input("features", "vector", features)]
    if params.get("base_margin_col"):
        inputs.append(Input("margin", "double"))
    embed(whole, Plan(tuple(inputs), tuple(nodes), tuple(outputs), dict(_SESSION)))
    return whole.to_bytes()


def predicted(
    spec: Spec, model: Any, x: np.ndarray[Any, Any], margin: np.ndarray[Any, Any] | None
) -> tuple[dict[str, list[float | None]], frozenset[int]]:
    """What Spark's columns would be, by output, and the rows that XGBoost refuses."""
    with np.errstate(over="ignore"):
        narrow = x.astype(np.float32)
    predict, learner = model._get_predict_func(), model._xgb_sklearn_model
    learner.set_params(missing=0.0 if spec.sparse else spec.missing)
    refused = np.isinf(narrow).any(axis=1) & (spec.booster == "gblinear")
    out = predict(learner, narrow[~refused], None if margin is None else pd.Series(margin[~refused]))
    columns: dict[str, list[float | None]] = {}
    if isinstance(model, SparkXGBClassifierModel):
        columns["prediction"] = [float(value) for value in out["prediction"]]
        for place in range(len(out["probability"].iloc[0])):
            columns[f"probability({place})"] = [float(values[place]) for values in out["probability"]]
            columns[f"rawPrediction[{place}]"] = [float(values[place]) for values in out["rawPrediction"]]
    else:
        # On its way to Spark NaN becomes null.
        columns["prediction"] = [None if np.isnan(value) else float(value) for value in out]
    places = iter(range(len(x)))
    found = {row: next(places) for row in range(len(x)) if not refused[row]}
    whole = {
        name: [values[found[row]] if row in found else None for row in range(len(x))]
        for name, values in columns.items()
    }
    return whole, frozenset(np.flatnonzero(refused).tolist())
