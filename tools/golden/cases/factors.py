"""Models by factors, survival times, and models of one class or of a classifier a class."""

from typing import Any

from pyspark.ml.classification import (
    DecisionTreeClassifier,
    FMClassifier,
    LinearSVC,
    LogisticRegression,
    OneVsRest,
    RandomForestClassifier,
)
from pyspark.ml.feature import MinMaxScaler, StringIndexer
from pyspark.ml.recommendation import ALS
from pyspark.ml.regression import AFTSurvivalRegression, FMRegressor

from tools.golden.cases.case import CANCER, CONTEXT, DIABETES, IRIS, NUMBERS, WINE, Case, Stage
from tools.golden.cases.preparation import assembled, encoded, indexed


def _one_vs_rest(name: str, classifier: Any) -> Case:
    return Case(name, "wine", WINE[:7], [assembled(WINE[:7], "keep"), OneVsRest(classifier=classifier)], sample=40)


def _als(strategy: str) -> Case:
    return Case(
        f"als_{strategy}",
        "ratings",
        ("user_id", "item_id"),
        [
            ALS(userCol="user_id", itemCol="item_id", ratingCol="rating", rank=5, maxIter=3, seed=1)
            .setColdStartStrategy(strategy)
        ],
        label="rating",
        sample=110,
        edges={"user_id": [-1, 0, 2**31 - 1], "item_id": [-1, 0, -(2**31)]},
    )  # fmt: skip


def _one_class(name: str, label: str, model: Stage) -> Case:
    return Case(name, "one_class", IRIS, [assembled(IRIS), model], label=label, sample=20)


def cases() -> tuple[Case, ...]:
    return (
        _one_vs_rest("one_vs_rest", LogisticRegression(regParam=1e-2, maxIter=20)),
        _one_vs_rest("one_vs_rest_svc", LinearSVC(regParam=1e-2, maxIter=10)),
        _one_vs_rest("one_vs_rest_forest", RandomForestClassifier(numTrees=4, maxDepth=3, seed=1)),
        Case(
            "fm_classifier",
            "breast_cancer",
            CANCER[:8],
            [
                assembled(CANCER[:8], "keep", "raw"),
                MinMaxScaler(inputCol="raw", outputCol="features"),
                FMClassifier(factorSize=3, maxIter=20, stepSize=0.1, seed=1),
            ],
        ),
        Case(
            "fm_classifier_thresholds",
            "events",
            (*CONTEXT, *NUMBERS),
            [
                indexed("keep", ("device", "referrer")),
                encoded("keep", False, ("device", "referrer")),
                assembled((*NUMBERS[:2], "device_hot", "referrer_hot"), "keep"),
                FMClassifier(factorSize=2, maxIter=10, seed=1, thresholds=[0.7, 0.4]),
            ],
            complete=True,
            sample=40,
        ),
        Case(
            "fm_regressor",
            "diabetes",
            DIABETES,
            [assembled(DIABETES, "keep"), FMRegressor(factorSize=4, maxIter=20, seed=1)],
        ),
        Case(
            "aft_survival",
            "events",
            (*CONTEXT, *NUMBERS[:3]),
            [
                indexed("keep", ("device",)),
                encoded("keep", False, ("device",)),
                assembled((*NUMBERS[:3], "device_hot"), "keep"),
                AFTSurvivalRegression(
                    labelCol="item_mean_rating", censorCol="label", quantilesCol="quantiles",
                    quantileProbabilities=[0.01, 0.25, 0.5, 0.9], maxIter=15,
                ),
            ],
            label="item_mean_rating",
            complete=True,
        ),
        _als("nan"),
        _als("drop"),
        _one_class("one_class_logistic_zero", "zero", LogisticRegression(labelCol="zero")),
        _one_class("one_class_logistic_one", "one", LogisticRegression(labelCol="one")),
        _one_class("one_class_forest", "zero", RandomForestClassifier(labelCol="zero", numTrees=3, seed=1)),
        Case(
            "one_class_tree",
            "one_class",
            IRIS,
            [
                StringIndexer(inputCol="only", outputCol="label"),
                assembled(IRIS),
                DecisionTreeClassifier(labelCol="label", seed=1),
            ],
            label="only",
            sample=20,
        ),
    )  # fmt: skip
