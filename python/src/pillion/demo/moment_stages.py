"""The moment of a request (hour, weekday, device, country, referrer) as one-hot vectors, for both demo models."""

from typing import Any

from pyspark.ml import Estimator, Transformer
from pyspark.ml.feature import Bucketizer, OneHotEncoder, StringIndexer

MOMENT_VECTORS = ("daypart_hot", "weekend_hot", "device_hot", "country_hot", "referrer_hot")
"""The columns that `moment_stages` makes."""


def moment_stages() -> list[Estimator[Any] | Transformer]:
    """Returns the stages that make MOMENT_VECTORS of the online features CONTEXT of `tables`."""
    return [
        Bucketizer(
            splitsArray=[[0.0, 6.0, 12.0, 18.0, 24.0], [0.0, 5.0, 7.0]],
            inputCols=["hour", "weekday"],
            outputCols=["daypart", "weekend"],
            handleInvalid="keep",
        ),
        StringIndexer(
            inputCols=["device", "country", "referrer"],
            outputCols=["device_index", "country_index", "referrer_index"],
            handleInvalid="keep",
        ),
        OneHotEncoder(
            inputCols=["daypart", "weekend", "device_index", "country_index", "referrer_index"],
            outputCols=list(MOMENT_VECTORS),
            handleInvalid="keep",
            dropLast=False,
        ),
    ]
