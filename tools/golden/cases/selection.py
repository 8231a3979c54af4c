"""Stages that choose, index and rearrange the elements of a vector."""

from pyspark.ml import feature
from pyspark.ml.classification import DecisionTreeClassifier, LogisticRegression
from pyspark.ml.feature import (
    DCT,
    ChiSqSelector,
    ElementwiseProduct,
    IndexToString,
    Normalizer,
    PolynomialExpansion,
    RFormula,
    RobustScaler,
    SQLTransformer,
    StringIndexer,
    UnivariateFeatureSelector,
    VarianceThresholdSelector,
    VectorIndexer,
    VectorSizeHint,
    VectorSlicer,
)
from pyspark.ml.linalg import Vectors
from pyspark.ml.regression import LinearRegression

from tools.golden.cases.case import CANCER, CONTEXT, DIABETES, DIGITS, GENRES, IRIS, NUMBERS, WINE, Case
from tools.golden.cases.preparation import assembled, encoded, indexed

_HAS_TARGET_ENCODER = hasattr(feature, "TargetEncoder")
"""Spark has it from 4.0 on."""
_SIZED = ("item_likes", "item_mean_rating", "user_ratings")


def _sized(invalid: str) -> Case:
    return Case(
        f"vector_size_hint_{invalid}",
        "events",
        _SIZED,
        [
            assembled(_SIZED, "keep", "sized"),
            VectorSizeHint(inputCol="sized", size=3, handleInvalid=invalid),
            assembled(("sized",), "keep"),
            LogisticRegression(regParam=1e-3),
        ],
    )


def _vector_indexed(invalid: str) -> Case:
    return Case(
        f"vector_indexer_{invalid}",
        "events",
        ("hour", "weekday", "item_likes", "genre_drama"),
        [
            assembled(("hour", "weekday", "item_likes", "genre_drama"), "keep", "raw"),
            VectorIndexer(inputCol="raw", outputCol="features", maxCategories=8, handleInvalid=invalid),
            DecisionTreeClassifier(maxDepth=5, seed=1),
        ],
        complete=True,
        edges={"weekday": [9, -1], "genre_drama": [0.5, -0.0]},
    )


def _normalized(name: str, p: float, table: str, columns: tuple[str, ...]) -> Case:
    return Case(
        name,
        table,
        columns,
        [
            assembled(columns, "keep", "raw"),
            Normalizer(p=p, inputCol="raw", outputCol="features"),
            LogisticRegression(regParam=1e-2, maxIter=20),
        ],
        sample=40,
    )


def _cosine(name: str, table: str, columns: tuple[str, ...], *, inverse: bool = False) -> Case:
    return Case(
        name,
        table,
        columns,
        [
            assembled(columns, "keep", "raw"),
            DCT(inverse=inverse, inputCol="raw", outputCol="features"),
            LogisticRegression(regParam=1e-2, maxIter=20),
        ],
        sample=30,
    )


def _target_encoded(invalid: str, target: str) -> Case:
    """Hours and weekdays are complete; decades of films are not, so that null has an encoding of its own."""
    return Case(
        f"target_encoder_{invalid}",
        "events",
        ("hour", "weekday", "item_likes", "item_year"),
        [
            SQLTransformer(statement="SELECT *, floor(item_year / 10) AS decade FROM __THIS__"),
            feature.TargetEncoder(
                inputCols=["hour", "weekday", "decade"],
                outputCols=["hour_rate", "weekday_rate", "decade_rate"],
                labelCol=target,
                targetType="binary" if target == "label" else "continuous",
                handleInvalid=invalid,
                smoothing=2.5,
            ),
            assembled(("hour_rate", "weekday_rate", "decade_rate", "item_likes"), "keep"),
            LogisticRegression(regParam=1e-3),
        ],
        label="label",
        edges={"weekday": [9, -1, 2**31 - 1], "hour": [24, -1], "item_year": [1700.0]},
        sample=30,
    )


def cases() -> tuple[Case, ...]:
    return (
        _cosine("dct", "digits", DIGITS[:16]),
        _cosine("dct_of_thirteen", "wine", WINE),
        _cosine("dct_inverse", "breast_cancer", CANCER[:6], inverse=True),
        *(_target_encoded(*given) for given in (("keep", "clicks"), ("error", "label")) if _HAS_TARGET_ENCODER),
        _normalized("normalizer", 2.0, "wine", WINE),
        _normalized("normalizer_absolute", 1.0, "digits", DIGITS[:24]),
        _normalized("normalizer_largest", float("inf"), "digits", DIGITS[:24]),
        _normalized("normalizer_cubes", 3.0, "iris", IRIS),
        Case(
            "vector_slicer",
            "wine",
            WINE,
            [
                assembled(WINE, output="raw"),
                VectorSlicer(inputCol="raw", outputCol="features", indices=[12, 0, 6, 9, 1]),
                LogisticRegression(regParam=1e-2, maxIter=50),
            ],
        ),
        _vector_indexed("error"),
        _vector_indexed("keep"),
        _vector_indexed("skip"),
        _sized("error"),
        _sized("optimistic"),
        Case(
            "r_formula",
            "events",
            (*CONTEXT, *NUMBERS),
            [
                RFormula(formula="label ~ item_likes + device + country:item_likes + hour", handleInvalid="error"),
                LogisticRegression(regParam=1e-3),
            ],
            complete=True,
        ),
        Case(
            "r_formula_keep",
            "events",
            (*CONTEXT, *NUMBERS),
            [
                RFormula(formula="label ~ user_ratings + device + referrer:country", handleInvalid="keep"),
                LogisticRegression(regParam=1e-3),
            ],
        ),
        Case(
            "chi_squared_selector",
            "events",
            (*CONTEXT, *GENRES),
            [
                indexed("keep", ("device", "referrer")),
                encoded("keep", False, ("device", "referrer")),
                assembled(("hour", "weekday", *GENRES, "device_hot", "referrer_hot"), "keep", "raw"),
                ChiSqSelector(numTopFeatures=7, featuresCol="raw", outputCol="features"),
                LogisticRegression(regParam=1e-3),
            ],
        ),
        Case(
            "univariate_selector",
            "breast_cancer",
            CANCER,
            [
                assembled(CANCER, output="raw"),
                UnivariateFeatureSelector(featuresCol="raw", outputCol="features", selectionMode="numTopFeatures")
                .setFeatureType("continuous")
                .setLabelType("categorical")
                .setSelectionThreshold(6),
                LogisticRegression(regParam=1e-2),
            ],
        ),
        Case(
            "index_to_string",
            "iris",
            IRIS,
            [
                StringIndexer(inputCol="kind", outputCol="kind_index", stringOrderType="alphabetAsc"),
                assembled(IRIS),
                LogisticRegression(labelCol="kind_index", regParam=1e-2),
                IndexToString(inputCol="prediction", outputCol="name", labels=["setosa", "versicolor", "virginica"]),
            ],
            label="kind",
        ),
        Case(
            "robust_scaler",
            "wine",
            WINE,
            [
                assembled(WINE, output="raw"),
                RobustScaler(inputCol="raw", outputCol="features", withCentering=True),
                LogisticRegression(regParam=1e-2),
            ],
        ),
        Case(
            "elementwise_product",
            "wine",
            WINE[:5],
            [
                assembled(WINE[:5], output="raw"),
                ElementwiseProduct(
                    scalingVec=Vectors.dense([0.1, 1.0 / 3.0, 7.0, -0.01, 1e-3]), inputCol="raw", outputCol="features"
                ),
                LogisticRegression(regParam=1e-2),
            ],
        ),
        Case(
            "polynomial_expansion",
            "diabetes",
            DIABETES[2:5],
            [
                assembled(DIABETES[2:5], output="raw"),
                PolynomialExpansion(degree=3, inputCol="raw", outputCol="features"),
                LinearRegression(regParam=0.1),
            ],
        ),
        Case(
            "polynomial_expansion_sparse",
            "events",
            (*CONTEXT, *NUMBERS),
            [
                indexed("keep", ("device",)),
                encoded("keep", False, ("device",)),
                assembled((*NUMBERS[:2], "device_hot"), "keep", "raw"),
                PolynomialExpansion(inputCol="raw", outputCol="features"),
                LogisticRegression(regParam=1e-2, maxIter=20),
            ],
            complete=True,
            sample=40,
        ),
        Case(
            "variance_selector",
            "digits",
            DIGITS[:24],
            [
                assembled(DIGITS[:24], "keep", "raw"),
                VarianceThresholdSelector(varianceThreshold=3.0, featuresCol="raw", outputCol="features"),
                LogisticRegression(regParam=1e-2, maxIter=20),
            ],
            sample=30,
        ),
        Case(
            "sparse_and_dense_rows",
            "digits",
            DIGITS[:24],
            [assembled(DIGITS[:24]), LogisticRegression(regParam=1e-2, maxIter=20)],
        ),
        Case(
            "vectors_of_vectors",
            "events",
            (*CONTEXT, *NUMBERS),
            [
                indexed("keep"),
                encoded("keep", True),
                assembled(("device_hot", "hour", "referrer_hot"), "keep", "first"),
                assembled((*NUMBERS, "country_hot"), "keep", "second"),
                assembled(("first", "second", "weekday"), "keep"),
                LogisticRegression(regParam=1e-3),
            ],
        ),
    )
