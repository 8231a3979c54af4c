"""Pipelines of several models: one's output is another's input."""

from typing import Any

from pyspark.ml.classification import LogisticRegression
from pyspark.ml.clustering import KMeans
from pyspark.ml.evaluation import MulticlassClassificationEvaluator, RegressionEvaluator
from pyspark.ml.feature import Bucketizer, OneHotEncoder, SQLTransformer, VectorAssembler
from pyspark.ml.regression import DecisionTreeRegressor, GBTRegressor, LinearRegression
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder, TrainValidationSplit

from tools.golden.cases.case import CONTEXT, DIABETES, IRIS, NUMBERS, WINE, Case
from tools.golden.cases.preparation import assembled, encoded, indexed


def _tried(model: Any, name: str, values: list[float]) -> dict[str, Any]:
    """What a tuning of one parameter takes."""
    grid = ParamGridBuilder().addGrid(model.getParam(name), values).build()
    return {"estimator": model, "estimatorParamMaps": grid, "seed": 1}


def cases() -> tuple[Case, ...]:
    return (
        Case(
            "tuned_by_cross_validation",
            "iris",
            IRIS,
            [
                assembled(IRIS),
                CrossValidator(
                    evaluator=MulticlassClassificationEvaluator(),
                    numFolds=2,
                    **_tried(LogisticRegression(maxIter=10), "regParam", [0.01, 0.3]),
                ),
            ],
        ),
        Case(
            "tuned_by_a_split",
            "diabetes",
            DIABETES,
            [
                assembled(DIABETES),
                TrainValidationSplit(
                    evaluator=RegressionEvaluator(),
                    **_tried(DecisionTreeRegressor(seed=1), "maxDepth", [2, 3]),
                ),
            ],
        ),
        Case(
            "columns_by_other_names",
            "named",
            ("sepal.length", "sepal width", "Petal", "petal_width"),
            [
                SQLTransformer(
                    statement="SELECT *, `SEPAL.length` * 2 AS `twice.as long`, petal - `Sepal Width` AS difference"
                    " FROM __THIS__"
                ),
                SQLTransformer(
                    statement="SELECT * EXCEPT (petal_width, petal), PETAL_WIDTH + difference AS petal_width,"
                    " Petal / 2 AS Petal FROM __THIS__"
                ),
                Bucketizer(inputCol="PETAL", outputCol="petal.range", splits=[float("-inf"), 1.0, 2.5, float("inf")]),
                VectorAssembler(
                    inputCols=["`sepal.length`", "petal_WIDTH", "`twice.as long`", "`petal.range`"],
                    outputCol="features",
                    handleInvalid="keep",
                ),
                LogisticRegression(labelCol="Kind", maxIter=20),
            ],
            label="Kind",
            since="4.0",  # `* EXCEPT`
        ),
        Case(
            "chain_regression_then_logistic",
            "events",
            (*CONTEXT, *NUMBERS),
            [
                indexed("keep", ("device", "referrer")),
                encoded("keep", False, ("device", "referrer")),
                assembled(("user_ratings", "user_liked_share", "device_hot"), "keep", "first"),
                LinearRegression(featuresCol="first", labelCol="clicks", predictionCol="expected", regParam=0.01),
                assembled(("expected", "item_likes", "referrer_hot")),
                LogisticRegression(regParam=1e-3),
            ],
        ),
        Case(
            "chain_cluster_then_logistic",
            "wine",
            WINE,
            [
                assembled(WINE[:6], output="first"),
                KMeans(k=4, seed=1, featuresCol="first", predictionCol="cluster"),
                OneHotEncoder(inputCols=["cluster"], outputCols=["cluster_hot"], dropLast=False),
                assembled((*WINE[6:], "cluster_hot")),
                LogisticRegression(regParam=1e-2, maxIter=50),
            ],
        ),
        Case(
            "chain_trees_then_linear",
            "diabetes",
            DIABETES,
            [
                assembled(DIABETES[:5], output="first"),
                DecisionTreeRegressor(featuresCol="first", predictionCol="tree", maxDepth=3, seed=1),
                assembled(DIABETES[5:], output="second"),
                GBTRegressor(featuresCol="second", predictionCol="boosted", maxIter=5, maxDepth=2, seed=1),
                assembled(("tree", "boosted", "bmi")),
                LinearRegression(regParam=0.01),
            ],
        ),
        Case(
            "chain_probability_as_feature",
            "events",
            (*CONTEXT, *NUMBERS),
            [
                assembled(NUMBERS[:2], output="first"),
                LogisticRegression(
                    featuresCol="first",
                    predictionCol="first_prediction",
                    probabilityCol="first_probability",
                    rawPredictionCol="first_raw",
                    regParam=1e-3,
                ),
                VectorAssembler(inputCols=["first_probability", *NUMBERS[2:], "hour"], outputCol="features"),
                LogisticRegression(regParam=1e-3),
            ],
        ),
        Case(
            "chain_regression_cut_in_buckets",
            "diabetes",
            DIABETES,
            [
                assembled(DIABETES[:6], output="first"),
                LinearRegression(featuresCol="first", predictionCol="level", regParam=0.1),
                Bucketizer(
                    splits=[float("-inf"), 100.0, 150.0, 200.0, float("inf")], inputCol="level", outputCol="band"
                ),
                assembled(("band", "level", "s4", "s5", "s6")),
                LinearRegression(regParam=0.01),
            ],
        ),
        Case(
            "chain_sql_of_prediction",
            "diabetes",
            DIABETES,
            [
                assembled(DIABETES[:6], output="first"),
                LinearRegression(featuresCol="first", predictionCol="level", regParam=0.1),
                SQLTransformer(statement="SELECT *, level * bmi AS product FROM __THIS__"),
                assembled(("product", "s4", "s5")),
                LinearRegression(regParam=0.01),
            ],
        ),
    )
