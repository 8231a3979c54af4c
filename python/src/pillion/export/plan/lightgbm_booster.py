"""A booster as LightGBM writes it in its model text: trees of doubles, and what its objective makes of their sums."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pillion.export.plan.element import Element, UnsupportedPlan, add, numbers

_LEAF = -1
_CATEGORICAL, _LEFT = 1, 2
_MISSING = ("none", "zero", "nan")
_WORD = 32
"""Categories that one number of a node's set has."""

CLASSES = frozenset({"binary", "multiclass", "multiclassova"})
"""Objectives of classifiers."""
_LINKS: Mapping[str, str] = {
    **dict.fromkeys(("poisson", "gamma", "tweedie"), "exp"),
    "cross_entropy": "logistic",
    "xentropy": "logistic",
    **dict.fromkeys(
        (
            "custom", "fair", "huber", "lambdarank", "mape", "quantile", "rank_xendcg", "regression", "regression_l1",
        ),
        "identity",
    ),
}  # fmt: skip
"""What an objective makes of a sum; a text without one, as of an objective of one's own, keeps it."""


class _View(NamedTuple):
    """A way in which splits treat a feature: its number, what is missing, and where that goes."""

    feature: int
    missing: str
    left: bool


@dataclass(frozen=True, slots=True)
class Booster:
    """A booster.

    Attributes:
        version: of the model text.
        objective: its name, `custom` where the text names none.
        features: how many it takes.
        groups: how many sums a row has.
        average: whether sums are divided by the number of rounds.
        slope: what a classifier's sums are multiplied by.
        square: whether the objective was trained on square roots.
    """

    version: str
    objective: str
    features: int
    groups: int
    average: bool
    slope: float
    square: bool
    _trees: Sequence[Mapping[str, str]]

    @classmethod
    def parse(cls, text: str) -> "Booster":
        """Reads what LightGBM's `model_to_string()` returns.

        Raises:
            UnsupportedPlan: its objective isn't known, it has trees whose leaves are linear, or the text is cut short.
        """
        head, *trees = text.partition("\nend of trees")[0].split("\n\nTree=")
        fields = _fields(head)
        if "\nend of trees" not in text or "max_feature_idx" not in fields or not trees:
            raise UnsupportedPlan("its model text is cut short; take what the booster's model_to_string() returns")
        words = fields.get("objective", "custom").split()
        objective, options = words[0], dict(word.partition(":")[::2] for word in words[1:])
        if objective not in _LINKS and objective not in CLASSES:
            raise UnsupportedPlan(
                f"its objective is {objective!r}, which plans don't know; train it with one of"
                f" {', '.join(sorted((*_LINKS, *CLASSES)))}"
            )
        parsed = [_fields(tree) for tree in trees]
        if any(tree.get("is_linear", "0") != "0" for tree in parsed):
            raise UnsupportedPlan("its leaves are linear models, which plans don't know; train it without linear_tree")
        return cls(
            fields["version"],
            objective,
            int(fields["max_feature_idx"]) + 1,
            int(fields["num_tree_per_iteration"]),
            "average_output" in fields,
            float(options.get("sigmoid", "1")),
            "sqrt" in options,
            parsed,
        )

    @property
    def link(self) -> str:
        """What the objective makes of the sums."""
        if self.objective in CLASSES:
            return "classes-alone" if self.objective == "multiclassova" else "classes"
        return "square" if self.square else _LINKS[self.objective]

    def write(self, values: Element, model: Element) -> int:
        """Adds what splits compare to the element `values`, and the trees to the element `model`.

        Returns:
            How many numbers splits compare.
        """
        views: dict[_View, int] = {}
        for tree in self._trees:
            _write_tree(model, tree, views)
        for view in views:
            left = None if view.missing in ("category", "none") else view.left
            add(values, "value", feature=view.feature, missing=view.missing, left=left)
        return len(views)


def _fields(text: str) -> dict[str, str]:
    lines = (line.partition("=") for line in text.split("\n"))
    return {key: value for key, _, value in lines if key}


def _write_tree(model: Element, tree: Mapping[str, str], views: dict[_View, int]) -> None:
    """Adds a tree, its nodes from the root on."""
    child, leaves = add(model, "tree"), _floats(tree, "leaf_value")
    splits, kinds, limits = _ints(tree, "split_feature"), _ints(tree, "decision_type"), _floats(tree, "threshold")
    lefts, rights = _ints(tree, "left_child"), _ints(tree, "right_child")
    order = [0 if splits else ~0]
    for node in order:
        if node >= 0:
            order += [lefts[node], rights[node]]
    place = {node: index for index, node in enumerate(order)}
    count = len(order)
    feature, threshold, left, right = [_LEAF] * count, [0.0] * count, [_LEAF] * count, [_LEAF] * count
    for node, index in place.items():
        if node < 0:
            continue
        view = _view(splits[node], kinds[node])
        feature[index] = views.setdefault(view, len(views))
        left[index], right[index] = place[lefts[node]], place[rights[node]]
        if view.missing != "category":
            threshold[index] = limits[node]
        else:
            chosen = _categories(tree, int(limits[node]))
            arity = max(2 * len(chosen), 1 + max(chosen, default=0))
            numbers(child, "categories", chosen).attrib.update({"node": str(index), "arity": str(arity)})
    numbers(child, "feature", feature)
    numbers(child, "threshold", threshold)
    numbers(child, "left", left)
    numbers(child, "right", right)
    numbers(child, "value", [leaves[~node] for node in order if node < 0])


def _view(feature: int, kind: int) -> _View:
    """The way in which a node treats its feature, of the bits of its `decision_type`."""
    if kind & _CATEGORICAL:
        return _View(feature, "category", False)
    missing = _MISSING[kind >> 2 & 3]
    return _View(feature, missing, missing != "none" and bool(kind & _LEFT))


def _categories(tree: Mapping[str, str], number: int) -> list[int]:
    """The categories that go left at one of a tree's categorical nodes."""
    bounds, words = _ints(tree, "cat_boundaries"), _ints(tree, "cat_threshold")
    own = words[bounds[number] : bounds[number + 1]]
    return [_WORD * place + bit for place, word in enumerate(own) for bit in range(_WORD) if word >> bit & 1]


def _ints(tree: Mapping[str, str], name: str) -> list[int]:
    return [int(token) for token in tree.get(name, "").split()]


def _floats(tree: Mapping[str, str], name: str) -> list[float]:
    return [float(token) for token in tree.get(name, "").split()]
