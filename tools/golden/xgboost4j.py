"""Records what the JVM's `xgboost4j-spark` computes, with the pipelines that it saved: by Spark 3.5 and Scala 2.12.

`PYTHONPATH=FOLDER python -m tools.golden.xgboost4j --jars A.jar,B.jar`, where FOLDER has pyspark 3.5, and the jars are
those of xgboost4j_2.12 and xgboost4j-spark_2.12. For Scala 2.13 there are none in Maven Central.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xgboost
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import DataFrame, SparkSession

from pillion.parity.recorded_rows import write_rows
from pillion.scoring import RowError, Scores
from pillion.types import Value
from tools.checkout import ROOT
from tools.golden.tables import table

DATA = ROOT / "tests/golden/xgboost4j"
_REAL = 40
_EDGES = 40


@dataclass(frozen=True, slots=True)
class Recorded:
    """A model to train.

    Attributes:
        name: of its folder.
        table: see `golden.tables`.
        first: of its columns, the first that is a feature.
        count: how many are.
        estimator: the simple name of the JVM's class.
        params: those that are set.
    """

    name: str
    table: str
    first: int
    count: int
    estimator: str
    params: Mapping[str, Any]

    @property
    def inputs(self) -> tuple[str, ...]:
        """Its features."""
        return tuple(map(str, table(self.table).rows.columns))[self.first : self.first + self.count]


CASES = (
    Recorded("classifier", "breast_cancer", 0, 12, "XGBoostClassifier", {"numRound": 12, "max_depth": 4}),
    Recorded("multiclass", "wine", 0, 13, "XGBoostClassifier", {"numRound": 5, "max_depth": 3, "missing": 0.25}),
    Recorded("regressor", "diabetes", 0, 10, "XGBoostRegressor", {"numRound": 12, "max_depth": 4}),
    Recorded(
        "poisson", "wine", 0, 6, "XGBoostRegressor", {"numRound": 6, "max_depth": 3, "objective": "count:poisson"}
    ),
    Recorded("ranker", "wine", 1, 12, "XGBoostRanker", {"numRound": 6, "max_depth": 3, "groupCol": "alcohol"}),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jars", required=True)
    parser.add_argument("--cases", default="", help="names, separated by commas; all where empty")
    jars, wanted = parser.parse_args().jars, [name for name in parser.parse_args().cases.split(",") if name]
    builder = SparkSession.builder.master("local[1]").config("spark.jars", jars)
    session = builder.config("spark.driver.extraClassPath", jars.replace(",", ":")).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    try:
        for case in CASES:
            if not wanted or case.name in wanted:
                record(session, case)
    finally:
        session.stop()
    return 0


def record(session: SparkSession, case: Recorded) -> None:
    """Trains a model in the JVM, saves its pipeline, and records what it makes of rows."""
    folder, data = DATA / case.name, table(case.table)
    shutil.rmtree(folder, ignore_errors=True)
    frame = session.createDataFrame(data.rows.select_dtypes("number").round(3).astype("float64")).coalesce(1)
    if "groupCol" in case.params:
        group = case.params["groupCol"]
        frame = frame.withColumn(group, frame[group].cast("int")).orderBy(group).coalesce(1)
    model = _fit(session, case, frame)
    saved = folder / "pipeline"
    model.write().overwrite().save(saved.as_uri())
    for extra in (*saved.rglob("*.crc"), *saved.rglob("_SUCCESS")):
        extra.unlink()
    rows = _rows(case, data.rows, saved)
    count = len(rows[case.inputs[0]])
    found = _predicted(session, model, case.inputs, [tuple(rows[n][row] for n in case.inputs) for row in range(count)])
    names = list(next(answer for answer in found if answer))
    columns: dict[str, list[Value]] = {name: [answer.get(name) for answer in found] for name in names}
    errors = {row: "threw" for row, answer in enumerate(found) if not answer}
    refused = tuple(RowError(row, "", "", why) for row, why in errors.items())
    (folder / "rows.jsonl").write_bytes(write_rows(rows, Scores(columns, refused), refusals=errors))
    schema = {"type": "struct", "fields": [_field(name) for name in case.inputs]}
    (folder / "schema.json").write_text(json.dumps(schema, indent=1) + "\n")
    print(f"{case.name}: {count} rows, {len(errors)} errors, {', '.join(names)}", flush=True)


def _field(name: str) -> dict[str, Any]:
    return {"name": name, "type": "double", "nullable": True, "metadata": {}}


def _fit(session: SparkSession, case: Recorded, frame: DataFrame) -> Any:
    context: Any = session.sparkContext
    jvm, gateway = context._jvm, context._gateway
    estimator = getattr(jvm.ml.dmlc.xgboost4j.scala.spark, case.estimator)()
    for name, value in {"nthread": 1, **case.params}.items():
        if name == "missing":
            estimator.setMissing(value)  # of Java's floats, which `set` would take for doubles
        else:
            estimator.set(name, value)
    assembler: Any = VectorAssembler(inputCols=list(case.inputs), outputCol="features", handleInvalid="keep")
    stages = gateway.new_array(jvm.org.apache.spark.ml.PipelineStage, 2)
    stages[0], stages[1] = assembler._to_java(), estimator
    java: Any = frame
    return jvm.org.apache.spark.ml.Pipeline().setStages(stages).fit(java._jdf)


def _rows(case: Recorded, real: Any, saved: Path) -> dict[str, list[Value]]:
    """Real rows, and such with a feature at a threshold or the floats next to it, missing, NaN or infinite."""
    random = np.random.default_rng(7)
    chosen = real[list(case.inputs)].round(3).sample(n=_REAL + _EDGES, replace=True, random_state=7)
    rows: dict[str, list[Value]] = {name: chosen[name].astype("float64").tolist() for name in case.inputs}
    (file,) = [path for path in saved.glob("stages/1_*/data/*") if path.name[0] not in "._"]
    booster = json.loads(bytes(xgboost.Booster(model_file=bytearray(file.read_bytes())).save_raw("json")))
    splits = [
        (feature, np.float32(limit))
        for tree in booster["learner"]["gradient_booster"]["model"]["trees"]
        for left, feature, limit in zip(
            tree["left_children"], tree["split_indices"], tree["split_conditions"], strict=True
        )
        if left != -1
    ]
    odd: Sequence[Value] = (None, float("nan"), 0.0, -0.0, 0.25, 1e-300, float("inf"), 1e300)
    for row in range(_REAL, _REAL + _EDGES):
        feature, limit = splits[int(random.integers(len(splits)))]
        below = np.nextafter(limit, np.float32(-np.inf))
        near = (float(limit), float(below), (float(limit) + float(below)) / 2)
        value = near[row % 3] if row % 2 else odd[row // 2 % len(odd)]
        rows[case.inputs[feature]][row] = value
    return rows


def _predicted(
    session: SparkSession, model: Any, names: Sequence[str], rows: Sequence[tuple[Value, ...]]
) -> list[dict[str, Value]]:
    """The columns that the model adds to each row; none where it throws, which is found by halves."""
    frame: Any = session.createDataFrame(list(rows), ", ".join(f"`{name}` double" for name in names)).coalesce(1)
    try:
        made = DataFrame(model.transform(frame._jdf), session).collect()
    except Exception:  # noqa: BLE001 - whatever the JVM throws, a row has no answer
        if len(rows) == 1:
            return [{}]
        half = len(rows) // 2
        return [*_predicted(session, model, names, rows[:half]), *_predicted(session, model, names, rows[half:])]
    return [_answer(record) for record in made]


def _answer(record: Any) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, shape in (("prediction", "{}"), ("probability", "{}({})"), ("rawPrediction", "{}[{}]")):
        if name in record.__fields__:
            cells = [record[name]] if isinstance(record[name], float) else list(record[name])
            found |= {shape.format(name, place): float(cell) for place, cell in enumerate(cells)}
    return found


if __name__ == "__main__":
    sys.exit(main())
