"""Logistic and linear regression and the linear support vector machine."""

from pyspark.ml.classification import LinearSVC, LogisticRegression
from pyspark.ml.regression import LinearRegression

from tools.golden.cases.case import CANCER, CONTEXT, DIABETES, DIGITS, IRIS, NUMBERS, WINE, Case
from tools.golden.cases.preparation import assembled, encoded, indexed


def cases() -> tuple[Case, ...]:
    return (
        Case("logistic", "breast_cancer", CANCER, [assembled(CANCER), LogisticRegression(regParam=1e-2)], sample=50),
        Case(
            "logistic_no_intercept",
            "breast_cancer",
            CANCER[:9],
            [assembled(CANCER[:9]), LogisticRegression(regParam=1e-2, fitIntercept=False)],
        ),
        Case(
            "logistic_threshold",
            "breast_cancer",
            CANCER[:7],
            [assembled(CANCER[:7]), LogisticRegression(regParam=1e-2, threshold=0.8)],
        ),
        Case(
            "logistic_thresholds",
            "breast_cancer",
            CANCER[:8],
            [assembled(CANCER[:8]), LogisticRegression(regParam=1e-2, thresholds=[0.3, 0.6])],
        ),
        Case(
            "logistic_sparse_weights",
            "breast_cancer",
            CANCER,
            [assembled(CANCER), LogisticRegression(regParam=0.1, elasticNetParam=1.0, maxIter=60)],
            sample=40,
        ),
        Case("multinomial_iris", "iris", IRIS, [assembled(IRIS), LogisticRegression(regParam=1e-3)]),
        Case("multinomial_wine", "wine", WINE, [assembled(WINE), LogisticRegression(regParam=1e-2, maxIter=50)]),
        Case(
            "multinomial_digits",
            "digits",
            DIGITS,
            [assembled(DIGITS), LogisticRegression(regParam=1e-2, maxIter=25)],
            sample=30,
        ),
        Case(
            "multinomial_thresholds",
            "wine",
            WINE[:6],
            [assembled(WINE[:6]), LogisticRegression(regParam=1e-2, thresholds=[0.2, 0.5, 0.3], maxIter=50)],
        ),
        Case(
            "multinomial_two_classes",
            "breast_cancer",
            CANCER[:10],
            [assembled(CANCER[:10]), LogisticRegression(family="multinomial", regParam=1e-2)],
        ),
        Case(
            "multinomial_categories",
            "events",
            (*CONTEXT, *NUMBERS[:3]),
            [
                indexed("keep"),
                encoded("keep", False),
                assembled((*NUMBERS[:3], "device_hot", "country_hot", "referrer_hot", "hour"), "keep"),
                LogisticRegression(labelCol="rating_class", regParam=1e-3),
            ],
            label="rating_class",
        ),
        Case("linear_regression", "diabetes", DIABETES, [assembled(DIABETES), LinearRegression(regParam=0.1)]),
        Case(
            "linear_regression_no_intercept",
            "diabetes",
            DIABETES[:5],
            [assembled(DIABETES[:5]), LinearRegression(fitIntercept=False)],
        ),
        Case(
            "linear_regression_categories",
            "events",
            (*CONTEXT, *NUMBERS),
            [
                indexed("keep"),
                encoded("keep", False),
                assembled((*NUMBERS[:3], "device_hot", "country_hot", "referrer_hot", "hour"), "keep"),
                LinearRegression(labelCol="clicks", regParam=1e-3, elasticNetParam=0.5),
            ],
            label="clicks",
        ),
        Case(
            "linear_svc", "breast_cancer", CANCER[:11], [assembled(CANCER[:11]), LinearSVC(regParam=0.01, maxIter=40)]
        ),
        Case(
            "linear_svc_threshold",
            "breast_cancer",
            CANCER[:5],
            [assembled(CANCER[:5]), LinearSVC(regParam=0.01, maxIter=40, threshold=0.5)],
        ),
    )
