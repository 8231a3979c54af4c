"""Boosters read from XGBoost's JSON: what is taken of it, and what is refused by name."""

from typing import Any

import numpy as np
import pytest
from pyspark.ml.linalg import VectorUDT
from pyspark.sql.types import ArrayType, DoubleType, FloatType, StringType, StructField, StructType

from pillion.export.plan.element import UnsupportedPlan, element
from pillion.export.plan.saved import Saved
from pillion.export.plan.stage import Stage
from pillion.export.plan.stages import xgboost_model
from pillion.export.plan.xgboost_booster import Booster

_NAMESPACE = "{urn:pillion:spark-plan}"


def _tree(leaf: float) -> dict[str, Any]:
    """A split of which a node that was pruned is left over."""
    return {
        "tree_param": {"num_nodes": "4", "size_leaf_vector": "1"},
        "left_children": [1, -1, -1, -1],
        "right_children": [3, -1, -1, -1],
        "split_indices": [1, 0, 0, 0],
        "split_conditions": [0.1, leaf, 9.0, -leaf],
        "default_left": [1, 0, 0, 0],
        "categories_nodes": [],
        "categories_segments": [],
        "categories_sizes": [],
        "categories": [],
    }


def _saved(objective: str = "reg:squarederror", base: str = "[5E-1]", **changes: Any) -> dict[str, Any]:
    model = {"trees": [_tree(0.25), _tree(0.5)], "tree_info": [0, 0], "iteration_indptr": [0, 1, 2]}
    return {
        "version": [3, 2, 0],
        "learner": {
            "objective": {"name": objective},
            "learner_model_param": {"base_score": base, "num_class": "0", "num_feature": "2", "num_target": "1"},
            "gradient_booster": {"name": "gbtree", "model": model},
            "attributes": {},
            **changes,
        },
    }


def _written(booster: Booster, iterations: tuple[int, int] | None = None) -> list[dict[str, str]]:
    parent = element("xgboost")
    booster.write(parent, iterations)
    return [
        {str(child.tag).removeprefix(_NAMESPACE): str(child.text) for child in tree}
        for tree in parent.findall(_NAMESPACE + "tree")
    ]


def test_writes_trees_without_what_was_pruned_in_shortest_forms() -> None:
    first, second = _written(Booster.parse(_saved()))

    assert first == {
        "feature": "1 -1 -1",
        "threshold": "0.1 0.0 0.0",
        "left": "1 -1 -1",
        "right": "2 -1 -1",
        "missing": "1 -1 -1",
        "value": "0.25 -0.25",
    }
    assert second["value"] == "0.5 -0.5"


@pytest.mark.parametrize(
    ("objective", "base", "margin"),
    [
        ("reg:squarederror", "5E-1", 0.5),
        ("binary:logistic", "[3.0E-1]", np.float32(-0.84729785)),
        ("count:poisson", "[3.0E-1]", np.float32(-1.2039728)),
    ],
)
def test_margins_begin_with_what_the_objective_makes_of_the_base_score(
    objective: str, base: str, margin: float
) -> None:
    assert Booster.parse(_saved(objective, base)).base.tolist() == [margin]


def test_trees_after_the_best_iteration_are_left_out() -> None:
    assert len(_written(Booster.parse(_saved(attributes={"best_iteration": "0"})))) == 1
    assert len(_written(Booster.parse(_saved(attributes={"best_iteration": "0"})), (1, 2))) == 1


def test_an_iteration_range_past_the_last_one_is_refused() -> None:
    with pytest.raises(UnsupportedPlan, match="its iteration_range ends at 7, and it has 2 iterations"):
        _written(Booster.parse(_saved()), (0, 7))


def test_an_objective_of_ones_own_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedPlan, match="its objective is 'mine', which plans don't know; train it with one of "):
        Booster.parse(_saved("mine"))


def test_a_regressor_of_several_numbers_is_refused() -> None:
    saved = _saved(base="[5E-1,1E0]")
    saved["learner"]["learner_model_param"]["num_target"] = "2"

    with pytest.raises(UnsupportedPlan, match=r"it predicts 2 numbers a row .*train a model for each"):
        _ = Booster.parse(saved).link


def test_dart_is_rounded_with_its_base_before_version_3_3() -> None:
    gradient = {"name": "dart", "gbtree": {"model": {}}, "weight_drop": [1.0]}
    old = _saved(gradient_booster=gradient)

    assert Booster.parse(old).rebase
    assert not Booster.parse({**old, "version": [3, 3, 0]}).rebase


@pytest.mark.parametrize(
    ("params", "kind", "reason"),
    [
        (
            {},
            ArrayType(FloatType()),
            "its column 'features' is of type array, .* make it a vector by a V",
        ),
        ({"features_cols": ["features"]}, DoubleType(), "trained on 2 features, and there are 1 columns of"),
        ({}, VectorUDT(), "trained on 2 features, and there are 3 elements of the vectors in 'features'"),
    ],
)
def test_features_that_no_plan_takes_are_refused(params: dict[str, Any], kind: Any, reason: str, tmp_path: Any) -> None:
    saved = Saved(tmp_path, "SparkXGBRegressorModel", "xgb_1", {"featuresCol": "features", **params}, frozenset())
    session: Any = None
    stage = Stage(saved, None, StructType([StructField("features", kind)]), session, 0, {"features": 3})

    with pytest.raises(UnsupportedPlan, match=reason):
        xgboost_model._features(stage, 2)


@pytest.mark.parametrize(
    ("kind", "booster", "reason"),
    [
        (StringType(), "gbtree", "its base_margin_col 'margin' is of type string, which is no number; cast it to"),
        (DoubleType(), "dart", "stands for 1 margins of a dart, and plans have those of a gbtree with one"),
    ],
)
def test_margins_that_no_plan_takes_are_refused(kind: Any, booster: str, reason: str, tmp_path: Any) -> None:
    gradient = {"name": booster, "gbtree": {"model": {}}, "model": {}, "weight_drop": [1.0]}
    parsed = Booster.parse(_saved(gradient_booster=gradient))
    saved = Saved(tmp_path, "SparkXGBRegressorModel", "xgb_1", {"base_margin_col": "margin"}, frozenset())
    session: Any = None
    stage = Stage(saved, None, StructType([StructField("margin", kind)]), session, 0, {})

    with pytest.raises(UnsupportedPlan, match=reason):
        xgboost_model._own_margins(stage, parsed, [], "features")
