"""Rows without a label are proved all the same: what makes the label runs in Spark only, on each row."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import (
    Binarizer,
    Bucketizer,
    RFormula,
    SQLTransformer,
    StringIndexer,
    Tokenizer,
    VectorAssembler,
)  # fmt: skip
from pyspark.sql import DataFrame, SparkSession

import pillion
from pillion.errors import InvalidInput
from pillion.export.difference import first_difference
from pillion.export.publish import Origin, prepare
from pillion.parity.spark_training import training_values
from pillion.types import Value
from tools.checkout import JAR

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> DataFrame:
    rows = [(float(i % 5), ["yes", "no"][i * 7 % 3 == 0], float(i * 7 % 3), i * 7 % 3, f"w{i % 4}") for i in range(60)]
    return spark.createDataFrame(rows, "a double, y string, stars double, n int, t string").coalesce(1)


def _indexer(column: str, invalid: str) -> StringIndexer:
    return StringIndexer(inputCol=column, outputCol="label", handleInvalid=invalid)


def _select(label: str) -> SQLTransformer:
    return SQLTransformer(statement=f"SELECT *, {label} FROM __THIS__")


_LABELS: dict[str, Callable[[], Sequence[Any]]] = {
    "a text, others are dropped": lambda: [_indexer("y", "skip")],
    "a text, others are errors": lambda: [_indexer("y", "error")],
    "a text, others are kept": lambda: [_indexer("y", "keep")],
    "a number, others are dropped": lambda: [_indexer("stars", "skip")],
    "a whole number, others are dropped": lambda: [_indexer("n", "skip")],
    "a decimal number, others are dropped": lambda: [_select("CAST(n AS decimal(4, 1)) AS d"), _indexer("d", "skip")],
    "a range, others are dropped": lambda: [
        Bucketizer(splits=[-1.0, 0.5, 3.0], inputCol="stars", outputCol="label", handleInvalid="skip"),
    ],
    "above a threshold": lambda: [Binarizer(threshold=0.5, inputCol="stars", outputCol="label")],
    "made in SQL": lambda: [_select("CASE WHEN y = 'yes' THEN 1.0D ELSE 0.0D END AS label")],
    "a text made in SQL, others are errors": lambda: [_select("lower(y) AS l"), _indexer("l", "error")],
    "a flag made in SQL, others are errors": lambda: [_select("CAST(n > 0 AS string) AS l"), _indexer("l", "error")],
}  # fmt: skip


def _fit(table: DataFrame, *stages: Any) -> PipelineModel:
    rest: list[Any] = [VectorAssembler(inputCols=["a"], outputCol="features"), LogisticRegression(maxIter=3)]
    return Pipeline(stages=[*stages, *rest]).fit(table)


def _check_proved(model: PipelineModel, table: DataFrame, spark: SparkSession, inputs: Sequence[str] = ("a",)) -> None:
    rows = table.collect()
    version = prepare(spark, Origin(model, table.schema, {n: [row[n] for row in rows] for n in inputs}), jar=JAR)

    assert version.cleared == "compiled", version.problem
    assert sorted(given["name"] for given in version.manifest["contract"]["inputs"]) == [*inputs]
    case = version.results[0].case
    assert [error for error in case.expected.row_errors if error.row < case.real] == []


@pytest.mark.parametrize("stages", _LABELS.values(), ids=list(_LABELS))
def test_rows_without_a_label_are_proved(
    spark: SparkSession, table: DataFrame, stages: Callable[[], Sequence[Any]]
) -> None:
    _check_proved(_fit(table, *stages()), table, spark)


def test_rows_without_a_label_that_is_indexed_with_another_column_are_proved(
    spark: SparkSession, table: DataFrame
) -> None:
    indexer = StringIndexer(inputCols=["y", "t"], outputCols=["label", "ti"], handleInvalid="skip")

    _check_proved(_fit(table, indexer), table, spark, ["a", "t"])


def test_rows_without_the_label_of_a_formula_are_proved(spark: SparkSession, table: DataFrame) -> None:
    formula = RFormula(formula="y ~ a", handleInvalid="skip")
    model = Pipeline(stages=[formula, LogisticRegression(maxIter=3)]).fit(table)

    _check_proved(model, table, spark)


def test_a_text_that_nothing_served_needs_may_be_missing(spark: SparkSession, table: DataFrame) -> None:
    _check_proved(_fit(table, _indexer("y", "skip"), Tokenizer(inputCol="t", outputCol="words")), table, spark)


def test_a_label_that_is_in_the_rows_changes_no_answer(spark: SparkSession, table: DataFrame) -> None:
    rows: dict[str, list[Value]] = {
        "a": [float(i % 5) for i in range(60)], "y": [["yes", "no", None, "new"][i % 4] for i in range(60)],
    }  # fmt: skip
    version = prepare(spark, Origin(_fit(table, _indexer("y", "skip")), table.schema, rows), jar=JAR)

    assert version.cleared == "compiled", version.problem


def test_a_frame_without_the_label_is_taken_where_spark_takes_it(table: DataFrame) -> None:
    unlabelled = table.select("a")
    kept, skipped = (_fit(table, _indexer("y", invalid)) for invalid in ("keep", "skip"))

    assert pillion.export(kept, unlabelled, jar=JAR).cleared == "compiled"
    assert pillion.check(skipped, table).passed
    assert pillion.check(skipped).passed
    assert pillion.export(skipped, table, jar=JAR).cleared == "compiled"
    assert pillion.export(skipped, unlabelled, schema=table.schema, jar=JAR).cleared == "compiled"
    assert pillion.parity(skipped, unlabelled, schema=table.schema, jar=JAR).passed
    with pytest.raises(InvalidInput, match="the rows lack the column 'y', which StringIndexer_"):
        pillion.export(skipped, unlabelled, jar=JAR)


def test_a_difference_is_looked_for_in_a_row_without_a_label(spark: SparkSession, table: DataFrame) -> None:
    assert first_difference(spark, _fit(table, _indexer("y", "skip")), table.schema, {"a": 1.0}, JAR) is None


def test_values_of_the_columns_are_those_that_the_stages_know(table: DataFrame) -> None:
    model = _fit(table, _indexer("y", "error"), Bucketizer(splits=[-9.0, 0.5, 3.0], inputCol="stars", outputCol="s"))

    found = training_values(model, table.schema)
    assert found == {"a": 1.0, "y": "yes", "stars": 0.5, "n": 1, "t": "yes"}
