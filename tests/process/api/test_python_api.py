"""The Python API from a fitted model to scores: checked, exported, reported, published, loaded, compared."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import pandas as pd
import pytest
from pyspark.ml import PipelineModel
from pyspark.ml.feature import Imputer, SQLTransformer, VectorAssembler
from pyspark.sql import DataFrame, SparkSession

import pillion
from pillion.errors import InvalidInput, PillionWarning

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def counted() -> list[tuple[str, int, int | None]]:
    """What the export of `version` has counted."""
    return []


@pytest.fixture(scope="module")
def version(model: PipelineModel, frame: DataFrame, counted: list[tuple[str, int, int | None]]) -> pillion.Version:
    with pytest.MonkeyPatch.context() as patch:
        from tools.checkout import JAR

        patch.setenv("PILLION_SIDECAR_JAR", str(JAR))
        return pillion.export(model, frame, name="late", count=lambda *each: counted.append(each))


def test_importing_it_imports_neither_spark_nor_pandas_nor_a_jvm() -> None:
    heavy = "pyspark", "pandas", "jpype", "pyarrow", "numpy", "fastapi", "mlflow"
    program = f"import pillion, sys; print([name for name in {heavy!r} if name in sys.modules])"

    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout.strip() == "[]"


def test_a_check_says_what_a_model_takes_and_gives_or_all_that_is_wrong(model: PipelineModel, frame: DataFrame) -> None:
    report = pillion.check(model, frame)

    assert report.passed, report.problems
    assert dict(report.inputs) == {"carrier": "string", "age": "double", "stops": "bigint"}
    assert "probability(1)" in report.outputs
    assert not report.notes
    assert "takes: carrier (string), age (double), stops (bigint)" in str(report)


def test_a_check_without_rows_presumes_the_types(model: PipelineModel) -> None:
    report = pillion.check(model)

    assert report.passed, report.problems
    assert dict(report.inputs) == {"carrier": "string", "age": "double", "stops": "double"}
    assert "presumed of the columns" in report.notes[0]


def test_a_check_without_rows_presumes_a_type_for_each_column_of_a_statement(spark: SparkSession) -> None:
    rows = spark.sql(
        "SELECT timestamp'2026-01-02 03:04:05' AS seen, 2.0D AS `days ($)`, array('a') AS tags, 'x' AS word"
    )
    statement = SQLTransformer(
        statement="SELECT *, hour(seen) AS h, size(tags) AS n, length(word) + `days ($)` AS l FROM __THIS__"
    )
    filled = Imputer(inputCols=["days ($)"], outputCols=["days"]).fit(rows)
    assembled = VectorAssembler(inputCols=["h", "n", "l", "days"], outputCol="features")

    report = pillion.check(PipelineModel([statement, filled, assembled]))

    assert report.passed, report.problems
    assert dict(report.inputs) == {"seen": "timestamp", "days ($)": "double", "tags": "array<string>", "word": "double"}


@pytest.mark.parametrize(
    ("expressions", "types"),
    [
        ("size(tags) + CAST(array_contains(tags, word) AS INT) AS e", {"tags": "array<string>", "word": "string"}),
        ("CAST(array_contains(tags, word) AS INT) AS e", {"tags": "array<string>", "word": "string"}),
        ("length(element_at(tags, 1)) AS e", {"tags": "array<string>"}),
        ("length(tags[0]) AS e", {"tags": "array<string>"}),
        ("CASE WHEN flag THEN x ELSE 0D END AS e", {"flag": "boolean", "x": "double"}),
        ("IF(flag AND x > 1D, 1, 0) AS e", {"flag": "boolean", "x": "double"}),
        ("datediff(a, b) + hour(a) AS e", {"a": "timestamp", "b": "timestamp"}),
    ],
)
def test_a_statement_alone_shows_the_types_of_its_columns(
    spark: SparkSession, expressions: str, types: dict[str, str]
) -> None:
    pipeline = PipelineModel(
        [
            SQLTransformer(statement=f"SELECT *, {expressions} FROM __THIS__"),
            VectorAssembler(inputCols=["e"], outputCol="features"),
        ]
    )

    report = pillion.check(pipeline)

    assert report.passed, report.problems
    assert dict(report.inputs) == types


def test_an_export_passes_over_columns_that_no_stage_reads_and_needs_no_label(
    model: PipelineModel, frame: DataFrame, version: pillion.Version
) -> None:
    assert (version.cleared, version.arithmetic, version.inexact) == ("compiled", "spark", None)
    assert [each["name"] for each in version.manifest["contract"]["inputs"]] == ["carrier", "age", "stops"]
    unlabelled = pillion.export(model, frame.drop("label"), name="late")
    assert unlabelled.arithmetic == "spark"


def test_an_export_counts_the_rows_of_spark_and_of_the_engines_to_their_end(
    version: pillion.Version, counted: list[tuple[str, int, int | None]]
) -> None:
    for what in ("late: rows in Spark", "late: rows of 2 routes"):
        steps = [(done, total) for name, done, total in counted if name == what]
        assert len(steps) > 2
        assert steps == sorted(steps)
        assert [done == total for done, total in steps] == [False] * (len(steps) - 1) + [True]
    assert counted[0][0] == "late: rows in Spark"


def test_a_report_is_a_page_in_a_notebook_and_in_a_file(version: pillion.Version, here: Path) -> None:
    report = version.report(quality={"AUC": 0.8})

    assert report.passed
    assert report.save("out/report.html").read_text() == report.page
    assert "<table" in report._repr_html_()
    assert "<table" in version._repr_html_()
    assert report.verdict in report.page


def test_a_version_is_published_loaded_and_predicts_what_spark_does(
    version: pillion.Version, model: PipelineModel, frame: DataFrame, table: pd.DataFrame, here: Path
) -> None:
    assert [version.publish("models", "late") for _ in range(2)] == [Path("models/late/1"), Path("models/late/2")]
    expected = [row["probability"][1] for row in model.transform(frame).select("probability").collect()]
    shuffled = table.sample(frac=1, random_state=3)

    with pillion.load("models/late") as late:
        scores = late.predict(shuffled.drop(columns="label"))

    assert (late.path, late.engine, late.arithmetic, late.inexact) == (
        Path("models/late/2/model.pmml"), "compiled", "spark", None,
    )  # fmt: skip
    assert scores.index.equals(shuffled.index)
    assert scores["probability(1)"].sort_index().tolist() == expected


def test_scoring_needs_no_spark(version: pillion.Version, table: pd.DataFrame, here: Path) -> None:
    version.publish("models", "late")
    table.to_csv("rows.csv")
    program = (
        "import sys; sys.modules['pyspark'] = None; import pandas, pillion; from pillion import mlflow;"
        " print(pillion.load('models/late').predict(pandas.read_csv('rows.csv')).shape)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert ran.stdout.strip() == "(400, 6)", ran.stderr[-2000:]


def test_a_bad_cell_fails_its_row_and_all_missing_columns_are_named(
    version: pillion.Version, table: pd.DataFrame, here: Path
) -> None:
    late = pillion.load(version.publish("models", "late"))
    rows = table.head(3).astype({"age": object})
    rows.loc[1, "age"] = "old"

    with pytest.warns(PillionWarning, match="1 of 3 rows could not be scored, row 2 the first: .*'age': 'old' is not"):
        scores = late.predict(rows)

    assert scores["prediction"].isna().tolist() == [False, True, False]
    assert list(scores.attrs["row_errors"]) == [1]
    with pytest.raises(InvalidInput, match="lacks the columns 'carrier', 'stops'"):
        late.predict(rows[["age"]])


def test_parity_compares_the_engines_with_spark(model: PipelineModel, frame: DataFrame) -> None:
    report = pillion.parity(model, frame, rows=50)

    assert report.passed, report.verdict
    assert {each["route"] for each in report.summary["results"]} == {
        "jpype compiled", "jpype jpmml", "py4j compiled", "py4j jpmml",
    }  # fmt: skip


def test_rows_that_lack_columns_are_told_all_of_them(model: PipelineModel, frame: DataFrame) -> None:
    with pytest.raises(pillion.PillionError) as refused:
        pillion.export(model, frame.drop("age", "stops"))

    assert "'age'" in str(refused.value)
    assert "'stops'" in str(refused.value)


def test_a_project_says_how_a_version_is_ranked_and_what_it_cannot_say_is_refused(
    version: pillion.Version, here: Path
) -> None:
    text = '[ranking]\nscore = "probability(1)"\n' + "".join(
        f'[inputs.{name}]\nsource = "item"\ntype = "{kind}"\n'
        for name, kind in (("carrier", "string"), ("age", "double"), ("stops", "integer"))
    )
    Path("pillion.toml").write_text(text)
    ranked = pillion.load(version.publish("models", "late"))
    assert '"output": "probability(1)"' in (ranked.path.parent / "manifest.json").read_text()

    Path("pillion.toml").write_text(text.replace("probability(1)", "probability(7)"))
    with pytest.raises(InvalidInput, match=r"'probability\(7\)', which is not an output"):
        version.publish("models", "late")


def test_workers_run_the_python_of_this_process_where_nobody_says_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYSPARK_PYTHON", raising=False)
    pillion.spark_config()
    assert os.environ["PYSPARK_PYTHON"] == sys.executable

    monkeypatch.setenv("PYSPARK_PYTHON", "python3.12")
    pillion.spark_config()
    assert os.environ["PYSPARK_PYTHON"] == "python3.12"


def test_a_session_of_ones_own_is_told_what_to_add(spark: SparkSession, model: PipelineModel, frame: DataFrame) -> None:
    assert set(pillion.spark_config()) == {
        "spark.jars",
        "spark.driver.extraJavaOptions",
        "spark.executor.extraJavaOptions",
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pillion.check(model, frame)
