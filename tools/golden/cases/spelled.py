"""Inputs of Spark's types that come as texts: dates, time stamps, decimal numbers and arrays of strings."""

from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import Bucketizer, CountVectorizer, HashingTF, OneHotEncoder, StringIndexer
from pyspark.ml.regression import LinearRegression

from tools.golden.cases.case import Case
from tools.golden.cases.preparation import assembled
from tools.golden.cases.sql import selected

_EXPRESSIONS = {
    "hour": "hour(at)",
    "seconds": "unix_timestamp(at) / 1e6",
    "day": "dayofweek(since)",
    "age": "datediff(at, since)",
    "recent": "CASE WHEN since > DATE'2000-06-01' AND at < TIMESTAMP'2010-01-01 00:00:00' THEN 1 ELSE 0 END",
    "gross": "price * 1.19",
    "dear": "CASE WHEN price >= 4.50 THEN 1 ELSE 0 END",
    "tags": "size(tags)",
    "first": "CASE WHEN element_at(tags, 1) = 'Action' THEN 1 ELSE 0 END",
}

_CLOCKS = {
    "hour": "hour(clock)",
    "second": "second(clock) + minute(clock) / 60",
    "day": "dayofweek(clock) * 100 + dayofyear(clock)",
    "month": "month(clock)",
    "seconds": "unix_timestamp(clock) / 1e6",
    "instant": "unix_timestamp(CAST(clock AS TIMESTAMP)) / 1e6",
    "age": "datediff(clock, since)",
    "later": "CASE WHEN clock >= TIMESTAMP_NTZ'2005-06-01 12:00:00.5' THEN 1 ELSE 0 END",
    "after": "CASE WHEN clock > since THEN 1 WHEN clock = at THEN 2 ELSE 0 END",
    "least": "hour(least(clock, CAST(at AS TIMESTAMP_NTZ), CAST(DATE'2016-01-01' AS TIMESTAMP_NTZ)))",
    "none": "CASE WHEN clock IS NULL THEN 1 ELSE 0 END",
    "hours": "timestampdiff(HOUR, clock, TIMESTAMP'2010-01-01 00:00:00')",
    "start": "hour(date_trunc('MONTH', clock)) + day(date_trunc('WEEK', clock))",
    "text": "length(CAST(clock AS STRING))",
    "form": "CAST(date_format(clock, 'yyyyMM') AS INT)",
    "same": "CASE WHEN to_date(clock) = since THEN 1 ELSE 0 END",
}


def cases() -> tuple[Case, ...]:
    return (
        Case(
            "zoneless_in_sql",
            "purchases",
            ("clock", "at", "since"),
            [
                selected(_CLOCKS),
                assembled(tuple(f"o_{name}" for name in _CLOCKS), "keep"),
                LinearRegression(labelCol="rating"),
            ],
            label="rating",
            sample=30,
        ),
        Case(
            "spelled_in_sql",
            "purchases",
            ("at", "since", "price", "tags"),
            [
                selected(_EXPRESSIONS),
                assembled((*(f"o_{name}" for name in _EXPRESSIONS), "price"), "keep"),
                LinearRegression(labelCol="rating"),
            ],
            label="rating",
            sample=30,
        ),
        Case(
            "spelled_in_stages",
            "purchases",
            ("price", "tags"),
            [
                StringIndexer(inputCol="price", outputCol="price_index", handleInvalid="keep"),
                OneHotEncoder(inputCol="price_index", outputCol="price_hot"),
                Bucketizer(
                    inputCol="price", outputCol="range", splits=[float("-inf"), 2.0, 4.49, float("inf")],
                    handleInvalid="keep",
                ),
                CountVectorizer(inputCol="tags", outputCol="counts"),
                HashingTF(inputCol="tags", outputCol="hashes", numFeatures=16),
                assembled(("price_hot", "range", "counts", "hashes"), "keep"),
                LogisticRegression(maxIter=10),
            ],
            sample=40,
        ),
    )  # fmt: skip
