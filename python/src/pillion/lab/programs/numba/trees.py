"""Trees in arrays of nodes: boosted ones and forests."""

import math
from typing import Any, BinaryIO

import numpy as np
from numba import njit

from pillion.lab.programs.numba.harness import (
    BOOSTED_LOGISTIC,
    MEAN,
    VOTES,
    Plan,
    Score,
    dot,
    read_array,
    read_ints,
    run,
)


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _leaf(node: int, row: Any, feature: Any, threshold: Any, left: Any, right: Any, first: Any, count: Any,
          goes_left: Any) -> int:  # fmt: skip
    while feature[node] >= 0:
        value = row[feature[node]]
        if first[node] < 0:
            goes = value <= threshold[node]
        else:
            goes = value < count[node] and goes_left[first[node] + int(value)] != 0.0
        node = left[node] if goes else right[node]
    found: int = left[node]
    return found


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _score(features: Any, rule: int, outputs: int, weights: Any, roots: Any, feature: Any, threshold: Any, left: Any,
           right: Any, first: Any, count: Any, goes_left: Any, values: Any) -> Any:  # fmt: skip
    out = np.zeros((len(features), outputs))
    predictions = np.empty(len(roots))
    for row in range(len(features)):
        for tree in range(len(roots)):
            leaf = _leaf(roots[tree], features[row], feature, threshold, left, right, first, count, goes_left)
            if rule == VOTES:
                for i in range(outputs):
                    out[row, i] += values[leaf * outputs + i]
            else:
                predictions[tree] = values[leaf]
        if rule in (VOTES, MEAN):
            total = 0.0
            for number in out[row] if rule == VOTES else predictions:
                total += number
            if rule == VOTES:
                for i in range(outputs):
                    out[row, i] /= total
            else:
                out[row, 0] = total / len(roots)
            continue
        margin = dot(predictions, weights, True)
        if rule == BOOSTED_LOGISTIC:
            out[row, 0] = 1.0 / (1.0 + math.exp(2.0 * margin))
            out[row, 1] = 1.0 - out[row, 0]
        else:
            out[row, 0] = margin
    return out


def read_model(file: BinaryIO, plan: Plan) -> Score:
    """Reads the model."""
    weights, roots = read_array(file), read_ints(file)
    feature, threshold = read_ints(file), read_array(file)
    left, right, first = read_ints(file), read_ints(file), read_ints(file)
    count, goes_left, values = read_array(file), read_array(file), read_array(file)
    return lambda features: _score(
        features, plan.rule, plan.outputs, weights, roots, feature, threshold, left, right, first, count, goes_left,
        values,
    )  # fmt: skip


if __name__ == "__main__":
    run(read_model)
