"""What people save and feed: bare and tuned models, nested pipelines, stages that can't be used, odd rows, sessions."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pyspark.ml import Pipeline, PipelineModel, Transformer
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.feature import SQLTransformer, StringIndexer, VectorAssembler
from pyspark.ml.regression import LinearRegression
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder, TrainValidationSplit
from pyspark.ml.util import DefaultParamsReadable, DefaultParamsWritable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import DecimalType, DoubleType, StructField, StructType

import pillion
from pillion.errors import ConfigurationError, InvalidInput, PillionWarning, UnsupportedStage
from pillion.export.saved_pipeline import load_pipeline
from tools.checkout import JAR

pytestmark = pytest.mark.spark


class Doubler(Transformer, DefaultParamsReadable[Any], DefaultParamsWritable):
    """A stage in Python."""

    def _transform(self, dataset: DataFrame) -> DataFrame:
        return dataset.withColumn("twice", dataset["age"] * 2)


def _assembler() -> VectorAssembler:
    return VectorAssembler(inputCols=["age", "stops"], outputCol="features")


def _tuners() -> tuple[CrossValidator, TrainValidationSplit]:
    """A tuned pipeline, and a tuned model to be a stage of one."""
    logistic = LogisticRegression(maxIter=3)
    grid = ParamGridBuilder().addGrid(logistic.regParam, [0.1, 0.2]).build()
    judge = BinaryClassificationEvaluator()
    whole = Pipeline(stages=[_assembler(), logistic])
    return (
        CrossValidator(estimator=whole, estimatorParamMaps=grid, evaluator=judge, numFolds=2),
        TrainValidationSplit(estimator=logistic, estimatorParamMaps=grid, evaluator=judge, seed=3),
    )


def test_tuned_bare_and_nested_models_are_exported_from_their_folders(frame: DataFrame, here: Path) -> None:
    whole, inner = _tuners()
    nested = Pipeline(stages=[Pipeline(stages=[_assembler()]), Pipeline(stages=[LogisticRegression(maxIter=3)])])
    models: dict[str, Any] = {
        "tuned": whole.fit(frame),
        "tuned-stage": Pipeline(stages=[_assembler(), inner]).fit(frame),
        "nested": nested.fit(frame),
        "bare": LogisticRegression(maxIter=3).fit(_assembler().transform(frame)),
    }
    for name, model in models.items():
        model.write().save(str(here / name))
        rows = _assembler().transform(frame) if name == "bare" else frame
        version = pillion.export(name, rows)

        assert (version.name, version.arithmetic) == (name, "spark"), version.problem
        assert pillion.check(name, rows).passed
        taken = ["features"] if name == "bare" else ["age", "stops"]
        scores = pillion.load(version.publish("models")).predict(rows.select(*taken).toPandas())
        expected = [row["probability"][1] for row in model.transform(rows).select("probability").collect()]
        assert scores["probability(1)"].tolist() == expected


def test_what_is_not_fitted_or_written_in_python_is_one_sentence_with_the_stages_name(
    model: PipelineModel, frame: DataFrame
) -> None:
    unfitted = Pipeline(stages=[_assembler(), LogisticRegression()])
    doubler = Doubler()
    in_python = PipelineModel([doubler, *model.stages])
    for given, told in (
        (unfitted, f"{unfitted.uid} is a Pipeline that isn't fitted: give what its fit() returns"),
        (in_python, f"{doubler.uid} is a Doubler, which is written in Python"),
    ):
        with pytest.raises(UnsupportedStage) as refused:
            pillion.export(given, frame)
        assert str(refused.value).startswith(told)
        assert "\n" not in str(refused.value)
        assert pillion.check(given, frame).problems[0].startswith(told)
        assert pillion.check(given).problems[0].startswith(told)
    with pytest.raises(UnsupportedStage, match="a DataFrame is no fitted model"):
        pillion.export(frame, frame)
    for nothing, kind in ((None, "NoneType"), (7, "int")):
        assert pillion.check(nothing).problems == (
            f"a {kind} is no fitted model: give a PipelineModel, another fitted stage, or the folder of one",
        )


def test_the_problems_of_all_stages_are_told_at_once(frame: DataFrame) -> None:
    doubler = Doubler()
    odd = SQLTransformer(statement="SELECT *, sha1(note) AS s FROM __THIS__")
    pipeline = PipelineModel([doubler, odd, _assembler()])
    report = pillion.check(pipeline, frame)

    assert [sentence.partition(" ")[0] for sentence in report.problems] == [doubler.uid, odd.uid]
    with pytest.raises(UnsupportedStage) as refused:
        pillion.export(pipeline, frame)
    assert [problem in str(refused.value) for problem in report.problems] == [True, True]


def test_a_stage_that_cannot_be_imported_is_named_with_what_to_do(
    model: PipelineModel, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "code").mkdir()
    (here / "code" / "my_stages.py").write_text(
        textwrap.dedent("""
        from pyspark.ml import Transformer
        from pyspark.ml.util import DefaultParamsReadable, DefaultParamsWritable
        class Tripler(Transformer, DefaultParamsReadable, DefaultParamsWritable):
            def _transform(self, dataset):
                return dataset.withColumn("thrice", dataset.age * 3)
        """)
    )
    with monkeypatch.context() as patch:
        patch.syspath_prepend(str(here / "code"))
        import my_stages  # type: ignore[import-not-found]

        tripler = my_stages.Tripler()
        PipelineModel([tripler, *model.stages]).write().save(str(here / "saved"))
    sys.modules.pop("my_stages")

    with pytest.raises(ConfigurationError) as refused:
        load_pipeline(Path("saved"))

    assert str(refused.value).startswith(f"saved can't be loaded: stage 1 of 5, {tripler.uid}, is a my_stages.Tripler:")
    assert "No module named 'my_stages'; install the package that has it, or put its folder on PYTHONPATH" in str(
        refused.value
    )


def test_a_bad_cell_costs_its_row_and_missing_columns_are_all_named(
    model: PipelineModel, frame: DataFrame, table: pd.DataFrame, here: Path
) -> None:
    schema = frame.select("carrier", "age", "stops", "note", "label").schema
    rows = table.drop(columns="label").head(60).astype({"age": object, "note": object})
    rows.loc[7, "age"] = "unknown"
    rows.to_csv("rows.csv", index=False)
    (here / "schema.json").write_text(schema.json())

    with pytest.warns(PillionWarning, match=r"rows\.csv, row 8, column 'age': 'unknown' is not a number"):
        version = pillion.export(model, "rows.csv", schema="schema.json")

    assert version.arithmetic == "spark"
    assert version.manifest["verification"]["real"] == 59
    rows[["carrier", "note"]].to_csv("few.csv", index=False)
    with pytest.raises(InvalidInput, match=r"few\.csv lacks the columns 'age', 'stops'"):
        pillion.export(model, "few.csv", schema=schema)


def test_columns_that_stages_take_and_rows_lack_are_all_named_at_once(
    model: PipelineModel, frame: DataFrame, here: Path
) -> None:
    select = SQLTransformer(statement="SELECT *, length(note) AS size, age * 2 AS twice FROM __THIS__")
    assembler = VectorAssembler(inputCols=["twice", "size", "carrier_index", "stops"], outputCol="features")
    indexer = StringIndexer(inputCol="carrier", outputCol="carrier_index", handleInvalid="keep")
    fitted = Pipeline(stages=[select, indexer, assembler, LogisticRegression(maxIter=1)]).fit(frame)
    bare = frame.select("label", "pair")

    with pytest.raises(InvalidInput) as refused:
        pillion.export(fitted, bare)
    report = pillion.check(fitted, bare)

    names = {name for name in ("note", "age", "carrier", "stops") if repr(name) in str(refused.value)}
    assert names == {"note", "age", "carrier", "stops"}
    assert str(refused.value).startswith("the rows lack the columns ")
    assert "\n" not in str(refused.value)
    assert report.problems == (str(refused.value),)
    doubler = Doubler()
    both = pillion.check(PipelineModel([doubler, fitted.stages[1], fitted.stages[2]]), frame.drop("stops", "carrier"))
    assert [sentence.partition(" ")[0] for sentence in both.problems[:1]] == [doubler.uid]


def test_parquet_folders_and_frames_of_pandas_are_rows(
    model: PipelineModel, frame: DataFrame, table: pd.DataFrame, here: Path
) -> None:
    frame.select("carrier", "age", "stops").repartition(2).write.parquet(str(here / "rows"))

    for rows in ("rows", table.head(50)):
        assert pillion.export(model, rows).arithmetic == "spark"
    with pytest.raises(InvalidInput, match="the rows are a list, but a frame of Spark's or pandas'"):
        pillion.export(model, [1, 2])


def test_a_label_that_is_indexed_in_the_pipeline_may_be_absent(frame: DataFrame) -> None:
    texts = frame.selectExpr("age", "stops", "if(label = 1, 'late', 'in time') AS outcome")
    stages: list[Any] = [
        StringIndexer(inputCol="outcome", outputCol="label"),
        _assembler(),
        LogisticRegression(maxIter=3),
    ]
    fitted = Pipeline(stages=stages).fit(texts)

    version = pillion.export(fitted, texts.drop("outcome"))

    assert version.arithmetic == "spark", version.problem
    assert [given["name"] for given in version.manifest["contract"]["inputs"]] == ["age", "stops"]


_PLAIN = """
import json, warnings
from pyspark.ml import Pipeline
from pyspark.ml.classification import DecisionTreeClassifier
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import SparkSession
import pillion
session = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
frame = session.createDataFrame([(float(i % 9), float(i % 2)) for i in range(60)], "a double, label double")
assembler = VectorAssembler(inputCols=["a"], outputCol="features")
model = Pipeline(stages=[assembler, DecisionTreeClassifier(maxDepth=2)]).fit(frame)
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    version = pillion.export(model, frame)
print(json.dumps({
    "told": [str(each.message) for each in told if issubclass(each.category, pillion.errors.PillionWarning)],
    "notes": pillion.check(model, frame).notes, "arithmetic": version.arithmetic, "pmml": version.manifest["pmml"],
    "plan": version.files["model.pmml"].decode().partition("<plan ")[2].partition(">")[0],
}))
"""


@pytest.mark.process
def test_a_session_without_the_converter_and_the_pinned_width_is_told_what_to_add() -> None:
    environment = {**os.environ, "PILLION_SIDECAR_JAR": str(JAR), "SPARK_LOCAL_IP": "127.0.0.1"}
    ran = subprocess.run([sys.executable, "-c", _PLAIN], capture_output=True, text=True, env=environment, timeout=240)
    assert ran.returncode == 0, ran.stderr[-2000:]
    said = json.loads(ran.stdout.splitlines()[-1])

    assert (said["arithmetic"], said["pmml"]) == ("spark", "plan only")
    assert said["told"] == said["notes"]
    assert "lacks the converter's jars" in said["told"][0]
    if 'blas="VectorBLAS"' in said["plan"]:  # Spark 3 has no instructions whose width could be pinned
        assert "does not pin the width of its vectors (-XX:MaxVectorSize=16)" in said["told"][1]
    assert all("SparkSession.builder.config(map=pillion.spark_config()).getOrCreate()" in each for each in said["told"])
    assert 'lanes="' in said["plan"]


@pytest.mark.process
def test_master_memory_and_cores_of_a_commands_session_can_be_set(spark: SparkSession) -> None:
    program = (
        "from pillion.config import SparkSettings; from pillion.export.session import create_session;"
        " made = create_session(SparkSettings(memory='1g')).sparkContext;"
        " print(made.master, made.getConf().get('spark.driver.memory'))"
    )
    environment = {**os.environ, "PILLION_SPARK_CORES": "1"}
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, timeout=240)

    assert ran.stdout.split() == ["local[1]", "1g"], ran.stderr[-1000:]


def test_a_statement_that_names_the_label_is_asked_with_it_and_without_columns_of_odd_types(frame: DataFrame) -> None:
    statement = SQLTransformer(statement="SELECT age, stops, age * 2 AS twice, label FROM __THIS__")
    assembler = VectorAssembler(inputCols=["twice", "stops"], outputCol="features")
    fitted = Pipeline(stages=[statement, assembler, LogisticRegression(maxIter=3)]).fit(frame)

    assert pillion.export(fitted, frame).arithmetic == "spark"


def test_times_without_a_zone_of_pandas_parquet_files_are_scored_as_spark_does_where_clocks_are_changed(
    spark: SparkSession, here: Path
) -> None:
    moments = pd.to_datetime([f"2024-{day} {hour:02d}:30:00.25" for day in ("03-31", "10-27") for hour in range(5)])
    table = pd.DataFrame({"clock": moments, "label": [0.5 * n for n in range(len(moments))]})
    statement = (
        "SELECT *, hour(clock) AS h, unix_timestamp(CAST(clock AS TIMESTAMP)) / 3600 AS s,"
        " unix_timestamp(CAST(CAST(clock AS TIMESTAMP) AS TIMESTAMP_NTZ)) / 3600 AS b,"
        " CASE WHEN clock < TIMESTAMP'2024-10-27 00:30:00Z' THEN 1 ELSE 0 END AS e FROM __THIS__"
    )
    assembler = VectorAssembler(inputCols=["h", "s", "b", "e"], outputCol="features")
    table.to_parquet(here / "clocks.parquet", coerce_timestamps="us")
    zone = spark.conf.get("spark.sql.session.timeZone")
    spark.conf.set("spark.sql.session.timeZone", "Europe/Zurich")
    try:
        frame = spark.read.parquet(str(here / "clocks.parquet")).coalesce(1)
        assert dict(frame.dtypes)["clock"] == "timestamp_ntz"
        stages: list[Any] = [SQLTransformer(statement=statement), assembler, LinearRegression(maxIter=3)]
        model = Pipeline(stages=stages).fit(frame)
        expected = [row["prediction"] for row in model.transform(frame).select("prediction").collect()]
        version = pillion.export(model, frame)
    finally:
        spark.conf.set("spark.sql.session.timeZone", str(zone))
    scores = pillion.load(version.publish("models", "clocks")).predict(table)

    assert (version.cleared, version.arithmetic) == ("compiled", "spark"), version.problem
    assert scores["prediction"].tolist() == expected
    assert len(set(expected)) == len(expected)


def test_of_a_folder_that_spark_cannot_read_a_sentence_says_what_to_do(
    model: PipelineModel, here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (here / "times").mkdir()
    times = pd.DataFrame({"age": [1.0], "at": ["2024-03-01"]}).astype({"at": "datetime64[ns]"})
    times.to_parquet(here / "times" / "part-0.parquet")
    (here / "empty").mkdir()

    for ask in (pillion.check, pillion.export, pillion.parity):
        with pytest.raises(InvalidInput, match=r'times in nanoseconds.*to_parquet\(…, coerce_timestamps="us"\)'):
            ask(model, here / "times")
    with pytest.raises(InvalidInput, match=r"Spark can't read .*empty"):
        pillion.check(model, here / "empty")
    assert "AnalysisException" not in capfd.readouterr().err


def test_doubles_of_pandas_are_decimals_where_the_schema_says_so(spark: SparkSession) -> None:
    struct = StructType([StructField("price", DecimalType(8, 2)), StructField("odd name.x", DoubleType())])
    table = pd.DataFrame({"price": [4.49, None, 1e3], "odd name.x": [1.0, 2.0, 3.0]})
    assembler = VectorAssembler(inputCols=["price"], outputCol="features")

    assert pillion.check(assembler, table, schema=struct).inputs["price"] == "decimal(8,2)"
    with pytest.raises(InvalidInput, match=r"the frame, row 2, column 'price': 1.005 is no decimal\(8,2\)"):
        pillion.check(assembler, table.assign(price=[4.49, 1.005, 1.0]), schema=struct)
    with pytest.raises(InvalidInput, match="the frame can't be read as the schema says: "):
        pillion.check(assembler, table.assign(**{"odd name.x": ["a", "b", "c"]}), schema=struct)
