"""Random pipelines on random rows: the compiled engine has Spark's bits, and an error where Spark throws.

Spark runs live. `make test` tries a fixed few within a minute or so; `make fuzz-engine` tries new ones for as long as
it is told. What failed once is kept under `failures/`, and is tried first.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.database import DirectoryBasedExampleDatabase
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.ml.classification import ClassificationModel
from pyspark.sql import SparkSession
from pyspark.sql.types import DoubleType, StringType, StructField, StructType

from pillion.errors import InvalidModel, UnsupportedStage
from pillion.export.converter import export
from pillion.export.plan.stages import WRITERS
from pillion.export.session import spark_session
from pillion.parity.compare import compare
from pillion.parity.spark_routes import SparkRoute
from pillion.scoring.jvm import open_model
from tests.support.pipelines import Spec, build, columns_of, kinds, names, specs, training_rows
from tools.golden.spark_classes import unfitted

MINUTES = float(os.environ.get("PILLION_FUZZ_MINUTES", "0"))
BUDGET_S = 60 * MINUTES or 45.0
FAILURES = Path(__file__).parent / "failures"


@pytest.fixture(scope="module")
def session() -> Iterator[SparkSession]:
    with spark_session(log_level="OFF") as made:
        yield made


@pytest.mark.spark
@pytest.mark.timeout(600 + 60 * MINUTES)
def test_compiled_engine_has_the_bits_of_spark_on_random_pipelines(session: SparkSession, jar: Path) -> None:
    tried: Counter[str] = Counter()
    end = time.monotonic() + BUDGET_S

    @settings(
        max_examples=12,
        derandomize=not MINUTES,
        database=DirectoryBasedExampleDatabase(FAILURES) if MINUTES else None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate, *([Phase.shrink] if MINUTES else [])],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(specs())
    def holds(spec: Spec) -> None:
        if time.monotonic() > end:
            return
        tried[check(session, jar, spec)] += 1

    holds()
    while MINUTES and time.monotonic() < end:
        holds()
    print(dict(tried))
    assert tried["exact"] > 0, tried


NOT_DRAWN = {
    "ColumnPruner": "is made inside an RFormula",
    **dict.fromkeys(("LightGBMClassificationModel", "LightGBMRegressionModel"), "is in test_random_lightgbm.py"),
    **dict.fromkeys(
        ("SparkXGBClassifierModel", "SparkXGBRankerModel", "SparkXGBRegressorModel"), "is in test_random_boosters.py"
    ),
    **dict.fromkeys(
        ("XGBoostClassificationModel", "XGBoostRankerModel", "XGBoostRegressionModel"), "is trained by Spark's JVM"
    ),
    "VectorAttributeRewriter": "is made inside an RFormula",
}  # fmt: skip
"""Stages that are exact and in no random pipeline, but in recorded cases, with the reason."""


@pytest.mark.spark
def test_each_stage_that_plans_have_is_drawn(session: SparkSession) -> None:
    drawn = {type(stage).__name__ for spec in kinds() for stage in build(spec).getStages()}

    assert {fitted for fitted in WRITERS if not drawn & unfitted(fitted)} == NOT_DRAWN.keys()


def check(session: SparkSession, jar: Path, spec: Spec) -> str:
    """Compares one pipeline; returns how it went: `exact`, `no document`, `not fitted`, `refused`."""
    inputs = names(spec)
    fields = [StructField(name, StringType() if name[0] == "t" else DoubleType()) for name in inputs]
    whole = StructType([*fields, StructField("label", DoubleType()), StructField("sure", DoubleType())])
    frame = session.createDataFrame(training_rows(spec), whole).coalesce(1)
    try:
        model = build(spec).fit(frame)
    except (Py4JJavaError, PySparkException):
        return "not fitted"
    try:
        document = export(model, whole)
    except UnsupportedStage:
        return "no document"
    try:
        engine = open_model(document, "compiled", jar)
    except InvalidModel as refusal:
        return f"refused: {refusal}"
    if engine.arithmetic != "spark":
        return "refused: no plan"
    columns, rows = columns_of(spec), len(spec.rows)
    route = SparkRoute(session, model, StructType(fields), [field["name"] for field in engine.contract["outputs"]])
    expected, actual = route.score(columns, rows), engine.score(columns, rows)
    engine.close()
    labels = [s.getOrDefault("predictionCol") for s in model.stages if isinstance(s, ClassificationModel)]
    comparison = compare(
        expected.columns,
        actual.columns,
        decisions=[name for name in labels if name in expected.columns],
        score=(),
        refused=frozenset(error.row for error in actual.row_errors),
        failed=frozenset(error.row for error in expected.row_errors),
    )
    assert comparison.difference.exact, (
        comparison.difference.as_dict(),
        [(int(r), spec.rows[r]) for r in (*comparison.refused, *comparison.answered)][:3],
        [error.message for error in (*expected.row_errors, *actual.row_errors)][:4],
    )
    return "exact"
