"""A sum of products and an intercept for each class, then the softmax."""

import math
from typing import Any, BinaryIO

import numpy as np
from numba import njit

from pillion.lab.programs.numba.harness import Plan, Score, dot, is_dense, read_array, run


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _score(features: Any, intercepts: Any, coefficients: Any, fused: bool, below: float) -> Any:
    classes = len(intercepts)
    out = np.empty((len(features), classes))
    for row in range(len(features)):
        in_lanes = fused and is_dense(features[row], below)
        largest, total = -math.inf, 0.0
        for i in range(classes):
            out[row, i] = dot(features[row], coefficients[i], in_lanes) + intercepts[i]
            largest = max(largest, out[row, i])
        for i in range(classes):
            out[row, i] = math.exp(out[row, i] - largest)
            total += out[row, i]
        share = 1.0 / total
        for i in range(classes):
            out[row, i] *= share
    return out


def read_model(file: BinaryIO, plan: Plan) -> Score:
    """Reads the model."""
    intercepts, coefficients = read_array(file), read_array(file).reshape(plan.outputs, -1)
    return lambda features: _score(features, intercepts, coefficients, plan.fused, plan.sparse_below)


if __name__ == "__main__":
    run(read_model)
