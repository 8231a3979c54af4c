"""Each stage that plans have occurs in a recorded case, on both sides: Python's writers and Java's compilers."""

import re

import pytest

from pillion.export.plan.stages import WRITERS
from tools.checkout import ROOT
from tools.golden.spark_classes import unfitted
from tools.golden.store import read, recorded

STAGES = ROOT / "jvm-sidecar/scoring-spark/src/main/java/org/pillion/scoring/spark/stage/Stages.java"
OF_THE_JVM = {"XGBoostClassificationModel", "XGBoostRankerModel", "XGBoostRegressionModel"}
"""Those of xgboost4j-spark, whose cases are saved pipelines."""
INSIDE = {
    "ColumnPruner": "RFormula",
    "VectorAttributeRewriter": "RFormula",
}
"""Fitted classes that Spark makes inside another stage, by the stage."""


@pytest.fixture(scope="module")
def stages() -> set[str]:
    """The stages of all recorded cases with a plan."""
    cases = [read(name) for name in recorded()]
    return {stage["stage"] for case in cases if _plan(case.document) for stage in case.about["stages"]}


@pytest.fixture(scope="module")
def elements() -> set[str]:
    """The names of the elements of all recorded plans."""
    return {name for case in recorded() for name in re.findall(r"<(\w+)", _plan(read(case).document))}


@pytest.mark.parametrize("fitted", sorted(WRITERS.keys() - OF_THE_JVM))
def test_each_writer_has_a_recorded_case(fitted: str, stages: set[str]) -> None:
    assert {INSIDE.get(fitted, fitted), *unfitted(fitted)} & stages


def test_each_compiler_has_a_recorded_plan(elements: set[str]) -> None:
    compiled = set(re.findall(r'Map\.entry\("(\w+)"', STAGES.read_text(encoding="utf-8")))

    assert compiled - elements == set()


def _plan(document: bytes) -> str:
    """The text of a document's plan; empty where it has none."""
    found = re.search(r'name="spark-plan"[^>]*>(.*?)</Extension>', document.decode(), re.DOTALL)
    return "" if found is None else found[1]
