"""Pipelines that the JVM's xgboost4j-spark saved: read without it, with the bits that it computed."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from pillion.errors import ConfigurationError
from pillion.export.converter import export_pipeline
from pillion.export.saved_pipeline import load_pipeline
from pillion.parity.compare import compare
from pillion.parity.recorded_rows import RecordedRows, read_rows
from pillion.scoring.jvm import open_model
from tools.checkout import JAR, ROOT

pytest.importorskip("xgboost", reason="boosters need the extra 'boosters'")
pytestmark = pytest.mark.spark
DATA = ROOT / "tests/golden/xgboost4j"
CASES = sorted(path.name for path in DATA.iterdir())


def _read(case: str) -> tuple[StructType, RecordedRows]:
    schema = StructType.fromJson(json.loads((DATA / case / "schema.json").read_bytes()))
    data = (DATA / case / "rows.jsonl").read_bytes()
    outputs = json.loads(data.splitlines()[0])["expected"]
    contract = {"inputs": [{"name": name, "type": "double"} for name in schema.fieldNames()]}
    return schema, read_rows(data, contract, [{"name": name, "type": "double"} for name in outputs], case)


def test_each_kind_of_model_is_recorded() -> None:
    assert CASES == ["classifier", "multiclass", "poisson", "ranker", "regressor"]


@pytest.mark.parametrize("case", CASES)
def test_a_saved_model_has_the_bits_of_the_jvm(spark: SparkSession, case: str) -> None:
    schema, rows = _read(case)
    exported = export_pipeline(load_pipeline(DATA / case / "pipeline"), schema)

    reply = open_model(exported.document, "compiled", JAR).score(rows.inputs, rows.rows)

    refused = frozenset(error.row for error in reply.row_errors)
    failed = frozenset(error.row for error in rows.expected.row_errors)
    comparison = compare(
        rows.expected.columns, reply.columns, decisions=["prediction"], score=(), refused=refused, failed=failed
    )
    assert exported.form == "plan only"
    assert "xgboost4j-spark" in str(exported.without_model)
    assert comparison.difference.exact, comparison.difference.as_dict()
    assert len(failed) < rows.rows / 4


def test_the_stage_in_its_place_computes_what_the_jvm_did(spark: SparkSession, tmp_path: Path) -> None:
    schema, rows = _read("multiclass")
    load_pipeline(DATA / "multiclass" / "pipeline").write().save(f"file:{tmp_path}/again")
    again = load_pipeline(tmp_path / "again")
    failed = {error.row for error in rows.expected.row_errors}
    sound = [row for row in range(rows.rows) if row not in failed]
    table = [tuple(rows.inputs[name][row] for name in schema.fieldNames()) for row in sound]

    made = again.transform(spark.createDataFrame(table, schema).coalesce(1)).collect()

    expected = rows.expected.columns
    assert [record["prediction"] for record in made] == [expected["prediction"][row] for row in sound]
    for column, name in (("probability", "probability({})"), ("rawPrediction", "rawPrediction[{}]")):
        shares = [[expected[name.format(place)][row] for place in range(3)] for row in sound]
        assert [list(record[column]) for record in made] == shares


def test_a_sparse_row_and_an_infinite_feature_are_refused_by_name(spark: SparkSession) -> None:
    schema, rows = _read("regressor")
    document = export_pipeline(load_pipeline(DATA / "regressor" / "pipeline"), schema).document
    row: dict[str, Any] = {name: [0.0, 1.0] for name in rows.inputs}
    row[next(iter(row))][1] = math.inf

    reply = open_model(document, "compiled", JAR).score(row, 2)

    assert [error.row for error in reply.row_errors] == [0, 1]
    assert "put a stage before that makes vectors dense" in reply.row_errors[0].message
    assert "takes no infinite feature" in reply.row_errors[1].message


def test_a_booster_of_another_form_is_refused_by_name(spark: SparkSession, tmp_path: Path) -> None:
    load_pipeline(DATA / "regressor" / "pipeline").write().save(f"file:{tmp_path}/broken")
    (file,) = [path for path in (tmp_path / "broken").glob("stages/1_*/data/*") if path.name[0] not in "._"]
    file.write_bytes(b"binf")

    with pytest.raises(ConfigurationError, match=r"its booster model is of a form that XGBoost .* does not read"):
        load_pipeline(tmp_path / "broken")
