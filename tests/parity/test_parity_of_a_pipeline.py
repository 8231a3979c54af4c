"""`pillion parity --pipeline` from end to end on a small pipeline: what it finds, and that it finds what is broken."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pillion.export.rows import FileRows
from pillion.export.saved_pipeline import read_schema
from pillion.export.session import create_session
from pillion.parity.case import Case
from pillion.parity.routes import jpype_route
from pillion.parity.run import failures, run_case
from pillion.parity.spark_reference import make_case, py4j_route
from pillion.scoring.jvm import installed_engines

pytestmark = pytest.mark.spark
COEFFICIENT = re.compile(rb'(NumericPredictor name="[^"]*" coefficient=")([^"]+)"')
VALUES = re.compile(rb"(<coefficients[^>]*><values>)([^<]*)</values>")
ROWS = 300


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A fitted pipeline, its schema, rows, document and parity case; the session ends before the command line runs."""
    from pyspark.ml import Pipeline
    from pyspark.ml.classification import LogisticRegression
    from pyspark.ml.feature import Bucketizer, Imputer, OneHotEncoder, StringIndexer, VectorAssembler

    from pillion.export.converter import export

    folder = tmp_path_factory.mktemp("pipeline")
    random = np.random.default_rng(5)
    table = pd.DataFrame(
        {
            "age": random.normal(40, 12, ROWS),
            "hour": random.integers(0, 24, ROWS).astype("int32"),
            "device": random.choice(["tv", "mobile", "web"], ROWS),
        }
    )
    table["label"] = (table["age"] / 20 + (table["device"] == "tv") + random.normal(0, 1, ROWS) > 2.3).astype(float)
    session = create_session(log_level="OFF")
    try:
        frame = session.createDataFrame(table)
        model = Pipeline(
            stages=[
                Imputer(inputCols=["age"], outputCols=["age_known"]),
                Bucketizer(splits=[0.0, 6.0, 18.0, 24.0], inputCol="hour", outputCol="part", handleInvalid="keep"),
                StringIndexer(inputCol="device", outputCol="device_index", handleInvalid="keep"),
                OneHotEncoder(
                    inputCols=["part", "device_index"], outputCols=["part_hot", "device_hot"], handleInvalid="keep"
                ),
                VectorAssembler(
                    inputCols=["age_known", "part_hot", "device_hot"], outputCol="features", handleInvalid="keep"
                ),
                LogisticRegression(regParam=0.01),
            ]
        ).fit(frame)
        model.write().save(str(folder / "model"))
        (folder / "schema.json").write_text(frame.schema.json())
        table.drop(columns="label").to_csv(folder / "rows.csv", index=False)
        yield folder, model, session, export(model, frame.schema)
    finally:
        session.stop()


@pytest.fixture(scope="module")
def case(saved: Any, jar: Path) -> Case:
    folder, model, session, document = saved
    schema = read_schema(folder / "schema.json")
    rows = FileRows(folder / "rows.csv").read(["age", "hour", "device"], schema).columns
    return make_case(session, "small", model, schema, document, rows, jar=jar, origin="made")


def test_the_case_has_real_rows_edge_rows_and_sparks_outputs(case: Case) -> None:
    assert case.real == ROWS
    edges = {name: column[ROWS:] for name, column in case.columns.items()}
    assert {5, 6, 7, 17, 18, 19, None} <= set(edges["hour"])
    assert {"tv", "mobile", "web", None} <= set(edges["device"])
    assert set(case.outputs) == {
        "prediction",
        "probability(0)",
        "probability(1)",
        "rawPrediction[0]",
        "rawPrediction[1]",
    }
    assert case.labels == ("prediction",)
    assert all(len(column) == case.rows for column in case.expected.columns.values())


def test_every_engine_in_this_process_and_in_sparks_agrees_with_spark(case: Case, saved: Any, jar: Path) -> None:
    engines = installed_engines(jar)
    kinds = [kind for e in engines for kind in (jpype_route(e, jar), py4j_route(saved[2], e, jar))]
    results = run_case(case, kinds)
    assert failures(results, demanded=engines) == []
    exact = {result.route for result in results if result.arithmetic == "spark"}
    assert exact == {"jpype compiled", "py4j compiled"}
    assert all(result.difference.exact for result in results if result.route in exact)
    assert [result.comparison.rows for result in results] == [case.rows] * len(kinds)


def test_a_coefficient_that_is_off_in_its_twelfth_digit_is_red(case: Case, jar: Path) -> None:
    def nudge(match: re.Match[bytes]) -> bytes:
        return match[1] + repr(float(match[2]) * (1 + 1e-11)).encode() + b'"'

    document, count = COEFFICIENT.subn(nudge, case.document)
    assert count
    found = failures(run_case(replace(case, document=document), [jpype_route("jpmml", jar)]))
    assert "differ by more than 1e-13" in found[0]


def test_a_sum_in_another_order_is_red_where_sparks_bits_are_promised(case: Case, jar: Path) -> None:
    # the same vector with its first element moved to the end, and the coefficients with it: the same sum of reals
    document = case.document
    found = VALUES.search(document)
    first, *rest = found[2].split(b" ")
    moved = found[1] + b" ".join([*rest, first]) + b"</values>"
    document = document.replace(found[0], moved)
    columns = b'<column in="age_known"/><column in="part_hot"/><column in="device_hot"/>'
    assert columns in document
    document = document.replace(columns, b'<column in="part_hot"/><column in="device_hot"/><column in="age_known"/>')
    result = run_case(replace(case, document=document), [jpype_route("compiled", jar)])[0]
    assert result.ran, result.refusal
    assert result.arithmetic == "spark"
    assert "differ from Spark's bits" in result.verdict.problems[0]
    assert np.median(result.comparison.steps[result.comparison.steps > 0]) <= 8


def test_the_command_line_runs_every_route_and_writes_json_and_html(
    case: Case, saved: Any, jar: Path, root: Path, tmp_path: Path
) -> None:
    folder = saved[0]
    command = [sys.executable, "-c", "from pillion.cli import main; main()", "parity", "--rows", "200"]
    command += ["--pipeline", str(folder / "model"), "--schema", str(folder / "schema.json")]
    command += [
        "--data",
        str(folder / "rows.csv"),
        "--json",
        str(tmp_path / "p.json"),
        "--html",
        str(tmp_path / "p.html"),
    ]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=280,
        cwd=tmp_path,
        env={**os.environ, "PILLION_SIDECAR_JAR": str(jar)},
    )

    assert done.returncode == 0, done.stderr[-2000:]
    summary = json.loads((tmp_path / "p.json").read_text())
    assert summary["passed"]
    ran = {result["route"] for result in summary["results"] if result["ran"]}
    assert {
        "jpype jpmml",
        "py4j jpmml",
        "sidecar http, json",
        "sidecar http, binary",
        "sidecar unix socket, json",
        "sidecar unix socket, binary",
        "sidecar grpc",
        "sidecar unix socket, grpc",
    } <= ran
    assert summary["cases"][0]["real"] == 200
    assert summary["spark"]["max_vector_bytes"] == 16
    assert "gave the very bits that Spark computed" in " ".join(done.stdout.split())
    assert "<svg" in (tmp_path / "p.html").read_text() or "Nowhere" in (tmp_path / "p.html").read_text()


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    schema = {"type": "struct", "fields": [{"name": "x", "type": "double", "nullable": True, "metadata": {}}]}
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    command = [sys.executable, "-c", "from pillion.cli import main; main()", "parity", "--pipeline", str(tmp_path)]
    command += ["--schema", str(tmp_path / "schema.json"), "--data", str(tmp_path / "none.csv")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "none.csv" in done.stderr
