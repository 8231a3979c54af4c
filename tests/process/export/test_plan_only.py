"""Pipelines that the converter refuses: exported with the plan alone, and exact in the compiled engine all the same."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.classification import DecisionTreeClassifier, LogisticRegression
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.feature import IndexToString, SQLTransformer, StringIndexer, VectorAssembler
from pyspark.ml.regression import GeneralizedLinearRegression
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder, TrainValidationSplit
from pyspark.sql import DataFrame, SparkSession

from pillion.cli import main
from pillion.errors import InvalidModel, UnsupportedStage
from pillion.export.converter import Export, export_pipeline
from pillion.export.publish import Origin, prepare
from pillion.export.tuning import best_of
from pillion.scoring import ScoreRanking
from pillion.scoring.jvm import open_model
from tests.support.exact import assert_exact
from tools.checkout import JAR

pytestmark = pytest.mark.spark
_ODD = ("a\x01", "b\r", "c\r\n", "d\te", "f]]>", "<g&\"'>", "é\U0001f600", "\\u0041", "h\ufffe", " i ", "")


def _frame(spark: SparkSession, columns: str, rows: Sequence[tuple[Any, ...]]) -> DataFrame:
    return spark.createDataFrame(list(rows), columns).coalesce(1)


def _label(i: int) -> float:
    return float((i * 7) % 11 > 4)


def _exact(spark: SparkSession, model: Any, frame: DataFrame) -> Export:
    """Exports a pipeline and compares every output of every row with Spark's."""
    table = frame.collect()
    assert_exact(spark, model, frame.schema, {name: [row[name] for row in table] for name in frame.columns})
    return export_pipeline(model, frame.schema)


def _outputs(exported: Export) -> list[str]:
    return [field["name"] for field in open_model(exported.document, "compiled", JAR).contract["outputs"]]


def _odd_categories(spark: SparkSession) -> tuple[PipelineModel, DataFrame]:
    rows = [(_ODD[i % len(_ODD)], float(i % 5), _label(i)) for i in range(66)]
    frame = _frame(spark, "c string, x double, label double", rows)
    stages: list[Any] = [
        StringIndexer(inputCol="c", outputCol="ci", stringOrderType="alphabetAsc"),
        VectorAssembler(inputCols=["ci", "x"], outputCol="features"),
        DecisionTreeClassifier(),
    ]
    return Pipeline(stages=stages).fit(frame), frame


def test_categories_survive_whatever_their_characters(spark: SparkSession) -> None:
    model, frame = _odd_categories(spark)
    exported = _exact(spark, model, frame)

    assert exported.form == "plan only"
    values = open_model(exported.document, "compiled", JAR).contract["inputs"][0]["values"]
    assert sorted(values) == sorted(_ODD)


def test_the_interpreter_says_that_there_is_no_model(spark: SparkSession) -> None:
    model, frame = _odd_categories(spark)
    document = export_pipeline(model, frame.schema).document

    with pytest.raises(InvalidModel, match=r"^the document has no model that the interpreter could evaluate"):
        open_model(document, "jpmml", JAR)


def test_an_indexer_of_the_label_that_skips_is_no_part_of_the_plan(spark: SparkSession) -> None:
    frame = _frame(spark, "a double, y string", [(float(i % 5), ["yes", "no"][(i * 7) % 3 == 0]) for i in range(60)])
    stages: list[Any] = [
        StringIndexer(inputCol="y", outputCol="label", handleInvalid="skip"),
        VectorAssembler(inputCols=["a"], outputCol="features"),
        LogisticRegression(maxIter=3),
    ]
    exported = _exact(spark, Pipeline(stages=stages).fit(frame), frame)

    assert exported.without_model is not None
    assert "handleInvalid='skip' drops rows by 'y', for which PMML has no form" in exported.without_model
    assert _outputs(exported)[:3] == ["prediction", "probability(yes)", "probability(no)"]
    inputs = open_model(exported.document, "compiled", JAR).contract["inputs"]
    assert [field["name"] for field in inputs] == ["a"]


def test_columns_are_found_with_dots_and_in_any_case(spark: SparkSession) -> None:
    rows = [(float(i % 5), float(i % 7), _label(i)) for i in range(60)]
    frame = spark.createDataFrame(rows, ["user.age", "Net Price", "label"]).coalesce(1)
    stages: list[Any] = [
        SQLTransformer(statement="SELECT *, `net price` * 2 AS Twice FROM __THIS__"),
        VectorAssembler(inputCols=["`user.age`", "NET PRICE", "twice"], outputCol="features"),
        LogisticRegression(maxIter=3),
    ]
    exported = _exact(spark, Pipeline(stages=stages).fit(frame), frame)

    inputs = open_model(exported.document, "compiled", JAR).contract["inputs"]
    assert {field["name"] for field in inputs} == {"user.age", "Net Price"}


def test_a_pipeline_without_a_model_returns_the_columns_that_it_makes(spark: SparkSession) -> None:
    frame = _frame(spark, "a double, b double", [(float(i % 5), float(i % 7)) for i in range(60)])
    model = Pipeline(stages=[VectorAssembler(inputCols=["a", "b"], outputCol="features")]).fit(frame)

    assert _outputs(_exact(spark, model, frame)) == ["features[0]", "features[1]"]


def test_a_generalised_linear_model_without_a_link_has_that_of_its_family(spark: SparkSession) -> None:
    frame = _frame(spark, "a double, n int", [(float(i % 5), i % 4) for i in range(60)])
    stages: list[Any] = [
        VectorAssembler(inputCols=["a"], outputCol="features"),
        GeneralizedLinearRegression(family="poisson", labelCol="n"),
    ]

    assert _exact(spark, Pipeline(stages=stages).fit(frame), frame).form == "plan only"


def test_tuned_models_count_as_their_best(spark: SparkSession) -> None:
    rows = [(float(i % 5), float(i % 7), _label(i)) for i in range(60)]
    frame = _frame(spark, "a double, b double, label double", rows)
    assembler, logistic = VectorAssembler(inputCols=["a", "b"], outputCol="features"), LogisticRegression(maxIter=3)
    grid = ParamGridBuilder().addGrid(logistic.regParam, [0.1, 0.2]).build()
    judge = BinaryClassificationEvaluator()
    outer = CrossValidator(
        estimator=Pipeline(stages=[assembler, logistic]), estimatorParamMaps=grid, evaluator=judge, numFolds=2
    )
    inner = TrainValidationSplit(estimator=logistic, estimatorParamMaps=grid, evaluator=judge)
    for model in (outer.fit(frame), Pipeline(stages=[assembler, inner]).fit(frame)):
        exported = _exact(spark, model, frame)
        assert exported.form == "model and plan"
        assert best_of(model).transform(frame).first()["probability"] == model.transform(frame).first()["probability"]


def test_texts_and_raw_predictions_that_the_converter_leaves_out_are_outputs(spark: SparkSession) -> None:
    frame = _frame(spark, "a double, y string", [(float(i % 5), ["yes", "no"][(i * 7) % 3 == 0]) for i in range(60)])
    labels = StringIndexer(inputCol="y", outputCol="label").fit(frame)
    stages: list[Any] = [
        labels,
        VectorAssembler(inputCols=["a"], outputCol="features"),
        LogisticRegression(maxIter=3),
        IndexToString(inputCol="prediction", outputCol="answer", labels=labels.labels),
    ]
    exported = _exact(spark, Pipeline(stages=stages).fit(frame), frame)

    assert exported.form == "model and plan"
    assert _outputs(exported) == [
        "y", "pmml(prediction)", "prediction", "probability(yes)", "probability(no)",
        "rawPrediction[0]", "rawPrediction[1]", "answer",
    ]  # fmt: skip


def test_a_plan_alone_is_published_and_verified_unless_pmml_is_required(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model, frame = _odd_categories(spark)
    table = frame.collect()
    origin = Origin(model, frame.schema, {name: [row[name] for row in table] for name in frame.columns})
    with pytest.raises(UnsupportedStage, match="PMML is required"):
        prepare(spark, origin, jar=JAR, require_pmml=True)
    version = prepare(spark, origin, jar=JAR, ranking=ScoreRanking("probability(1)"))
    folder = version.publish(tmp_path, "odd")
    manifest = json.loads((folder / "manifest.json").read_bytes())

    assert (manifest["engine"], manifest["pmml"]) == ("compiled", "plan only")
    assert manifest["pmml_reason"]
    assert "no model" in manifest["parity"]["jpmml"]["declined"]
    monkeypatch.setenv("PILLION_SIDECAR_JAR", str(JAR))
    for command in (["verify", "--models", str(tmp_path)], ["show", "odd", "--models", str(tmp_path)]):
        monkeypatch.setattr("sys.argv", ["pillion", "models", *command])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
    assert "PMML: plan only" in capsys.readouterr().out
