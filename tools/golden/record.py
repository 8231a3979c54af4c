"""Fits, exports and records the golden cases: `make goldens`, or `make goldens CASES=name,name`."""

import argparse
import logging
import re
import shutil
import sys
import time
import traceback
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyspark
import xgboost
from packaging.version import Version
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.classification import ClassificationModel
from pyspark.ml.feature import IndexToString
from pyspark.ml.util import Identifiable
from pyspark.sql import SparkSession

from pillion.errors import InvalidModel, UnsupportedStage
from pillion.export.converter import export_pipeline
from pillion.export.session import create_session, describe_session
from pillion.export.tuning import best_of
from pillion.parity.spark_routes import SparkRoute
from pillion.scoring.jvm import open_model
from pillion.tabular.forms import has_form
from tools.checkout import JAR
from tools.golden.cases.case import Case, Stage
from tools.golden.rows import make_rows
from tools.golden.store import DATA, Golden, read_refused, write, write_refused
from tools.golden.tables import table

_TIMESTAMP = re.compile(rb"<Timestamp>[^<]*</Timestamp>")
_UID = re.compile(r" \(\w+_\d{4}\)")
_SETTINGS = (
    "handleInvalid", "family", "link", "variancePower", "linkPower", "modelType", "distanceMeasure", "strategy",
    "dropLast", "withMean", "thresholds", "threshold", "degree", "isotonic", "stringOrderType",
    "p", "inverse", "targetType", "quantilesCol", "offsetCol", "coldStartStrategy", "objective", "booster",
    "base_margin_col",
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", default="", help="names, separated by commas; all where empty")
    parser.add_argument("--output", type=Path, default=DATA)
    wanted = [name for name in parser.parse_args().cases.split(",") if name]
    output = parser.parse_args().output
    logging.basicConfig(level=logging.WARNING)
    logging.getLogger(__name__).setLevel(logging.INFO)
    session = create_session(log_level="OFF")
    try:
        return record(session, wanted, output)
    finally:
        session.stop()


def record(session: SparkSession, wanted: list[str], output: Path) -> int:
    from tools.golden.cases import all_cases  # stages need the session

    name_in_order()
    cases = all_cases()
    unknown = [name for name in wanted if name not in cases]
    if unknown:
        print(f"error: there is no case {unknown[0]}", file=sys.stderr)
        return 2
    cases, others = _ours(cases)
    if not wanted:
        for folder in output.glob("*/"):
            if folder.name not in others:
                shutil.rmtree(folder)
    refused = read_refused(output)
    failed = 0
    without_document: dict[str, str] = {}
    for name in sorted(others.intersection(wanted or others)):
        print(f"{name}: kept, another version of xgboost records it", flush=True)
    for case in cases.values():
        if wanted and case.name not in wanted:
            continue
        if Version(pyspark.__version__) < Version(case.since):
            print(f"{case.name}: left out, Spark {case.since} is the first that has what it uses", flush=True)
            continue
        start = time.perf_counter()
        try:
            golden = make(session, case)
        except InvalidModel as refusal:
            reason = _UID.sub("", str(refusal))
            if not isinstance(refusal, UnsupportedStage):
                count = len(case.stages)
                reason = (
                    f"stage {count} of {count}, {type(case.stages[-1]).__name__}, can't be converted to PMML: {reason}"
                )
            refused[case.name] = {"reason": reason, "stages": describe(case.stages)}
            print(f"{case.name}: no document: {refusal}", flush=True)
            without_document[case.name] = reason
            shutil.rmtree(output / case.name, ignore_errors=True)
            continue
        except Exception:  # noqa: BLE001 - the others are still to be recorded
            failed += 1
            print(f"FAILED {case.name}: {traceback.format_exc(limit=4, chain=False)[:1500]}", flush=True)
            continue
        refused.pop(case.name, None)
        size = write(golden, output)
        if len(golden.errors) > golden.rows / 2:
            print(f"WARNING {case.name}: Spark has an answer for few rows", flush=True)
        print(
            f"{case.name}: {golden.rows} rows, {len(golden.errors)} errors, {len(golden.expected)} outputs,"
            f" {size / 1000:.1f} kB, {time.perf_counter() - start:.1f} s",
            flush=True,
        )
    write_refused(refused, output)
    for name in wanted:
        if name in without_document:
            failed += 1
            print(f"error: the case {name} has no document: {without_document[name]}", file=sys.stderr)
    return 1 if failed else 0


def _ours(cases: Mapping[str, Case]) -> tuple[dict[str, Case], set[str]]:
    """The cases that the installed XGBoost records, and the names of the others."""
    version, old = xgboost.__version__, {case.recorder for case in cases.values() if case.recorder is not None}
    of_old = next((recorder for recorder in old if version.startswith(f"{recorder}.")), None)
    ours = {name: case for name, case in cases.items() if case.recorder == of_old}
    return ours, set(cases) - set(ours)


def name_in_order() -> None:
    """Makes Spark's names of stages the same in every run: they stand in documents and in column names."""

    def next_name(cls: type[Identifiable]) -> str:
        return f"{cls.__name__}_{_number():04d}"

    Identifiable._randomUID = classmethod(next_name)  # type: ignore[method-assign, assignment]


_count = 0


def _number() -> int:
    global _count
    _count += 1
    return _count


def make(session: SparkSession, case: Any) -> Golden:
    """Fits and exports a case, and scores its rows in Spark."""
    data = table(case.table)
    label = () if case.label is None else (case.label,)
    taken = (*case.inputs, *label)
    extra = tuple(name for name in data.labels if name not in taken)
    model = Pipeline(stages=list(case.stages)).fit(data.frame(session, (*taken, *extra), case.rows, case.complete))
    exported = export_pipeline(model, data.schema((*taken, *extra)))
    document = _TIMESTAMP.sub(b"<Timestamp>2026-01-01T00:00:00Z</Timestamp>", exported.document)
    for reason in (exported.without_plan, exported.without_model):
        if reason is not None:
            logging.getLogger(__name__).info("%s: %s: %s", case.name, exported.form, reason)
    contract = open_model(document, "auto", JAR).contract
    rows = make_rows(case, data, document, contract, zlib.crc32(case.name.encode()))
    names = [field["name"] for field in contract["outputs"]]
    route = SparkRoute(session, model, data.schema(case.inputs), names)
    reply = route.score(rows, len(rows[case.inputs[0]]))
    columns = dict(reply.columns)
    for message in sorted({e.message for e in reply.row_errors})[:2]:
        logging.getLogger(__name__).info("%s: %s", case.name, message)
    errors = {e.row: "dropped" if "drops this row" in e.message else "threw" for e in reply.row_errors}
    types = {field["name"]: field["type"] for field in contract["outputs"]}
    about = {
        "case": case.name,
        "table": case.table,
        "pmml": exported.form,
        "stages": describe(case.stages, model.stages),
        "inputs": {name: "string" if has_form(data.types[name]) else data.types[name] for name in case.inputs},
        "outputs": {name: _type(column, types[name]) for name, column in columns.items()},
        "labels": sorted(set(labels(best_of(model))) & set(columns)),
        "without_spark": [name for name in names if name not in columns],
        "rows": len(rows[case.inputs[0]]),
        "errors": len(errors),
        "session": describe_session(session),
    }
    return Golden(case.name, about, document, rows, columns, errors)


def _type(values: Sequence[Any], kind: str) -> str:
    """Spark's type where a value tells it, else the document's."""
    known = next((value for value in values if value is not None), None)
    return {float: "double", int: "integer", str: "string", bool: "boolean"}.get(type(known), kind)


def labels(model: PipelineModel) -> list[str]:
    """Columns of labels: those that a classifier or a clustering predicts, and names of labels."""
    named = []
    for stage in model.stages:
        if isinstance(stage, ClassificationModel) or type(stage).__name__.endswith(
            ("KMeansModel", "XGBClassifierModel", "LightGBMClassificationModel")
        ):
            named.append(stage.getOrDefault("predictionCol"))
        if isinstance(stage, IndexToString):
            named.append(stage.getOutputCol())
    return named


def describe(stages: Sequence[Stage], fitted: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Each stage's class, those of its settings that decide its arithmetic, and how many classes it has learnt."""
    described = []
    for place, stage in enumerate(stages):
        shown: dict[str, Any] = {"stage": type(stage).__name__}
        for name in _SETTINGS:
            if stage.hasParam(name) and stage.isDefined(name) and stage.getOrDefault(name) is not None:
                value = stage.getOrDefault(name)
                shown[name] = str(value) if value == float("inf") else value  # JSON has no infinity
        if place < len(fitted) and isinstance(fitted[place], ClassificationModel):
            shown["classes"] = fitted[place].numClasses
        described.append(shown)
    return described


if __name__ == "__main__":
    sys.exit(main())
