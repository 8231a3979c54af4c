import numpy as np
import pytest

from pillion.errors import UnsupportedStage
from pillion.lab.flat_plan import Field, FlatPlan, flatten
from pillion.parity.plan_elements import read_plan
from tools.checkout import ROOT

GOLDENS = ROOT / "tests/golden/data"


def flat(case: str) -> FlatPlan:
    document = (GOLDENS / case / "model.pmml").read_bytes()
    plan = read_plan(document)
    types = {each.get("name"): each.get("type") for each in plan if each.tag.endswith("}input")}
    return flatten(document, types)


@pytest.mark.parametrize(
    ("case", "kind", "rule", "outputs"),
    [
        ("logistic", "linear", "LOGISTIC", 2),
        ("linear_regression", "linear", "NUMBER", 1),
        ("multinomial_iris", "multinomial", "SOFTMAX", 3),
        ("gbt_classifier", "trees", "BOOSTED_LOGISTIC", 2),
        ("gbt_regressor", "trees", "NUMBER", 1),
        ("forest_classifier", "trees", "VOTES", 2),
        ("forest_regressor", "trees", "MEAN", 1),
        ("xgboost_regressor", "xgboost", "OWN", 1),
        ("xgboost_classifier", "xgboost", "OWN", 2),
        ("xgboost_multiclass", "xgboost", "OWN", 3),
    ],
)
def test_each_kind_of_model_is_read(case: str, kind: str, rule: str, outputs: int) -> None:
    model = flat(case).model

    assert (model.kind, model.rule.name, model.outputs) == (kind, rule, outputs)


@pytest.mark.parametrize(
    ("case", "named"),
    [
        ("perceptron", "multilayerPerceptron"),
        ("text_counts", "tokenizer"),
        ("xgboost_base_margin", "baseMargin"),
        ("sql_numbers", "SQL expression"),
        ("interaction", "a number that may be missing"),
    ],
)
def test_what_programs_cannot_compute_is_named(case: str, named: str) -> None:
    with pytest.raises(UnsupportedStage, match=f"(?i){named}|perceptron"):
        flat(case)


def test_of_a_model_of_xgboosts_what_is_missing_and_the_size_are_read() -> None:
    missing, trees = flat("xgboost_missing_zero").model.arrays

    assert missing.tolist() == [0.0]
    assert trees.size > 100


def test_a_document_without_a_plan_is_refused() -> None:
    with pytest.raises(UnsupportedStage, match="holds no plan"):
        flatten(b"<PMML><Header/></PMML>", {})


def test_a_plan_of_other_lanes_is_refused() -> None:
    document = (GOLDENS / "logistic/model.pmml").read_bytes().replace(b'lanes="2"', b'lanes="8"')

    with pytest.raises(UnsupportedStage, match="with 8 lanes"):
        flatten(document, {})


def test_a_row_is_dense_as_spark_measures_it() -> None:
    assert flat("sparse_and_dense_rows").sparse_below == (8 * 24 - 16) / 12


def test_texts_are_their_place_in_the_vocabulary_and_the_unknown_are_one_more() -> None:
    field = Field("device", ("tv", "mobile"))

    assert [field.code(value) for value in ("tv", "mobile", "watch", None)] == [0.0, 1.0, 2.0, 2.0]


def test_a_missing_number_is_nan() -> None:
    assert np.isnan(Field("age", None).code(None))


def test_bytes_are_arrays_with_their_lengths() -> None:
    plan = flat("linear_regression")
    found = plan.to_bytes()

    assert int.from_bytes(found[:8], "little") == 5
    assert np.frombuffer(found[8:48]).tolist() == [10.0, plan.sparse_below, 0.0, 1.0, 1.0]
