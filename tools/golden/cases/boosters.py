"""Boosters of other libraries: `xgboost.spark`, by the wheels of two major versions, and LightGBM."""

from typing import Any

import lightgbm
import numpy as np
from pyspark.ml import Estimator
from pyspark.ml.feature import IndexToString, StringIndexer
from pyspark.sql import DataFrame
from xgboost import XGBRegressor
from xgboost.spark import SparkXGBClassifier, SparkXGBRanker, SparkXGBRegressor
from xgboost.spark.estimator import SparkXGBRegressorModel

from pillion.lightgbm import LightGBMClassificationModel, LightGBMRegressionModel
from tools.golden.cases.case import CANCER, CONTEXT, DIABETES, IRIS, NUMBERS, WINE, Case, Stage
from tools.golden.cases.preparation import assembled, encoded, indexed
from tools.golden.tables import table

_OLD = "2.1"
"""The wheel of an earlier major version by which some cases are recorded."""
_COMMON: dict[str, Any] = {"force_repartition": True, "verbosity": 0, "verbose": False}
_EVENT = (*CONTEXT, *NUMBERS)
_INDEXED = ("hour", "device_index", "country_index", "referrer_index", *NUMBERS[:3])
_SPARSE = (*NUMBERS, "device_hot", "country_hot", "referrer_hot", "hour")
_DART: dict[str, Any] = {"booster": "dart", "rate_drop": 0.4, "skip_drop": 0.1, "random_state": 1}


class _LightGBM(Estimator[Any]):
    """Trains a booster on the vectors of a frame, as people do before they put it into a pipeline."""

    kind: type[Any]

    def __init__(self, objective: str, label: str = "label", categories: tuple[int, ...] = (), **settings: Any) -> None:
        super().__init__()
        self._label, self._categories = label, list(categories)
        self._settings = {"objective": objective, "num_leaves": 15, "verbosity": -1, "num_threads": 1, **settings}

    def _fit(self, dataset: DataFrame) -> Any:
        rows = dataset.select("features", self._label).toPandas()
        x = np.vstack([vector.toArray() for vector in rows["features"]])
        table = lightgbm.Dataset(x, rows[self._label], categorical_feature=self._categories, params=self._settings)
        return self.kind(lightgbm.train(self._settings, table, 12))


class LightGBMClassification(_LightGBM):
    kind = LightGBMClassificationModel


class LightGBMRegression(_LightGBM):
    kind = LightGBMRegressionModel


def _classifier(trees: int = 12, **settings: Any) -> SparkXGBClassifier:
    return SparkXGBClassifier(n_estimators=trees, max_depth=4, **_COMMON, **settings)


def _regressor(trees: int = 12, **settings: Any) -> SparkXGBRegressor:
    return SparkXGBRegressor(n_estimators=trees, max_depth=4, **_COMMON, **settings)


def _linear() -> Stage:
    """A linear booster, trained here: `fit` of `xgboost.spark` refuses it, and its models take it."""
    rows = table("diabetes").rows
    fitted = XGBRegressor(n_estimators=12, booster="gblinear", updater="coord_descent", n_jobs=1, verbosity=0)
    model = SparkXGBRegressorModel(fitted.fit(rows[list(DIABETES[:3])].to_numpy(), rows["label"].to_numpy()))
    stage: Stage = _regressor()._copyValues(model)
    return stage


def _cancer(name: str, model: Stage, **settings: Any) -> Case:
    return Case(name, "breast_cancer", CANCER, [assembled(CANCER, "keep"), model], sample=40, **settings)


def _wine(name: str, model: Stage, **settings: Any) -> Case:
    return Case(name, "wine", WINE, [assembled(WINE, "keep"), model], **settings)


def _diabetes(name: str, model: Stage, **settings: Any) -> Case:
    return Case(name, "diabetes", DIABETES, [assembled(DIABETES, "keep"), model], **settings)


def _clicks(name: str, model: Stage) -> Case:
    return Case(
        name, "events", _EVENT, [indexed("keep"), assembled(_INDEXED, "keep"), model], label="clicks", sample=50
    )


def _ratings(name: str, model: Stage) -> Case:
    stages = [indexed("keep"), assembled(_INDEXED, "keep"), model]
    return Case(name, "events", _EVENT, stages, label="rating_class", sample=50)


def _margined(name: str, model: Stage, label: str) -> Case:
    """A model whose rows bring the margins that they begin with."""
    stages = [indexed("keep"), assembled(_INDEXED, "keep"), model]
    margins: dict[str, list[float | int | str | None]] = {
        "hour": [-(2**31), 2**31 - 1],
        "item_mean_rating": [0.1, 1e300, 1e-46, -3.5],
    }
    return Case(name, "events", _EVENT, stages, label=label, complete=True, sample=40, edges=margins)


def _one_hot(name: str, model: Stage) -> Case:
    return Case(
        name,
        "events",
        _EVENT,
        [indexed("keep"), encoded("keep", False), assembled(_SPARSE, "keep"), model],
        sample=50,
    )


def cases() -> tuple[Case, ...]:
    categories = ["q", "c", "c", "c", "q", "q", "q"]
    return (
        _cancer("xgboost_classifier", _classifier()),
        _wine("xgboost_multiclass", _classifier(6)),
        _diabetes("xgboost_regressor", _regressor()),
        Case(
            "xgboost_ranker",
            "events",
            _EVENT,
            [
                indexed("keep"),
                assembled(_INDEXED, "keep"),
                SparkXGBRanker(n_estimators=12, max_depth=4, qid_col="weekday", **_COMMON),
            ],
            sample=50,
        ),
        _one_hot("xgboost_one_hot", _classifier()),
        _one_hot("xgboost_missing_zero", _classifier(missing=0.0)),
        _one_hot("xgboost_sparse", _classifier(missing=0.0, enable_sparse_data_optim=True)),
        _clicks(
            "xgboost_categories",
            _regressor(feature_types=categories, max_cat_to_onehot=2, tree_method="hist"),
        ),
        _clicks(
            "xgboost_categories_one_hot",
            _regressor(feature_types=categories, max_cat_to_onehot=100, tree_method="hist"),
        ),
        _clicks("xgboost_poisson", _regressor(objective="count:poisson")),
        _clicks("xgboost_tweedie", _regressor(objective="reg:tweedie")),
        _cancer("xgboost_logistic", _regressor(objective="reg:logistic")),
        _cancer("xgboost_hinge", _regressor(objective="binary:hinge")),
        _diabetes("xgboost_absolute_error", _regressor(objective="reg:absoluteerror", num_parallel_tree=3)),
        _cancer("xgboost_dart", _classifier(**_DART)),
        _wine("xgboost_dart_multiclass", _classifier(6, **_DART)),
        _diabetes("xgboost_dart_regressor", _regressor(**_DART)),
        Case("xgboost_linear", "diabetes", DIABETES[:3], [assembled(DIABETES[:3], "keep"), _linear()], sample=30),
        _wine("xgboost_vector_leaves", _classifier(6, multi_strategy="multi_output_tree", tree_method="hist")),
        Case(
            "xgboost_columns",
            "events",
            _EVENT,
            [SparkXGBClassifier(n_estimators=12, max_depth=4, features_col=["hour", "weekday", *NUMBERS], **_COMMON)],
            sample=50,
        ),
        _margined("xgboost_base_margin", _regressor(base_margin_col="item_mean_rating"), "clicks"),
        _margined("xgboost_base_margin_classifier", _classifier(base_margin_col="HOUR"), "label"),
        Case(
            "xgboost_label_names",
            "iris",
            IRIS,
            [
                StringIndexer(inputCol="kind", outputCol="kind_index"),
                assembled(IRIS, "error"),
                _classifier(4, label_col="kind_index"),
                IndexToString(
                    inputCol="prediction", outputCol="kind_name", labels=["setosa", "versicolor", "virginica"]
                ),
            ],
            label="kind",
            sample=40,
        ),
        _cancer("lightgbm_binary", LightGBMClassification("binary")),
        _cancer(
            "lightgbm_random_forest",
            LightGBMClassification("binary", boosting="rf", bagging_freq=1, bagging_fraction=0.6),
        ),
        _wine("lightgbm_multiclass", LightGBMClassification("multiclass", num_class=3)),
        _wine("lightgbm_one_vs_all", LightGBMClassification("multiclassova", num_class=3, boosting="dart")),
        _diabetes("lightgbm_regression", LightGBMRegression("regression")),
        _diabetes("lightgbm_square_root", LightGBMRegression("regression_l1", reg_sqrt=True)),
        _diabetes("lightgbm_poisson", LightGBMRegression("poisson")),
        _ratings("lightgbm_categories", LightGBMRegression("regression", "rating_class", (0, 1, 2, 3))),
        _ratings("lightgbm_missing_zero", LightGBMRegression("regression", "rating_class", zero_as_missing=True)),
        _one_hot("lightgbm_one_hot", LightGBMClassification("binary")),
        _cancer("xgboost2_classifier", _classifier(), recorder=_OLD),
        _wine("xgboost2_multiclass", _classifier(6), recorder=_OLD),
        _diabetes("xgboost2_dart_regressor", _regressor(**_DART), recorder=_OLD),
        _wine("xgboost2_vector_leaves", _classifier(6, multi_strategy="multi_output_tree"), recorder=_OLD),
    )
