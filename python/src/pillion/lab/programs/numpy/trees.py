"""Trees in arrays of nodes: boosted ones and forests; all rows go down a tree together."""

from typing import BinaryIO

import numpy as np

from pillion.lab.programs.numpy.harness import (
    BOOSTED_LOGISTIC,
    MEAN,
    VOTES,
    Doubles,
    Ints,
    Plan,
    Score,
    logistic,
    read_array,
    read_ints,
    run,
)


def read_model(file: BinaryIO, plan: Plan) -> Score:
    """Reads the model."""
    weights, roots = read_array(file), read_ints(file)
    feature, threshold = read_ints(file), read_array(file)
    left, right = read_ints(file), read_ints(file)
    first, count = read_ints(file), read_array(file)
    goes_left, values = read_array(file), read_array(file)
    categorical = bool((first >= 0).any())

    def leaves(root: int, features: Doubles) -> Ints:
        nodes = np.full(len(features), root)
        rows = np.arange(len(features))
        while True:
            at = feature[nodes]
            inner = at >= 0
            if not inner.any():
                found: Ints = left[nodes]
                return found
            value = features[rows, np.maximum(at, 0)]
            goes = value <= threshold[nodes]
            if categorical:
                known = (first[nodes] >= 0) & (value < count[nodes])
                code = np.where(known, first[nodes] + np.where(known, value, 0.0).astype(np.int64), 0)
                goes = np.where(first[nodes] >= 0, known & (goes_left[code] != 0.0), goes)
            nodes = np.where(inner, np.where(goes, left[nodes], right[nodes]), nodes)

    def score(features: Doubles) -> Doubles:
        if plan.rule == VOTES:
            votes = np.zeros((len(features), plan.outputs))
            shares = values.reshape(-1, plan.outputs)
            for root in roots:
                votes += shares[leaves(root, features)]
            mean: Doubles = votes / votes.sum(axis=1, keepdims=True)
            return mean
        predictions = np.column_stack([values[leaves(root, features)] for root in roots])
        if plan.rule == MEAN:
            return np.asarray(predictions.mean(axis=1))
        margins = predictions @ weights
        return logistic(2.0 * margins) if plan.rule == BOOSTED_LOGISTIC else np.asarray(margins)

    return score


if __name__ == "__main__":
    run(read_model)
