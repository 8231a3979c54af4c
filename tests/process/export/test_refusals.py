"""Refusals in plain words: each names stage, column and value, and what to do instead; all problems at once."""

from collections.abc import Sequence
from typing import Any

import pytest
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.classification import DecisionTreeClassifier, LogisticRegression, RandomForestClassifier
from pyspark.ml.clustering import LDA
from pyspark.ml.feature import CountVectorizer, Imputer, SQLTransformer, StringIndexer, Tokenizer, VectorAssembler
from pyspark.ml.regression import GeneralizedLinearRegression
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from pillion.errors import InvalidInput, UnsupportedStage
from pillion.export.converter import export_pipeline
from pillion.export.publish import Origin, prepare
from pillion.export.version import Version
from pillion.scoring.jvm import open_model
from tests.support.exact import assert_exact
from tools.checkout import JAR

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> DataFrame:
    rows = [
        ("abc"[i % 3], float(i % 5), None if i % 4 == 0 else i % 9, float((i * 7) % 11 > 4), f"w{i % 4} x", "only")
        for i in range(60)
    ]
    return spark.createDataFrame(rows, "c string, a double, n int, label double, t string, one string").coalesce(1)


_RAW = (
    "IndexError", "IllegalArgumentException", "Expected numeric data type", "FIELD_NOT_FOUND", "No such struct field",
    "is already defined", "default value for link", "is not supported",
)  # fmt: skip
"""What the converter says, which names neither the stage to blame nor what to do."""


def _fit(frame: DataFrame, *stages: Any) -> PipelineModel:
    return Pipeline(stages=list(stages)).fit(frame)


def _assembled(*columns: str) -> VectorAssembler:
    return VectorAssembler(inputCols=list(columns), outputCol="features")


def _reason(spark: SparkSession, model: PipelineModel, frame: DataFrame) -> str:
    """Why the document has no model; the plan, which it has, is exact."""
    table = frame.collect()
    assert_exact(spark, model, frame.schema, {name: [row[name] for row in table] for name in frame.columns})
    exported = export_pipeline(model, frame.schema)
    assert exported.form == "plan only"
    assert exported.without_model is not None
    assert [raw for raw in _RAW if raw in exported.without_model] == []
    return exported.without_model


def test_indices_of_categories_in_a_linear_model_are_blamed_on_their_column(
    spark: SparkSession, table: DataFrame
) -> None:
    indexer = StringIndexer(inputCol="c", outputCol="ci", handleInvalid="keep")
    model = _fit(table, indexer, _assembled("ci", "a"), LogisticRegression(maxIter=2))
    reason = _reason(spark, model, table)

    assert "LogisticRegressionModel" in reason
    assert "its column 'features' has the indices of categories in 'ci' as numbers" in reason
    assert "put a OneHotEncoder after the StringIndexer" in reason


@pytest.mark.parametrize(
    "classifier", [LogisticRegression, DecisionTreeClassifier, RandomForestClassifier], ids=lambda kind: kind.__name__
)
def test_a_label_of_one_class_is_named(spark: SparkSession, table: DataFrame, classifier: Any) -> None:
    model = _fit(table, StringIndexer(inputCol="one", outputCol="y"), _assembled("a"), classifier(labelCol="y"))
    reason = _reason(spark, model, table)

    assert "its label 'y' had the one class 'only'" in reason
    assert "train it with rows of another class" in reason
    if classifier is LogisticRegression:
        outputs = open_model(export_pipeline(model, table.schema).document, "compiled", JAR).contract["outputs"]
        assert [field["name"] for field in outputs][-2:] == ["rawPrediction[0]", "rawPrediction[1]"]


def test_a_control_character_is_named_by_its_category(spark: SparkSession, table: DataFrame) -> None:
    frame = table.selectExpr("if(c = 'a', 'a\x01', c) AS c", "label")
    stages = StringIndexer(inputCol="c", outputCol="ci"), _assembled("ci"), DecisionTreeClassifier()

    assert "XML can't hold the name or category 'a\\x01'" in _reason(spark, _fit(frame, *stages), frame)


def test_names_with_dots_and_in_another_case_are_named(spark: SparkSession, table: DataFrame) -> None:
    dotted = table.selectExpr("a AS `user.age`", "label")
    reason = _reason(spark, _fit(dotted, _assembled("`user.age`"), LogisticRegression(maxIter=2)), dotted)
    assert "takes the dot in the column 'user.age' for a field of a structure; rename the column" in reason

    cased = table.selectExpr("a AS Age", "label")
    select = SQLTransformer(statement="SELECT *, age * 2 AS twice FROM __THIS__")
    reason = _reason(spark, _fit(cased, select, _assembled("twice"), LogisticRegression(maxIter=2)), cased)
    assert "it calls the column 'Age' 'age'" in reason
    assert "write 'Age'" in reason


def test_a_generalised_linear_model_without_a_link_says_which_to_set(spark: SparkSession, table: DataFrame) -> None:
    frame = table.selectExpr("a", "cast(a AS int) AS n")
    glm = GeneralizedLinearRegression(family="poisson", labelCol="n")

    assert "set that of the family 'poisson' with setLink" in _reason(spark, _fit(frame, _assembled("a"), glm), frame)


def test_an_indexer_that_skips_is_named_by_its_column(spark: SparkSession, table: DataFrame) -> None:
    indexer = StringIndexer(inputCol="c", outputCol="ci", handleInvalid="skip")
    reason = _reason(spark, _fit(table, indexer, _assembled("ci"), DecisionTreeClassifier()), table)

    assert "handleInvalid='skip' drops rows by 'c'" in reason
    assert "set it to 'keep' or 'error'" in reason


def test_a_fraction_among_whole_numbers_is_named_by_column_and_value(spark: SparkSession, table: DataFrame) -> None:
    stages = Imputer(inputCols=["n"], outputCols=["m"]), _assembled("m"), LogisticRegression(maxIter=2)
    reason = _reason(spark, _fit(table, *stages), table)

    assert "it fills 'n', of whole numbers, by 3.8" in reason
    assert "cast the column to double" in reason


def _published(spark: SparkSession, frame: DataFrame, *stages: Any) -> Version:
    rows = frame.collect()
    columns = {name: [row[name] for row in rows] for name in frame.columns}
    return prepare(spark, Origin(_fit(frame, *stages), frame.schema, columns), jar=JAR)


@pytest.mark.parametrize(
    ("select", "told"),
    [
        ("coalesce(n, 0) AS n, label FROM __THIS__", "the converter has no form for coalesce(n, 0); compute it"),
        ("CASE WHEN n IS NULL THEN 0 ELSE n END AS n, label FROM __THIS__", "it makes the column 'n' a second time"),
        ("n + 1 AS m, label FROM __THIS__ WHERE n < 8", "its WHERE drops rows, which the model would answer"),
    ],
)
def test_a_select_of_some_columns_is_published(spark: SparkSession, table: DataFrame, select: str, told: str) -> None:
    frame = table.select("n", "label")
    assembler = _assembled("m" if "AS m" in select else "n")
    statement = SQLTransformer(statement=f"SELECT {select}")
    version = _published(spark, frame, statement, assembler, LogisticRegression(maxIter=2))

    assert version.cleared == "compiled"
    assert told in version.manifest.get("pmml_reason", "")
    assert [raw for raw in _RAW if raw in version.manifest["pmml_reason"]] == []
    assert (version.manifest["verification"]["spark_errors"] > 0) == ("WHERE" in select)


def _problems(model: PipelineModel, schema: StructType) -> str:
    with pytest.raises(UnsupportedStage) as refused:
        export_pipeline(model, schema)
    return str(refused.value)


def test_all_problems_are_told_at_once(spark: SparkSession, table: DataFrame) -> None:
    frame = table.selectExpr(
        "t", "cast(a AS decimal(10,2)) AS price", "timestamp'2024-01-01 10:00:00' AS seen", "c", "a"
    )
    model = _fit(
        frame,
        SQLTransformer(statement="SELECT *, sha1(c) AS s, a + 1 AS b, md5(c) AS m FROM __THIS__"),
        SQLTransformer(statement="SELECT *, soundex(c) AS q FROM __THIS__"),
        Tokenizer(inputCol="t", outputCol="w"),
        CountVectorizer(inputCol="w", outputCol="v"),
        LDA(k=2, maxIter=1, featuresCol="v"),
        VectorAssembler(inputCols=["topicDistribution", "price"], outputCol="all"),
    )
    told = _problems(model, frame.schema)

    first, second, topics = (model.stages[place].uid for place in (0, 1, 4))
    assert (
        f"{first} has the expression Sha1, in the column 's'; {first} has the expression Md5, in the column 'm';"
        in told
    )
    assert f"{second} has the expression SoundEx, in the column 'q'; compute it before the pipeline" in told
    assert f"{topics} is a LocalLDAModel, which infers topics" in told
    assert "'seen'" not in told
    assert [f"({number}) " in told for number in range(1, 5)] == [True] * 3 + [False]
    assert "topicDistribution" not in told


def test_a_pattern_of_dates_with_a_letter_that_no_plan_has_is_named(spark: SparkSession, table: DataFrame) -> None:
    frame = table.selectExpr("timestamp'2024-01-01 10:00:00' AS seen", "a")
    select = SQLTransformer(statement="SELECT *, date_format(seen, 'yyyy VV') AS zone FROM __THIS__")
    told = _problems(_fit(frame, select), frame.schema)

    assert "has the pattern 'yyyy VV' with the letters V, and plans have y, M, d, H, m, s, S," in told
    assert "in the column 'zone'; compute it before the pipeline" in told


def test_columns_that_the_schema_lacks_are_told_by_name(spark: SparkSession, table: DataFrame) -> None:
    ready = _assembled("a").transform(table)
    model = LogisticRegression(maxIter=1).fit(ready)

    with pytest.raises(InvalidInput, match=f"the rows lack the column 'features', which {model.uid} takes"):
        export_pipeline(PipelineModel([model]), table.select("a", "label").schema)


_LETTERS: Sequence[str] = ("a\tb", "a\rb", "a\r\nb", "a\nb", "a]]>b", "a\U0001f600", "<&\"'>", " a ", "a\x85b\u2028")


@pytest.mark.parametrize("letters", _LETTERS, ids=repr)
def test_labels_and_categories_are_the_same_texts_in_plan_and_model(
    spark: SparkSession, table: DataFrame, letters: str
) -> None:
    quoted = "'" + letters.replace("'", "\\'") + "'"
    frame = table.selectExpr("a", f"if(c = 'a', {quoted}, c) AS c", f"if(label = 1, {quoted}, 'no') AS y")
    stages: list[Any] = [
        StringIndexer(inputCol="y", outputCol="label", stringOrderType="alphabetAsc"),
        StringIndexer(inputCol="c", outputCol="ci"), _assembled("ci", "a"), DecisionTreeClassifier(),
    ]  # fmt: skip
    model = Pipeline(stages=stages).fit(frame)
    rows = frame.collect()
    columns = {name: [row[name] for row in rows] for name in frame.columns}
    version = prepare(spark, Origin(model, frame.schema, columns), jar=JAR)

    assert version.cleared == "compiled"
    assert version.manifest["pmml"] == "model and plan"
    assert all(record["passed"] for record in version.manifest["parity"].values()), version.manifest["parity"]
    assert f"probability({letters})" in [output["name"] for output in version.manifest["outputs"]]
    for engine in version.manifest["parity"]:
        scores = open_model(version.files["model.pmml"], engine, JAR).score(
            {"c": [letters] * 5, "a": [0.0, 1.0, 2.0, 3.0, 4.0]}, 5
        )
        assert letters in scores.columns["pmml(prediction)"]
