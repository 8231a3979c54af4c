"""Decision trees, random forests and gradient boosted trees."""

from pyspark.ml.classification import DecisionTreeClassifier, GBTClassifier, RandomForestClassifier
from pyspark.ml.regression import DecisionTreeRegressor, GBTRegressor, RandomForestRegressor

from tools.golden.cases.case import CANCER, CONTEXT, DIABETES, DIGITS, IRIS, NUMBERS, WINE, Case, Stage
from tools.golden.cases.preparation import assembled, encoded, indexed

_EVENT = (*CONTEXT, *NUMBERS)


def _on_categories(name: str, model: Stage, label: str | None, invalid: str = "keep") -> Case:
    return Case(
        name,
        "events",
        _EVENT,
        [
            indexed(invalid),
            assembled(("hour", "device_index", "country_index", "referrer_index", *NUMBERS[:3]), invalid),
            model,
        ],
        label=label,
        sample=50,
        complete=invalid == "error",
    )


def _on_one_hot(name: str, model: Stage) -> Case:
    return Case(
        name,
        "events",
        _EVENT,
        [
            indexed("keep"),
            encoded("keep", False),
            assembled((*NUMBERS, "device_hot", "country_hot", "referrer_hot", "hour"), "keep"),
            model,
        ],
        sample=50,
    )


def cases() -> tuple[Case, ...]:
    return (
        Case("tree_classifier", "wine", WINE, [assembled(WINE), DecisionTreeClassifier(maxDepth=4, seed=1)]),
        _on_categories("tree_classifier_categories", DecisionTreeClassifier(maxDepth=6, seed=1), "label"),
        Case(
            "tree_classifier_thresholds",
            "iris",
            IRIS,
            [assembled(IRIS), DecisionTreeClassifier(maxDepth=3, seed=1).setThresholds([0.5, 0.2, 0.7])],
        ),
        Case(
            "tree_regressor",
            "diabetes",
            DIABETES,
            [assembled(DIABETES, "keep"), DecisionTreeRegressor(maxDepth=5, seed=1)],
        ),
        _on_categories(
            "tree_regressor_categories", DecisionTreeRegressor(labelCol="clicks", maxDepth=5, seed=1), "clicks"
        ),
        Case(
            "forest_classifier",
            "breast_cancer",
            CANCER,
            [assembled(CANCER), RandomForestClassifier(numTrees=15, maxDepth=5, seed=1)],
            sample=40,
        ),
        Case(
            "forest_classifier_digits",
            "digits",
            DIGITS,
            [assembled(DIGITS), RandomForestClassifier(numTrees=8, maxDepth=5, seed=1)],
            sample=30,
        ),
        _on_categories(
            "forest_classifier_categories", RandomForestClassifier(numTrees=10, maxDepth=5, seed=1), "label"
        ),
        Case(
            "forest_classifier_thresholds",
            "wine",
            WINE,
            [assembled(WINE), RandomForestClassifier(numTrees=7, maxDepth=3, seed=1).setThresholds([0.6, 0.3, 0.2])],
        ),
        Case(
            "forest_regressor",
            "diabetes",
            DIABETES,
            [assembled(DIABETES, "keep"), RandomForestRegressor(numTrees=12, maxDepth=5, seed=1)],
        ),
        _on_categories(
            "forest_regressor_categories",
            RandomForestRegressor(labelCol="clicks", numTrees=9, maxDepth=4, seed=1),
            "clicks",
            "error",
        ),
        Case(
            "gbt_classifier",
            "breast_cancer",
            CANCER,
            [assembled(CANCER), GBTClassifier(maxIter=20, maxDepth=4, seed=1)],
            sample=40,
        ),
        _on_categories("gbt_classifier_categories", GBTClassifier(maxIter=13, maxDepth=4, seed=1), "label"),
        _on_one_hot("gbt_classifier_one_hot", GBTClassifier(maxIter=10, maxDepth=4, stepSize=0.3, seed=1)),
        Case(
            "gbt_classifier_thresholds",
            "breast_cancer",
            CANCER[:10],
            [assembled(CANCER[:10]), GBTClassifier(maxIter=6, maxDepth=3, seed=1).setThresholds([0.3, 0.7])],
        ),
        Case(
            "gbt_regressor",
            "diabetes",
            DIABETES,
            [assembled(DIABETES, "keep"), GBTRegressor(maxIter=20, maxDepth=3, seed=1)],
        ),
        _on_categories(
            "gbt_regressor_categories", GBTRegressor(labelCol="clicks", maxIter=11, maxDepth=4, seed=1), "clicks"
        ),
    )
