"""Stages that prepare columns, with each setting of handleInvalid, in front of a linear model."""

from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import (
    Binarizer,
    Bucketizer,
    Imputer,
    Interaction,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    QuantileDiscretizer,
    SQLTransformer,
    StandardScaler,
    StringIndexer,
    VectorAssembler,
)
from pyspark.ml.regression import LinearRegression

from pillion.demo import ranker
from pillion.demo.tables import CONTEXT as ONLINE
from pillion.demo.tables import ITEM_FEATURES, USER_FEATURES
from tools.golden.cases.case import CANCER, CONTEXT, GENRES, NUMBERS, WINE, Case, Stage

_TEXTS = ("device", "country", "referrer")


def indexed(invalid: str, columns: tuple[str, ...] = _TEXTS, order: str = "frequencyDesc") -> StringIndexer:
    return StringIndexer(
        inputCols=list(columns),
        outputCols=[f"{c}_index" for c in columns],
        handleInvalid=invalid,
        stringOrderType=order,
    )


def encoded(invalid: str, drop_last: bool, columns: tuple[str, ...] = _TEXTS) -> OneHotEncoder:
    return OneHotEncoder(
        inputCols=[f"{c}_index" for c in columns],
        outputCols=[f"{c}_hot" for c in columns],
        handleInvalid=invalid,
        dropLast=drop_last,
    )


def assembled(columns: tuple[str, ...], invalid: str = "error", output: str = "features") -> VectorAssembler:
    return VectorAssembler(inputCols=list(columns), outputCol=output, handleInvalid=invalid)


def _logistic(regularised: float = 1e-3) -> LogisticRegression:
    return LogisticRegression(regParam=regularised, maxIter=40)


def _categories(invalid: str, encoder: str, drop_last: bool, vector: str, order: str) -> list[Stage]:
    return [
        indexed(invalid, order=order),
        encoded(encoder, drop_last),
        assembled((*NUMBERS, "device_hot", "country_hot", "referrer_hot"), vector),
        _logistic(),
    ]


def _bucketed(invalid: str) -> list[Stage]:
    return [
        Bucketizer(
            splitsArray=[[0.0, 6.0, 12.0, 18.0, 24.0], [float("-inf"), 1.5, 3.25, float("inf")]],
            inputCols=["hour", "item_likes"],
            outputCols=["daypart", "popularity"],
            handleInvalid=invalid,
        ),
        OneHotEncoder(
            inputCols=["daypart", "popularity"],
            outputCols=["daypart_hot", "popularity_hot"],
            handleInvalid="keep" if invalid == "keep" else "error",
        ),
        assembled(("daypart_hot", "popularity_hot", "user_ratings", "popularity"), "error"),
        _logistic(),
    ]


def _quantiles(invalid: str) -> list[Stage]:
    return [
        QuantileDiscretizer(
            numBucketsArray=[4, 3],
            inputCols=["user_mean_rating", "item_year"],
            outputCols=["generosity", "era"],
            handleInvalid=invalid,
            relativeError=0.0,
        ),
        OneHotEncoder(inputCols=["generosity", "era"], outputCols=["generosity_hot", "era_hot"], handleInvalid="keep"),
        assembled(("generosity_hot", "era_hot", "item_likes"), "skip"),
        _logistic(),
    ]


def _imputed(strategy: str) -> list[Stage]:
    columns = ("user_mean_rating", "item_year", "user_factor_0", "item_factor_0", "item_factor_1")
    return [
        Imputer(inputCols=list(columns), outputCols=[f"{c}_known" for c in columns], strategy=strategy),
        assembled((*(f"{c}_known" for c in columns), "item_likes")),
        _logistic(),
    ]


def _zeros_imputed(strategy: str) -> list[Stage]:
    return [
        Imputer(
            inputCols=["genre_drama", "item_likes"],
            outputCols=["drama", "likes"],
            strategy=strategy,
            missingValue=0.0,
        ),
        assembled(("drama", "likes", "genre_comedy"), "keep"),
        _logistic(),
    ]


def _scaled(scaler: Stage) -> list[Stage]:
    return [
        assembled(CANCER[:12], output="raw"),
        scaler,
        LogisticRegression(featuresCol="scaled", regParam=1e-2, maxIter=40),
    ]


_SCALED = {"inputCol": "raw", "outputCol": "scaled"}
_EVENT = (*NUMBERS, *_TEXTS)
_CITY = {"device": ["watch", "", "Mobile"]}


def cases() -> tuple[Case, ...]:
    return (
        Case(
            "imputer_integers",
            "events",
            ("hour", "weekday", "item_likes"),
            [
                Imputer(inputCols=["hour", "weekday"], outputCols=["hour_full", "weekday_full"]),
                Imputer(inputCol="hour_full", outputCol="hour_usual", strategy="mode", missingValue=7.0),
                assembled(("hour_usual", "weekday_full", "item_likes"), "keep"),
                _logistic(),
            ],
            edges={"hour": [None, 7], "weekday": [None, -1]},
            sample=30,
        ),
        Case(
            "one_column_and_many",
            "events",
            (*CONTEXT, *NUMBERS),
            [
                Binarizer(
                    inputCols=["item_likes", "user_ratings"], outputCols=["liked", "rating"], thresholds=[1.5, 4.0]
                ),
                QuantileDiscretizer(
                    inputCols=["item_mean_rating", "user_liked_share"],
                    outputCols=["quality", "taste"],
                    numBucketsArray=[4, 3],
                    handleInvalid="keep",
                ),
                StringIndexer(inputCol="device", outputCol="device_index", handleInvalid="keep"),
                OneHotEncoder(inputCol="device_index", outputCol="device_hot"),
                OneHotEncoder(inputCols=["quality", "taste"], outputCols=["quality_hot", "taste_hot"]),
                assembled(("liked", "rating", "device_hot", "quality_hot", "taste_hot", "hour"), "keep"),
                _logistic(),
            ],
            complete=True,
            sample=30,
        ),
        Case(
            "index_into_linear",
            "events",
            ("device", "country", "item_likes"),
            [
                StringIndexer(inputCol="device", outputCol="device_index", handleInvalid="keep"),
                StringIndexer(inputCol="country", outputCol="country_index", handleInvalid="skip"),
                assembled(("device_index", "country_index", "item_likes"), "keep"),
                _logistic(),
            ],
            sample=30,
        ),
        Case(
            "categories_keep",
            "events",
            _EVENT,
            _categories("keep", "keep", False, "keep", "frequencyDesc"),
            edges=_CITY,
        ),
        Case(
            "categories_keep_drop_last",
            "events",
            _EVENT,
            _categories("keep", "error", True, "error", "alphabetAsc"),
            edges=_CITY,
        ),
        Case(
            "categories_error",
            "events",
            _EVENT,
            _categories("error", "error", True, "error", "frequencyDesc"),
            complete=True,
        ),
        Case("categories_skip", "events", _EVENT, _categories("skip", "error", True, "skip", "alphabetDesc")),
        Case("bucketizer_keep", "events", ("hour", "item_likes", "user_ratings"), _bucketed("keep")),
        Case("bucketizer_error", "events", ("hour", "item_likes", "user_ratings"), _bucketed("error"), complete=True),
        Case("bucketizer_skip", "events", ("hour", "item_likes", "user_ratings"), _bucketed("skip")),
        Case("quantiles_keep", "events", ("user_mean_rating", "item_year", "item_likes"), _quantiles("keep")),
        Case("quantiles_skip", "events", ("user_mean_rating", "item_year", "item_likes"), _quantiles("skip")),
        Case(
            "binarizer",
            "wine",
            WINE,
            [
                Binarizer(thresholds=[13.0, 2.25], inputCols=["alcohol", "malic_acid"], outputCols=["strong", "sour"]),
                Binarizer(threshold=100.0, inputCol="magnesium", outputCol="rich"),
                assembled(("strong", "sour", "rich", "ash", "hue", "proline")),
                LinearRegression(regParam=0.01),
            ],
            edges={"alcohol": [13.0, 13.000000000000002], "malic_acid": [2.25, 2.2500000000000004]},
        ),
        Case(
            "imputer_mean",
            "events",
            ("user_mean_rating", "item_year", "user_factor_0", "item_factor_0", "item_factor_1", "item_likes"),
            _imputed("mean"),
        ),
        Case(
            "imputer_median",
            "events",
            ("user_mean_rating", "item_year", "user_factor_0", "item_factor_0", "item_factor_1", "item_likes"),
            _imputed("median"),
        ),
        Case(
            "imputer_zero_is_missing",
            "events",
            ("genre_drama", "genre_comedy", "item_likes"),
            _zeros_imputed("mean"),
        ),
        Case(
            "imputer_mode_of_zero",
            "events",
            ("genre_drama", "genre_comedy", "item_likes"),
            _zeros_imputed("mode"),
        ),
        Case(
            "standard_scaler",
            "breast_cancer",
            CANCER[:12],
            _scaled(StandardScaler(withMean=True, withStd=True, **_SCALED)),
        ),
        Case(
            "standard_scaler_no_mean",
            "breast_cancer",
            CANCER[:12],
            _scaled(StandardScaler(withMean=False, withStd=True, **_SCALED)),
        ),
        Case("min_max_scaler", "breast_cancer", CANCER[:12], _scaled(MinMaxScaler(min=-1.0, max=2.0, **_SCALED))),
        Case("max_abs_scaler", "breast_cancer", CANCER[:12], _scaled(MaxAbsScaler(**_SCALED))),
        Case(
            "interaction",
            "events",
            (*CONTEXT, *GENRES),
            [
                indexed("keep", ("device", "referrer")),
                encoded("keep", False, ("device", "referrer")),
                assembled(GENRES, "keep", "genres"),
                Interaction(inputCols=["device_hot", "genres"], outputCol="device_genre"),
                Interaction(inputCols=["hour", "referrer_hot"], outputCol="hour_referrer"),
                assembled(("device_genre", "hour_referrer", "weekday"), "keep"),
                _logistic(),
            ],
        ),
        Case(
            "sql_transformer",
            "events",
            ("hour", "weekday", *NUMBERS, "item_year"),
            [
                SQLTransformer(
                    statement="SELECT *, item_likes * user_liked_share AS fit, hour + weekday AS moment,"
                    " CASE WHEN item_year IS NULL THEN -1D ELSE (item_year - 1990) / 10 END AS age,"
                    " CASE WHEN hour >= 18 AND weekday < 5 THEN 1D ELSE 0D END AS evening FROM __THIS__"
                ),
                assembled(("fit", "moment", "age", "evening", "user_ratings", "item_mean_rating")),
                _logistic(),
            ],
        ),
        Case(
            "sql_functions",
            "events",
            ("hour", "item_likes", "item_mean_rating", "user_liked_share", "device"),
            [
                SQLTransformer(
                    statement="SELECT *, ln(item_likes + 1) AS logged, sqrt(item_likes) AS root,"
                    " exp(-user_liked_share) AS decay, abs(item_mean_rating - 3.5D) AS away,"
                    " floor(item_mean_rating) AS whole, pow(user_liked_share, 2) AS square,"
                    " greatest(item_likes, item_mean_rating) AS most, if(device = 'tv', 1D, 0D) AS is_tv FROM __THIS__"
                ),
                assembled(("logged", "root", "decay", "away", "whole", "square", "most", "is_tv", "hour"), "keep"),
                _logistic(),
            ],
        ),
        Case(
            "ranker",
            "events",
            (*USER_FEATURES, *ITEM_FEATURES, *ONLINE),
            ranker.build().getStages(),
            sample=25,
            rows=2500,
        ),
    )
