"""Publishing: what is written, when nothing is, and that nothing is ever half written."""

import hashlib
import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.classification import DecisionTreeClassifier, LogisticRegression
from pyspark.ml.feature import CountVectorizer, IndexToString, StringIndexer, Tokenizer, VectorAssembler
from pyspark.sql import SparkSession

from pillion.errors import InvalidInput, NotReproduced, PillionError, UnsupportedStage
from pillion.export import converter
from pillion.export import publish as publishing
from pillion.export import version as versions
from pillion.export.publish import KEPT, Origin, prepare
from pillion.export.saved_pipeline import unpack_pipeline
from pillion.export.version import Version
from pillion.features import measure_baseline, read_baseline, read_contract
from pillion.parity.free_text import FREE_TEXTS
from pillion.parity.recorded_rows import read_rows
from pillion.parity.routes import BrokenRoute, RouteKind
from pillion.scoring import ModelRepository, ScoreRanking, Scores
from pillion.scoring.jvm import installed_engines, open_model
from tools.checkout import JAR

pytestmark = pytest.mark.spark
RANKING = ScoreRanking("probability(1)")


@pytest.fixture(scope="module")
def version(spark: SparkSession, origin: Origin) -> Version:
    sources = {"age": "user", "device": "online"}
    return prepare(spark, origin, jar=JAR, ranking=RANKING, sources=sources, keep_pipeline=True)


def test_a_published_version_says_what_it_is_and_what_was_proved(version: Version, tmp_path: Path) -> None:
    folder = version.publish(tmp_path, "small")
    assert folder == tmp_path / "small" / "1"
    manifest = ModelRepository(tmp_path).read("small")
    assert (manifest.model, manifest.version, manifest.ranking) == ("small", 1, RANKING)
    raw = orjson.loads((folder / "manifest.json").read_bytes())
    for name, entry in raw["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == entry["sha256"], name
    assert {"model.pmml", "verification.jsonl", "baseline.json", "pipeline.zip"} == set(raw["files"])
    assert list(raw["parity"]) == installed_engines(JAR)
    assert raw["engine"] == version.cleared
    proved = raw["parity"][raw["engine"]]
    assert proved["passed"]
    assert proved["decisions_differing"] == proved["ranks_differing"] == 0
    assert proved["rows"] == raw["verification"]["tried"] >= raw["verification"]["rows"]
    assert raw["verification"]["real"] >= 1000
    assert 0 < raw["verification"]["edge"] <= KEPT
    shares = raw["verification"]["coverage"]
    assert shares["categories"] == {"touched": 3, "of": 3}
    assert shares["classes"] == {"touched": 2, "of": 2}
    assert shares["outputs"]["touched"] == len(raw["outputs"])
    assert raw["spark"]["max_vector_bytes"] == 16
    assert {"pyspark", "pyspark2pmml", "pillion"} <= raw["packages"].keys()
    assert {f["name"]: f.get("source") for f in raw["contract"]["inputs"]} == {
        "device": "online", "age": "user", "visits": None,
    }  # fmt: skip


def test_a_published_version_keeps_how_its_inputs_were_distributed(
    version: Version, origin: Origin, tmp_path: Path
) -> None:
    version.publish(tmp_path, "small")
    manifest = ModelRepository(tmp_path).read("small")
    assert manifest.baseline is not None
    contract = read_contract(manifest.contract, "small")
    baseline = read_baseline(manifest.baseline.read_bytes(), contract.inputs, "small")

    assert baseline == measure_baseline(origin.rows, contract.inputs)
    assert baseline.rows == len(origin.rows["age"])
    assert baseline.features.keys() == {"device", "age", "visits"}


def test_the_verification_set_has_the_edges_of_every_input(version: Version, tmp_path: Path) -> None:
    folder = version.publish(tmp_path, "small")
    raw = orjson.loads((folder / "manifest.json").read_bytes())
    source = (folder / "verification.jsonl").read_bytes()
    rows = read_rows(source, raw["contract"], raw["outputs"], "verification.jsonl")
    for field in raw["contract"]["inputs"]:
        assert None in rows.inputs[field["name"]], field["name"]
    assert {"tv", "web", "phone"} < set(rows.inputs["device"])
    assert "-0.0" in map(str, rows.inputs["age"])
    assert {"nan", "inf", "-inf"} <= set(map(str, rows.inputs["age"]))
    refused = {error.row for error in rows.expected.row_errors}
    assert len(refused) == raw["verification"]["spark_errors"] > 0


def _of_64_classes(spark: SparkSession, more: str = "") -> tuple[PipelineModel, Origin]:
    """A class for each pair of two numbers: no row with an edge of one number has them all."""
    rows = [(float(i // 8 % 8), float(i % 8), f"l{i % 64:02d}" + (more if i % 8 == 2 else "")) for i in range(256)]
    frame = spark.createDataFrame(rows, "a double, b double, y string").coalesce(1)
    labels = StringIndexer(inputCol="y", outputCol="label", stringOrderType="alphabetAsc").fit(frame)
    stages: list[Any] = [
        labels,
        VectorAssembler(inputCols=["a", "b"], outputCol="features"),
        DecisionTreeClassifier(maxDepth=8, minInfoGain=0.0),
        IndexToString(inputCol="prediction", outputCol="answer", labels=labels.labels),
    ]
    model = Pipeline(stages=stages).fit(frame)
    return model, Origin(model, frame.schema, {"a": [row[0] for row in rows], "b": [row[1] for row in rows]})


def test_every_class_is_asked_and_its_texts_are_compared(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "ROWS", 5)
    model, origin = _of_64_classes(spark, "\r")
    frame = spark.createDataFrame(list(zip(origin.rows["a"], origin.rows["b"], strict=True)), "a double, b double")
    told = {row["answer"] for row in model.transform(frame).select("answer").collect()}
    found = prepare(spark, origin, jar=JAR)

    recorded = read_rows(
        found.files["verification.jsonl"], found.manifest["contract"], found.manifest["outputs"], "verification.jsonl"
    )
    assert found.cleared == "compiled"
    assert len(told) > 50  # of some pairs, the tree has one leaf for both
    assert any(text.endswith("\r") for text in told)
    for column in ("answer", "pmml(prediction)"):
        assert told == {text for text in recorded.expected.columns[column] if text is not None}
    shares = found.manifest["verification"]["coverage"]
    assert shares["classes"] == {"touched": len(told), "of": 64}
    assert shares["outputs"]["touched"] == shares["outputs"]["of"]


def test_a_wrong_text_of_one_class_is_not_cleared(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "ROWS", 5)
    _, origin = _of_64_classes(spark)
    export = converter.export_pipeline

    def spelt_otherwise(*given: Any) -> Any:
        exported = export(*given)
        return replace(exported, document=exported.document.replace(b"l50", b"else"))

    monkeypatch.setattr(publishing, "export_pipeline", spelt_otherwise)

    assert prepare(spark, origin, jar=JAR).cleared is None


def test_free_text_is_asked_in_all_kinds_with_every_word(spark: SparkSession) -> None:
    texts = ["good film", "bad film", "good plot bad acting", "dull dull dull"]
    frame = spark.createDataFrame([(texts[i % 4], float(i % 3 > 0)) for i in range(40)], "t string, label double")
    stages: list[Any] = [
        Tokenizer(inputCol="t", outputCol="w"),
        CountVectorizer(inputCol="w", outputCol="features"),
        LogisticRegression(maxIter=2),
    ]
    rows = {"t": [texts[i % 4] for i in range(40)]}
    found = prepare(spark, Origin(Pipeline(stages=stages).fit(frame.coalesce(1)), frame.schema, rows), jar=JAR)

    recorded = read_rows(
        found.files["verification.jsonl"], found.manifest["contract"], found.manifest["outputs"], "verification.jsonl"
    )
    assert {*FREE_TEXTS, "Good Film", "GOOD FILM", "good film!", "good  film"} <= set(recorded.inputs["t"])
    assert found.manifest["verification"]["coverage"]["words"] == {"touched": 6, "of": 6}


def test_versions_count_up_and_names_begun_are_no_versions(version: Version, tmp_path: Path) -> None:
    (tmp_path / "small" / ".3-begun").mkdir(parents=True)
    assert [version.publish(tmp_path, "small").name for _ in range(3)] == ["1", "2", "3"]


def test_the_kept_pipeline_scores_as_the_fitted_one(
    spark: SparkSession, version: Version, origin: Origin, tmp_path: Path
) -> None:
    model, schema = unpack_pipeline(version.publish(tmp_path, "small"))
    assert schema == origin.schema
    frame = spark.createDataFrame([("tv", 41.5, 3, 0.0)], schema)
    one, other = (m.transform(frame).first() for m in (model, origin.model))
    assert one["probability"] == other["probability"]


def _broken(results: tuple[Any, ...]) -> RouteKind:
    """An engine that promises Spark's bits, and misses one of them in row 5."""
    reply = results[0].case.expected
    moved = {name: list(column) for name, column in reply.columns.items()}
    moved["probability(1)"][5] = math.nextafter(moved["probability(1)"][5], 1.0)
    return RouteKind("broken", lambda case: BrokenRoute(Scores(moved, reply.row_errors)))


def test_an_engine_that_misses_spark_by_one_step_is_not_cleared_and_nothing_is_written(
    spark: SparkSession, origin: Origin, version: Version, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "jpype_route", lambda engine, jar: _broken(version.results))
    refused = prepare(spark, origin, jar=JAR, ranking=RANKING)
    assert refused.cleared is None
    assert refused.manifest["engine"] == "none"
    with pytest.raises(NotReproduced, match="1 rows differ from Spark's bits"):
        refused.publish(tmp_path, "small")
    assert not list(tmp_path.iterdir())


def test_an_interruption_or_a_full_disk_leaves_nothing_behind(
    version: Version, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = versions._write_through
    for failure, told in ((KeyboardInterrupt(), KeyboardInterrupt), (OSError(28, "No space left"), PillionError)):

        def write(path: Path, content: bytes, failure: BaseException = failure) -> None:
            if path.name == "manifest.json":
                path.write_bytes(content[:10])
                raise failure
            whole(path, content)

        monkeypatch.setattr(versions, "_write_through", write)
        with pytest.raises(told):
            version.publish(tmp_path, "small")
        assert list((tmp_path / "small").iterdir()) == []


def test_a_ranking_by_an_output_that_is_not_there_is_refused(spark: SparkSession, origin: Origin) -> None:
    with pytest.raises(InvalidInput, match=r"probability\(7\)"):
        prepare(spark, origin, jar=JAR, ranking=ScoreRanking("probability(7)"))


def test_rows_without_a_column_that_the_model_needs_are_refused_by_name(spark: SparkSession, origin: Origin) -> None:
    rows = {name: column for name, column in origin.rows.items() if name != "age"}
    with pytest.raises(InvalidInput, match="'age'"):
        prepare(spark, replace(origin, rows=rows), jar=JAR)


def test_a_stage_that_cannot_be_converted_is_named(spark: SparkSession, origin: Origin) -> None:
    from pyspark.ml.feature import FeatureHasher

    frame = spark.createDataFrame([("tv", 41.5, 3, 0.0)], origin.schema)
    model = Pipeline(stages=[FeatureHasher(inputCols=["device", "age"], outputCol="features")]).fit(frame)
    with pytest.raises(UnsupportedStage, match="stage 1 of 1, FeatureHasher"):
        prepare(spark, replace(origin, model=model), jar=JAR)


def test_the_document_gives_sparks_numbers_in_the_cleared_engine(
    spark: SparkSession, version: Version, origin: Origin
) -> None:
    frame = spark.createDataFrame([("web", 33.25, 7, 0.0), ("phone", 60.0, 0, 1.0)], origin.schema)
    expected = [row["probability"][1] for row in origin.model.transform(frame).collect()]
    assert version.cleared is not None
    opened = open_model(version.files["model.pmml"], version.cleared, JAR)
    reply = opened.score({"device": ["web", "phone"], "age": [33.25, 60.0], "visits": [7, 0]}, 2)
    if opened.arithmetic == "spark":
        assert expected == reply.columns["probability(1)"]
    assert expected == pytest.approx(reply.columns["probability(1)"], rel=1e-13)
    assert json.loads(json.dumps(version.manifest)) == version.manifest


def test_the_example_of_the_guide_publishes_a_version(
    spark: SparkSession, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = re.search(r"## In Python\n.*?```python\n(.*?)```", (root / "docs/training.md").read_text(), re.DOTALL)
    assert found
    monkeypatch.chdir(root)

    exec(found[1].replace("build/my-models", str(tmp_path)), {})

    assert ModelRepository(tmp_path).read("mine").engine == "compiled"
