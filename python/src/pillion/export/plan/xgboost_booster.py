"""A booster as XGBoost saves it in JSON: trees or linear weights, and the base that its margins begin with."""

import ctypes
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pillion.export.plan.element import Element, UnsupportedPlan, add, numbers

_LEAF = -1
_ALL = -1
"""The group of a tree whose leaves have a value for each."""
_REBASED = (3, 3)
"""The first version of XGBoost that adds up a weighed leaf as it is, where earlier ones round it with the base."""

_LOGISTIC = frozenset({"binary:logistic", "reg:logistic"})
_LOG = frozenset({"count:poisson", "reg:gamma", "reg:tweedie", "survival:aft", "survival:cox"})
_LINKS: Mapping[str, str] = {
    **dict.fromkeys(_LOGISTIC, "logistic"),
    **dict.fromkeys(_LOG, "exp"),
    "binary:hinge": "hinge",
    **dict.fromkeys(
        (
            "binary:logitraw", "rank:map", "rank:ndcg", "rank:pairwise", "reg:absoluteerror", "reg:expectileerror",
            "reg:linear", "reg:pseudohubererror", "reg:quantileerror", "reg:squarederror", "reg:squaredlogerror",
        ),
        "identity",
    ),
}  # fmt: skip
"""What an objective makes of a margin; of several margins only classifiers make something."""
_OF_SEVERAL = frozenset({"multi:softmax", "multi:softprob"})


@dataclass(frozen=True, slots=True)
class Booster:
    """A booster.

    Attributes:
        version: of the XGBoost that saved it.
        objective: its name.
        features: how many it takes.
        base: float32, what margins begin with, one a group.
        rebase: whether leaves are rounded with the base before they are weighed.
        kind: `gbtree`, `dart` or `gblinear`.
    """

    version: str
    objective: str
    features: int
    base: np.ndarray[Any, np.dtype[np.float32]]
    rebase: bool
    kind: str
    _model: Mapping[str, Any]
    _weights: Sequence[float]
    _best: int | None

    @classmethod
    def parse(cls, saved: Mapping[str, Any]) -> "Booster":
        """Reads what `save_raw("json")` returns.

        Raises:
            UnsupportedPlan: its objective or booster isn't known.
        """
        learner = saved["learner"]
        objective, params = str(learner["objective"]["name"]), learner["learner_model_param"]
        if objective not in _LINKS and objective not in _OF_SEVERAL:
            raise UnsupportedPlan(
                f"its objective is {objective!r}, which plans don't know; train it with one of"
                f" {', '.join(sorted((*_LINKS, *_OF_SEVERAL)))}"
            )
        gradient = learner["gradient_booster"]
        kind = str(gradient["name"])
        dart = kind == "dart"
        if kind not in ("gbtree", "dart", "gblinear"):
            raise UnsupportedPlan(f"its booster is {kind!r}, which plans don't know")
        groups = max(int(params["num_class"]), int(params.get("num_target", 1)), 1)
        best = learner.get("attributes", {}).get("best_iteration")
        version = tuple(map(int, saved["version"]))
        return cls(
            ".".join(map(str, version)),
            objective,
            int(params["num_feature"]),
            _base(str(params["base_score"]), objective, groups, first=kind == "gblinear"),
            dart and version < _REBASED,
            kind,
            (gradient["gbtree"] if dart else gradient)["model"],
            gradient.get("weight_drop", ()),
            None if best is None else int(best),
        )

    @property
    def groups(self) -> int:
        """How many margins a row has."""
        return len(self.base)

    @property
    def link(self) -> str:
        """What its objective makes of its only margin.

        Raises:
            UnsupportedPlan: it has several.
        """
        if self.groups > 1 or self.objective not in _LINKS:
            raise UnsupportedPlan(
                f"it predicts {self.groups} numbers a row by {self.objective!r}, and Spark's column holds one; train a"
                " model for each"
            )
        return _LINKS[self.objective]

    @property
    def rounds(self) -> int:
        """How many rounds it was trained for, those after the best one among them."""
        return len(self._starts()) - 1

    def write(self, parent: Element, iterations: tuple[int, int] | None) -> None:
        """Adds the booster's numbers to an element.

        Args:
            parent: the element.
            iterations: the first round that counts, and the one after the last; where None, all up to the best one.

        Raises:
            UnsupportedPlan: it has a split that plans don't know.
        """
        numbers(parent, "base", _shortest(self.base))
        if self.kind == "gblinear":
            numbers(parent, "linear", _shortest(self._model["weights"]))
            return
        first, last = self._trees(iterations)
        for number in range(first, last):
            weight = _shortest([self._weights[number]])[0] if self.kind == "dart" else 1.0
            self._tree(parent, self._model["trees"][number], int(self._model["tree_info"][number]), weight)

    def _trees(self, iterations: tuple[int, int] | None) -> tuple[int, int]:
        """The first tree that counts, and the one after the last."""
        begin, end = iterations or (0, 0)
        if end == 0:
            begin, end = 0, 0 if self._best is None else self._best + 1
        trees, starts = len(self._model["trees"]), self._starts()
        if end >= len(starts):
            raise UnsupportedPlan(f"its iteration_range ends at {end}, and it has {len(starts) - 1} iterations")
        return starts[begin], trees if end == 0 else starts[end]

    def _starts(self) -> Sequence[int]:
        """The first tree of each round, and the number of all trees."""
        starts: Sequence[int] | None = self._model.get("iteration_indptr")
        if starts is not None:
            return starts
        parallel = max(int(self._model["gbtree_model_param"].get("num_parallel_tree", 1)), 1)
        return range(0, len(self._model["trees"]) + 1, parallel * self.groups)

    def _tree(self, parent: Element, tree: Mapping[str, Any], group: int, weight: float) -> None:
        """Adds a tree, its nodes from the root on; nodes that were pruned are left out."""
        width = int(tree["tree_param"].get("size_leaf_vector", 1) or 1)
        child = add(parent, "tree", group=_ALL if width > 1 else group, weight=weight)
        lefts, rights, splits = tree["left_children"], tree["right_children"], tree["split_indices"]
        order = [0]
        for node in order:
            if lefts[node] != _LEAF:
                order += [lefts[node], rights[node]]
        place = {node: index for index, node in enumerate(order)}
        inner = [lefts[node] != _LEAF for node in order]
        categories = _categories(tree)
        limits = [
            0.0 if not has or node in categories else tree["split_conditions"][node]
            for node, has in zip(order, inner, strict=True)
        ]
        to_left = tree["default_left"]
        nodes = list(zip(order, inner, strict=True))
        numbers(child, "feature", [splits[node] if has else _LEAF for node, has in nodes])
        numbers(child, "threshold", _shortest(limits))
        numbers(child, "left", [place[lefts[node]] if has else _LEAF for node, has in nodes])
        numbers(child, "right", [place[rights[node]] if has else _LEAF for node, has in nodes])
        numbers(
            child,
            "missing",
            [place[(lefts if to_left[node] else rights)[node]] if has else _LEAF for node, has in nodes],
        )
        leaves = [node for node, has in nodes if not has]
        values = [value for node in leaves for value in _leaf(tree, node, width)]
        numbers(child, "value", _shortest(values))
        for node, has in nodes:
            if has and node in categories:
                numbers(child, "categories", categories[node]).set("node", str(place[node]))


def _leaf(tree: Mapping[str, Any], node: int, width: int) -> Sequence[float]:
    """The values of a leaf: of a tree of vectors its place among the leaves is where its right child would be."""
    if width == 1:
        return [tree["split_conditions"][node]]
    if "leaf_weights" in tree:
        start = tree["right_children"][node] * width
        return list(tree["leaf_weights"][start : start + width])
    return list(tree["base_weights"][node * width : (node + 1) * width])


def _categories(tree: Mapping[str, Any]) -> dict[int, list[int]]:
    """The categories of each categorical node that don't go left."""
    nodes, starts, sizes = tree["categories_nodes"], tree["categories_segments"], tree["categories_sizes"]
    return {
        node: tree["categories"][start : start + size] for node, start, size in zip(nodes, starts, sizes, strict=True)
    }


def _base(saved: str, objective: str, groups: int, first: bool) -> np.ndarray[Any, np.dtype[np.float32]]:
    """The base of each margin: a number, or several in brackets; linear boosters take the first of them for all."""
    scores = [np.float32(number) for number in saved.strip("[]").split(",")]
    if len(scores) != groups or first:
        scores = scores[:1] * groups
    return np.array([_margin(score, objective) for score in scores], np.float32)


def _margin(score: np.float32, objective: str) -> np.float32:
    """The margin that the objective makes a score of."""
    if objective in _LOGISTIC:
        return np.float32(-_logf(np.float32(1) / score - np.float32(1)))
    return np.float32(_logf(score)) if objective in _LOG else score


def _logf(x: np.float32) -> float:
    """The C library's logarithm of a float, which is what XGBoost calls; NumPy's has other bits."""
    library = ctypes.CDLL(None)  # what Python itself is linked with
    function: Callable[[float], float] = library.logf
    library.logf.restype, library.logf.argtypes = ctypes.c_float, [ctypes.c_float]
    return function(float(x))


def _shortest(values: Iterable[float]) -> list[float]:
    """Numbers whose shortest forms read back, as doubles and rounded to floats, to the floats of `values`."""
    out = []
    for value in map(np.float32, values):
        short = float(str(value))
        out.append(short if np.float32(short) == value or np.isnan(value) else float(value))
    return out
