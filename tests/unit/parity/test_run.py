"""The run and its verdicts: what passes, what fails, what is explained, and that nothing is left out."""

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pillion.errors import ConfigurationError, InvalidModel, SidecarError
from pillion.parity import verdict
from pillion.parity.case import Case, labels_of, scores_of
from pillion.parity.routes import BrokenRoute, Route, RouteKind
from pillion.parity.run import Result, failures, run_case
from pillion.scoring import RowError, Scores
from pillion.types import Value
from tests.support.cases import CONTRACT, make_case


def run(case: Case, reply: Scores | None = None, **broken: Any) -> Result:
    route = BrokenRoute(case.expected if reply is None else reply, output="probability(1)", **broken)
    return run_case(case, [RouteKind("fake compiled", lambda _: route)])[0]


def with_cell(case: Case, name: str, row: int, value: Value) -> Scores:
    columns = {key: list(column) for key, column in case.expected.columns.items()}
    columns[name][row] = value
    return Scores(columns, case.expected.row_errors)


def test_the_references_own_answers_pass_exactly() -> None:
    result = run(make_case(errors=[3]))
    assert (result.verdict.passed, result.difference.exact, failures([result])) == (True, True, [])


@pytest.mark.parametrize(
    ("steps", "arithmetic", "passes"), [(1, "spark", False), (1, "jpmml", True), (999, "jpmml", False)]
)
def test_one_double_off_fails_the_promise_of_sparks_bits_and_a_far_one_fails_both(
    steps: int, arithmetic: str, passes: bool
) -> None:
    result = run(make_case(), steps=steps, every=97, arithmetic=arithmetic)
    assert result.verdict.passed is passes
    assert result.difference.max_ulps >= steps


def test_a_sum_in_another_order_is_red() -> None:
    random = np.random.default_rng(11)
    weights, rows = random.normal(size=12), random.normal(size=(500, 12))
    margins = [0.0] * 500
    backwards = [0.0] * 500
    for i in range(12):
        margins = [m + float(weights[i] * row[i]) for m, row in zip(margins, rows, strict=True)]
        backwards = [m + float(weights[11 - i] * row[11 - i]) for m, row in zip(backwards, rows, strict=True)]
    case = make_case(real=500)
    case = replace(case, rows=500, columns={name: column[:500] for name, column in case.columns.items()}, labels=())

    def answers(sums: Iterable[float]) -> Scores:
        return Scores({"probability(1)": [1 / (1 + math.exp(-m)) for m in sums]}, ())

    case = replace(case, expected=answers(margins))
    assert run(case, answers(margins)).verdict.passed
    result = run(case, answers(backwards))
    assert not result.verdict.passed
    assert failures([result])[0].startswith("hand by fake compiled: ")
    assert "differ from Spark's bits" in result.verdict.problems[0]


def test_another_label_fails_whatever_the_arithmetic() -> None:
    case = make_case()
    other = with_cell(case, "prediction", 5, 1.0 - case.expected.columns["prediction"][5])
    for arithmetic in ("spark", "jpmml"):
        result = run(case, other, arithmetic=arithmetic)
        assert (result.verdict.passed, result.difference.decisions_differing) == (False, 1)


def test_another_rank_fails_though_the_values_are_near() -> None:
    case = make_case()
    scores = list(case.expected.columns["probability(1)"])
    scores[8] = scores[9]  # a tie, which row 8 wins
    expected = Scores({"probability(1)": scores}, ())
    near = [*scores[:9], math.nextafter(scores[9], 1.0), *scores[10:]]
    case = replace(case, expected=expected, labels=())
    result = run(case, Scores({"probability(1)": near}, ()), arithmetic="jpmml")
    assert result.verdict.problems == ("2 places of the ranking hold another row than Spark's",)


@pytest.mark.parametrize(
    ("place", "reason"),
    [(0, verdict.NAN), (1, verdict.INFINITE), (2, verdict.HUGE), (4, verdict.UNSEEN)],
)
def test_what_pmml_treats_otherwise_is_explained_for_the_interpreter_and_no_excuse_for_sparks_arithmetic(
    place: int, reason: Any
) -> None:
    case = make_case()
    row = case.real + place
    other = with_cell(case, "probability(1)", row, 0.125)
    result = run(case, other, arithmetic="jpmml")
    assert result.verdict.passed
    assert [(group.reason, group.rows.tolist()) for group in result.verdict.explained] == [(reason, [row])]
    assert not run(case, other, arithmetic="spark").verdict.passed


def test_a_missing_input_explains_a_missing_answer_and_no_other() -> None:
    case = make_case()
    row = case.real + 3
    silent = {name: [None if r == row else v for r, v in enumerate(c)] for name, c in case.expected.columns.items()}
    refusing = Scores(silent, (RowError(row, "x", "", "missing"),))
    assert run(case, refusing, arithmetic="jpmml").verdict.explained[0].reason == verdict.MISSING
    assert not run(case, with_cell(case, "probability(1)", row, 0.125), arithmetic="jpmml").verdict.passed


def test_a_missing_input_that_the_document_fills_for_every_use_explains_an_edge_row_and_no_real_one() -> None:
    case = make_case()
    row = case.real + 3
    other = with_cell(case, "probability(1)", row, 0.125)
    first, *rest = case.contract["inputs"]
    filled = replace(case, contract={**case.contract, "inputs": [{**first, "missing_replacement": 0.5}, *rest]})
    result = run(filled, other, arithmetic="jpmml")

    assert result.verdict.passed
    assert [(g.reason, g.rows.tolist()) for g in result.verdict.explained] == [(verdict.IMPUTED, [row])]
    assert not run(filled, other, arithmetic="spark").verdict.passed
    assert not run(replace(filled, real=case.rows), other, arithmetic="jpmml").verdict.passed
    assert not run(filled, with_cell(case, "probability(1)", 5, 0.125), arithmetic="jpmml").verdict.passed


def test_a_missing_input_explains_a_number_where_spark_has_nan() -> None:
    case = make_case()
    row = case.real + 3
    nan = replace(case, expected=with_cell(case, "probability(1)", row, math.nan))
    assert run(nan, case.expected, arithmetic="jpmml").verdict.explained[0].reason == verdict.MISSING_IS_NAN
    ordinary = replace(case, expected=with_cell(case, "probability(1)", 5, math.nan))
    assert not run(ordinary, case.expected, arithmetic="jpmml").verdict.passed


def test_a_refusal_of_an_ordinary_row_fails() -> None:
    case = make_case()
    refusing = Scores(case.expected.columns, (RowError(17, "x", "", "no"),))
    for arithmetic in ("spark", "jpmml"):
        result = run(case, refusing, arithmetic=arithmetic)
        assert result.verdict.problems == ("1 rows are refused though Spark answers, row 17 the first",)


def test_an_answer_where_spark_throws_is_listed_for_the_interpreter_and_fails_sparks_arithmetic() -> None:
    case = make_case(errors=[17])
    answer = Scores(make_case().expected.columns, ())
    lenient = run(case, answer, arithmetic="jpmml")
    assert (lenient.verdict.passed, lenient.verdict.explained[0].reason) == (True, verdict.SPARK_THROWS)
    assert not run(case, answer, arithmetic="spark").verdict.passed


def test_a_route_that_declines_says_so_is_counted_and_fails_only_where_it_is_demanded() -> None:
    def decline(case: Case) -> Route:
        raise InvalidModel("the element 'RuleSetModel' is not supported")

    results = run_case(make_case(), [RouteKind("jpype compiled", decline)])

    assert (results[0].ran, results[0].unsupported) == (False, True)
    assert failures(results) == []
    assert failures(results, demanded=["compiled"]) == [
        "hand by jpype compiled did not run: the element 'RuleSetModel' is not supported"
    ]


@pytest.mark.parametrize("error", [ConfigurationError("no Java"), SidecarError("broke off")])
def test_a_route_that_breaks_fails(error: Any) -> None:
    def fail(case: Case) -> Route:
        raise error

    results = run_case(make_case(), [RouteKind("http", fail)])
    assert failures(results) == [f"hand by http did not run: {error}"]


def test_a_route_that_is_asked_about_some_rows_says_how_many_it_was_not() -> None:
    case = make_case(errors=[1, 150])
    seen = []

    class Noting(BrokenRoute):
        def score(self, columns: Any, rows: int) -> Scores:
            seen.append((rows, len(columns["x"])))
            return Scores({name: c[:rows] for name, c in self._reply.columns.items()}, self._reply.row_errors[:1])

    real = RouteKind("real", lambda _: Noting(case.expected), real_only=True, most=100)
    result = run_case(case, [real])[0]
    assert (seen, result.not_asked, result.verdict.passed) == ([(100, 100)], 106, True)


def test_a_case_keeps_its_edge_rows_when_it_is_cut() -> None:
    case = make_case(errors=[1, 150, 204])
    cut = case.select(100)
    assert (cut.rows, cut.real) == (106, 100)
    assert cut.columns["device"][-2] == "toaster"
    assert [error.row for error in cut.expected.row_errors] == [1, 104]
    assert case.select(1000) is case


def test_labels_and_scores_are_read_off_the_outputs() -> None:
    outputs = CONTRACT["outputs"]
    assert labels_of(outputs[1:]) == ("prediction",)
    assert scores_of(outputs) == ("probability(1)",)
    three = [*outputs, {"name": "probability(2)", "type": "double", "kind": "probability"}]
    assert scores_of(three) == ("probability(0)", "probability(1)", "probability(2)")
    assert (labels_of(outputs[1:2]), scores_of(outputs[1:2])) == ((), ("prediction",))
