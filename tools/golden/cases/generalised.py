"""Generalised linear regression: every family with every link that it takes."""

from pyspark.ml.regression import GeneralizedLinearRegression

from tools.golden.cases.case import CANCER, CONTEXT, DIABETES, NUMBERS, WINE, Case
from tools.golden.cases.preparation import assembled, encoded, indexed


def _mixed(family: str, link: str, label: str) -> Case:
    """Numbers and categories, so that rows are dense or sparse."""
    return Case(
        f"glm_{family}_{link}",
        "events",
        (*CONTEXT, *NUMBERS),
        [
            indexed("keep", ("device", "referrer")),
            encoded("keep", False, ("device", "referrer")),
            assembled(("user_liked_share", "item_mean_rating", "device_hot", "referrer_hot", "hour"), "keep"),
            GeneralizedLinearRegression(family=family, link=link, labelCol=label, regParam=0.01, maxIter=15),
        ],
        label=label,
        sample=40,
    )


def _numeric(family: str, link: str, table: str, columns: tuple[str, ...], label: str = "label") -> Case:
    return Case(
        f"glm_{family}_{link}",
        table,
        columns,
        [
            assembled(columns),
            GeneralizedLinearRegression(family=family, link=link, labelCol=label, regParam=0.01, maxIter=15),
        ],
        label=None if label in columns else label,
        sample=40,
    )


def _tweedie(variance: float, link: float) -> Case:
    return Case(
        f"glm_tweedie_{variance:g}_{link:g}".replace(".", "_").replace("-", "minus_"),
        "diabetes",
        DIABETES[2:7],
        [
            assembled(DIABETES[2:7]),
            GeneralizedLinearRegression(
                family="tweedie", variancePower=variance, linkPower=link, regParam=0.01, maxIter=15
            ),
        ],
        sample=40,
    )


def cases() -> tuple[Case, ...]:
    return (
        _numeric("gaussian", "identity", "diabetes", DIABETES),
        _numeric("gaussian", "log", "diabetes", DIABETES),
        _numeric("gaussian", "inverse", "diabetes", DIABETES[2:5]),
        _mixed("binomial", "logit", "label"),
        _mixed("binomial", "probit", "label"),
        _mixed("binomial", "cloglog", "label"),
        _numeric("poisson", "identity", "wine", (*WINE[:3], "hue"), "magnesium"),
        _mixed("poisson", "log", "clicks"),
        _numeric("poisson", "sqrt", "breast_cancer", CANCER[1:5], "worst_radius"),
        _numeric("gamma", "identity", "wine", WINE[:4], "proline"),
        _numeric("gamma", "log", "diabetes", DIABETES[1:8]),
        _numeric("gamma", "inverse", "diabetes", DIABETES[2:6]),
        _tweedie(1.5, 0.0),
        _tweedie(1.6, -0.6),
        _tweedie(2.0, 0.5),
        Case(
            "glm_tweedie_link_by_variance",
            "diabetes",
            DIABETES[2:7],
            [
                assembled(DIABETES[2:7], "keep"),
                GeneralizedLinearRegression(family="tweedie", variancePower=1.3, regParam=0.01, maxIter=15),
            ],
            sample=40,
        ),
        Case(
            "glm_default_link_and_offset",
            "events",
            (*CONTEXT, *NUMBERS),
            [
                indexed("keep", ("device",)),
                encoded("keep", False, ("device",)),
                assembled(("user_liked_share", "device_hot", "hour"), "keep"),
                GeneralizedLinearRegression(
                    family="poisson",
                    offsetCol="item_mean_rating",
                    labelCol="clicks",
                    linkPredictionCol="linear",
                    regParam=0.01,
                    maxIter=15,
                ),
            ],
            label="clicks",
            complete=True,
            sample=40,
        ),
    )
