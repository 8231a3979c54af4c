"""The engines against Spark's recorded outputs, without Spark.

The compiled one has Spark's bits and its errors, the interpreter its labels.
"""

from pathlib import Path

import numpy as np
import pytest

from tools.golden import known
from tools.golden.outcome import outcome
from tools.golden.store import Golden, read, recorded

CASES = recorded()


@pytest.fixture(scope="module", params=CASES)
def golden(request: pytest.FixtureRequest) -> Golden:
    return read(request.param)


def test_there_are_at_least_forty_cases() -> None:
    assert len(CASES) >= 40


def test_known_refusals_are_of_recorded_cases() -> None:
    listed = {*known.NOT_COMPILED, *known.NOT_EXACT, *known.OTHER_LABELS}
    assert listed - set(CASES) == set()


def test_each_case_has_rows_with_an_answer_of_spark(golden: Golden) -> None:
    assert golden.expected
    assert golden.rows - len(golden.errors) >= 30


def test_compiled_engine_returns_the_bits_of_spark(golden: Golden, jar: Path) -> None:
    made = outcome(golden, "compiled", jar)
    in_spark_arithmetic = made.refusal is None and made.arithmetic == "spark"
    if golden.name in known.NOT_COMPILED:
        assert not in_spark_arithmetic, f"{golden.name} is compiled now: take it out of known.NOT_COMPILED"
    elif golden.name in known.NOT_EXACT:
        assert in_spark_arithmetic
        assert not made.exact, f"{golden.name} is exact now: take it out of known.NOT_EXACT"
    else:
        assert made.refusal is None
        assert made.arithmetic == "spark"
        assert made.exact, made.describe(golden)


def test_interpreter_reads_the_document_and_gives_the_labels_of_spark(golden: Golden, jar: Path) -> None:
    made = outcome(golden, "jpmml", jar)
    if golden.plan_only:
        assert made.refusal is not None
        assert made.refusal.startswith("the document has no model")
        return
    assert made.refusal is None
    assert made.arithmetic == "jpmml"
    assert made.comparison is not None
    usual = ~_infinite(golden)[made.comparison.kept]
    columns = made.comparison.columns
    differing = sum(int((columns[name].differing & usual).sum()) for name in golden.about["labels"] if name in columns)
    if golden.name in known.OTHER_LABELS:
        assert differing > 0, f"{golden.name} passes now: take it out of known.OTHER_LABELS"
    else:
        assert differing == 0, made.describe(golden)


def _infinite(golden: Golden) -> np.ndarray:
    """Rows with an infinite or an enormous input: where Spark's softmax has a label, the interpreter's is NaN."""
    return np.array(
        [
            any(isinstance(value := column[row], float) and abs(value) >= 1e300 for column in golden.inputs.values())
            for row in range(golden.rows)
        ]
    )
