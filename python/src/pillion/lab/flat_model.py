"""The model at a plan's end as arrays: linear, multinomial, trees, or one of a library's own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import numpy as np
import numpy.typing as npt
from lxml import etree

from pillion.errors import UnsupportedStage
from pillion.parity.plan_elements import child_numbers, children_of, numbers_of, tag_of

_LEAF = -1
Kind = Literal["linear", "multinomial", "trees", "xgboost", "lightgbm"]
Doubles = npt.NDArray[np.float64]


class Rule(IntEnum):
    """What becomes of a model's sums."""

    NUMBER = 0
    """The sum is the prediction."""
    LOGISTIC = 1
    """p0 = 1 / (1 + e^m), p1 = 1 − p0."""
    SOFTMAX = 2
    BOOSTED_LOGISTIC = 3
    """The same with 2m."""
    VOTES = 4
    """Each class's sum, divided by that of all classes."""
    MEAN = 5
    """The sum, divided by the number of trees."""
    OWN = 6
    """What the model's own library predicts."""


@dataclass(frozen=True, slots=True)
class FlatModel:
    """A model for programs.

    Attributes:
        kind: Which program computes it.
        rule: What it makes of its sums.
        outputs: How many numbers it gives a row.
        fused: Whether the products of a dense row are added in two lanes with fused multiply-add.
        arrays: Of a linear or multinomial model: intercepts, coefficients row by row. Of trees: each one's weight and
            root; of each node its feature (−1 of a leaf), threshold, left node (of a leaf, its number), right node,
            where its categories begin (−1 where it has a threshold) and how many they are; of each category whether it
            goes left; the leaves' values. Of a library's model: the number that is missing; its trees' numbers.
        column: Of the plan, with the outputs.
    """

    kind: Kind
    rule: Rule
    outputs: int
    fused: bool
    arrays: tuple[Doubles, ...]
    column: str

    @property
    def trees(self) -> int:
        """How many trees it has."""
        return self.arrays[0].size if self.kind == "trees" else 0


def read_model(model: etree._Element) -> FlatModel:
    """Returns a plan's last stage as arrays.

    Raises:
        UnsupportedStage: The programs do not know it.
    """
    known = _MODELS.get(tag_of(model))
    if known is None:
        raise UnsupportedStage(f"no program computes the model {tag_of(model)}")
    return known(model)


def _linear(model: etree._Element, rule: Rule, outputs: int, column: str) -> FlatModel:
    (element,) = children_of(model, "coefficients")
    values, indices = _numbers(element, "values"), _numbers(element, "indices")
    dense = values
    if indices.size:
        dense = np.zeros(int(str(element.get("size"))))
        dense[indices.astype(np.int64)] = values
    intercept = np.array([float(str(model.get("intercept")))])
    return FlatModel("linear", rule, outputs, not indices.size, (intercept, dense), column)


def _linear_regression(model: etree._Element) -> FlatModel:
    return _linear(model, Rule.NUMBER, 1, _prediction(model))


def _logistic_regression(model: etree._Element) -> FlatModel:
    if not children_of(model, "matrix"):
        return _linear(model, Rule.LOGISTIC, 2, _probability(model))
    (element,) = children_of(model, "matrix")
    rows, columns = int(str(element.get("rows"))), int(str(element.get("columns")))
    values, by_row = _numbers(element, "values"), element.get("transposed") == "true"
    starts = _numbers(element, "starts").astype(np.int64)
    if starts.size and not by_row:
        raise UnsupportedStage("the programs do not know a sparse matrix that is stored column by column")
    if starts.size:
        dense = np.zeros((rows, columns))
        of_row = np.repeat(np.arange(rows), np.diff(starts))
        dense[of_row, _numbers(element, "positions").astype(np.int64)] = values
    elif by_row:
        dense = values.reshape(rows, columns)
    else:
        raise UnsupportedStage("the programs do not know a dense matrix that is stored column by column")
    arrays = (_numbers(model, "intercepts"), dense.ravel())
    return FlatModel("multinomial", Rule.SOFTMAX, rows, not starts.size, arrays, _probability(model))


def _trees(model: etree._Element, rule: Rule, outputs: int, weights: Doubles | None) -> FlatModel:
    nodes: list[tuple[float, ...]] = []
    roots: list[float] = []
    sets: list[float] = []
    values: list[Doubles] = []
    leaves, width = 0, 1 if rule is Rule.BOOSTED_LOGISTIC else outputs
    trees = children_of(model, "tree")
    for tree in trees:
        root = len(nodes)
        roots.append(float(root))
        looked_up = {int(str(each.get("node"))): each for each in children_of(tree, "categories")}
        parts = [_numbers(tree, name) for name in ("feature", "threshold", "left", "right")]
        for index, (feature, threshold, left, right) in enumerate(zip(*parts, strict=True)):
            if feature == _LEAF:
                nodes.append((feature, 0.0, float(leaves), 0.0, -1.0, 0.0))
                leaves += 1
                continue
            start, arity = -1.0, 0.0
            if index in looked_up:
                start, arity = float(len(sets)), float(str(looked_up[index].get("arity")))
                lefts = {int(word) for word in (looked_up[index].text or "").split()}
                sets += [float(category in lefts) for category in range(int(arity))]
            nodes.append((feature, threshold, root + left, root + right, start, arity))
        values.append(_numbers(tree, "value").reshape(-1, width))
    all_values = np.concatenate(values)
    if rule is Rule.VOTES and tag_of(model) == "randomForest":
        # Class after class, as Spark adds, and not pair by pair as NumPy's sum.
        totals = np.zeros(len(all_values))
        for position in range(width):
            totals = totals + all_values[:, position]
        with np.errstate(invalid="ignore"):
            all_values = np.where(totals[:, None] == 0.0, 0.0, all_values / totals[:, None])
    weights = np.ones(len(trees)) if weights is None else weights
    by_node = np.array(nodes).T
    arrays = (weights, np.array(roots), *by_node, np.array(sets), all_values.ravel())
    column = _prediction(model) if rule in (Rule.NUMBER, Rule.MEAN) else _probability(model)
    return FlatModel("trees", rule, outputs, rule in (Rule.NUMBER, Rule.BOOSTED_LOGISTIC), arrays, column)


def _xgboost(model: etree._Element) -> FlatModel:
    missing = float(str(model.get("missing")))
    return _of_library("xgboost", model, len(child_numbers(model, "base")), missing)


def _lightgbm(model: etree._Element) -> FlatModel:
    return _of_library("lightgbm", model, int(str(model.get("groups"))), np.nan)


def _of_library(kind: Kind, model: etree._Element, groups: int, missing: float) -> FlatModel:
    """A model that its own library scores, from the pipeline that was kept; of its trees, only the size counts."""
    classes = str(model.get("link")).startswith("classes")
    outputs, column = (max(2, groups), _probability(model)) if classes else (1, _prediction(model))
    trees = np.array([number for tree in children_of(model, "tree") for part in tree for number in numbers_of(part)])
    return FlatModel(kind, Rule.OWN, outputs, False, (np.array([missing]), trees), column)


def _boosted(model: etree._Element) -> FlatModel:
    classes = model.get("classes") is not None
    rule = Rule.BOOSTED_LOGISTIC if classes else Rule.NUMBER
    return _trees(model, rule, 2 if classes else 1, _numbers(model, "weights"))


def _forest(model: etree._Element) -> FlatModel:
    classes = model.get("classes")
    return _trees(model, Rule.MEAN, 1, None) if classes is None else _trees(model, Rule.VOTES, int(classes), None)


_MODELS: Mapping[str, Callable[[etree._Element], FlatModel]] = {
    "linearRegression": _linear_regression,
    "logisticRegression": _logistic_regression,
    "gradientBoostedTrees": _boosted,
    "randomForest": _forest,
    "decisionTree": _forest,
    "xgboost": _xgboost,
    "lightgbm": _lightgbm,
}


def _numbers(element: etree._Element, name: str) -> Doubles:
    return np.array(child_numbers(element, name))


def _probability(model: etree._Element) -> str:
    column = model.get("probability")
    if not column:
        raise UnsupportedStage("the programs give probabilities, and the plan's model has none")
    return str(column)


def _prediction(model: etree._Element) -> str:
    return str(model.get("prediction"))
