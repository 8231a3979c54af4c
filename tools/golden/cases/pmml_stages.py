"""The transformers of pyspark2pmml, which pipelines that were written for the converter have."""

from pyspark.ml.classification import DecisionTreeClassifier, LogisticRegression
from pyspark.ml.feature import Imputer, StringIndexer
from pyspark2pmml.ml.feature import (
    CategoricalDomain,
    ContinuousDomain,
    InvalidCategoryTransformer,
    SparseToDenseTransformer,
    VectorDensifier,
    VectorDisassembler,
)

from tools.golden.cases.case import GENRES, NUMBERS, Case
from tools.golden.cases.preparation import assembled, indexed

_DEVICES = {"device": ["watch", "", "Mobile"]}


def cases() -> tuple[Case, ...]:
    return (
        Case(
            "invalid_categories",
            "events",
            ("device", "country", "item_likes"),
            [
                indexed("keep", ("device", "country")),
                InvalidCategoryTransformer()
                .setInputCols(["device_index", "country_index"])
                .setOutputCols(["device_known", "country_known"]),
                assembled(("device_known", "country_known", "item_likes"), "keep", "raw"),
                VectorDensifier().setInputCol("raw").setOutputCol("features"),
                LogisticRegression(regParam=1e-3, maxIter=40),
            ],
            complete=True,
            sample=30,
        ),
        Case(
            "vector_disassembler",
            "events",
            (*GENRES, *NUMBERS),
            [
                assembled((*GENRES, *NUMBERS), "keep", "raw"),
                VectorDisassembler(inputCol="raw", outputCols=[f"e{place}" for place in range(8)]),
                Imputer(inputCols=[f"e{i}" for i in range(8)], outputCols=[f"known{i}" for i in range(8)]),
                assembled(tuple(f"known{i}" for i in range(8)), "keep", "mixed"),
                SparseToDenseTransformer().setInputCol("mixed").setOutputCol("features"),
                LogisticRegression(regParam=1e-3, maxIter=40),
            ],
            complete=True,
            sample=40,
        ),
        Case(
            "domains",
            "events",
            ("device", "hour", "item_likes", "user_ratings"),
            [
                CategoricalDomain(
                    inputCols=["device"], outputCols=["device_known"], missingValueTreatment="asValue",
                    missingValueReplacement="mobile", invalidValueTreatment="asMissing",
                ),
                ContinuousDomain(
                    inputCols=["item_likes", "user_ratings"], outputCols=["likes_known", "ratings_known"],
                    outlierTreatment="asExtremeValues", lowValue=0.5, highValue=3.0, missingValueTreatment="asValue",
                    missingValueReplacement=1.0, invalidValueTreatment="asIs",
                ),
                StringIndexer(inputCol="device_known", outputCol="device_index"),
                assembled(("device_index", "hour", "likes_known", "ratings_known"), "keep"),
                DecisionTreeClassifier(maxDepth=4, seed=1),
            ],
            complete=True,
            sample=30,
            edges=_DEVICES,
        ),
        Case(
            "domains_strict",
            "events",
            ("device", "hour", "item_likes"),
            [
                CategoricalDomain(inputCols=["device"], outputCols=["device_known"]),
                ContinuousDomain(
                    inputCols=["hour"], outputCols=["hour_known"], missingValues=[3], missingValueTreatment="asValue",
                    missingValueReplacement=4, invalidValueTreatment="asValue", invalidValueReplacement=5,
                ),
                ContinuousDomain(
                    inputCols=["item_likes"], outputCols=["likes_known"], outlierTreatment="asMissingValues",
                    lowValue=0.5, highValue=3.0, missingValueTreatment="asValue", missingValueReplacement=0.75,
                ),
                StringIndexer(inputCol="device_known", outputCol="device_index", handleInvalid="keep"),
                assembled(("device_index", "hour_known", "likes_known"), "keep"),
                DecisionTreeClassifier(maxDepth=4, seed=1),
            ],
            complete=True,
            sample=30,
            edges=_DEVICES,
        ),
    )  # fmt: skip
