"""Each transformer and model of pyspark.ml has an element in plans, or a reason why it has none."""

from pillion.export.plan.stages import WRITERS
from pillion.export.plan.stages.without_element import WITHOUT_ELEMENT
from tools.golden.spark_classes import spark_classes

INSIDE = {"ColumnPruner", "VectorAttributeRewriter"}
"""Stages that only Spark's JVM has: a formula is fitted to them."""

OF_OTHERS = {
    "CategoricalDomainModel", "ContinuousDomainModel", "InvalidCategoryTransformer", "LightGBMClassificationModel",
    "LightGBMRegressionModel", "SparkXGBClassifierModel", "SparkXGBRankerModel", "SparkXGBRegressorModel",
    "SparseToDenseTransformer", "VectorDensifier", "VectorDisassembler", "XGBoostClassificationModel",
    "XGBoostRankerModel", "XGBoostRegressionModel",
}  # fmt: skip
"""Stages of pyspark2pmml, xgboost and `pillion.lightgbm`."""


def test_classes_are_found_in_every_module_that_has_some() -> None:
    assert {
        "LogisticRegressionModel",
        "Tokenizer",
        "ALSModel",
        "CrossValidatorModel",
        "PipelineModel",
    } < spark_classes()


def test_each_class_has_a_writer_or_a_reason() -> None:
    assert spark_classes() - WRITERS.keys() - WITHOUT_ELEMENT.keys() == set()


def test_no_class_has_both() -> None:
    assert WRITERS.keys() & WITHOUT_ELEMENT.keys() == set()


def test_each_reason_is_of_a_class_that_spark_has() -> None:
    assert WITHOUT_ELEMENT.keys() - spark_classes() == set()


def test_each_writer_is_of_a_class_that_spark_has() -> None:
    assert WRITERS.keys() - spark_classes() == INSIDE | OF_OTHERS
