"""A sum of products and an intercept."""

import math
from typing import Any, BinaryIO

import numpy as np
from numba import njit

from pillion.lab.programs.numba.harness import LOGISTIC, Plan, Score, dot, is_dense, read_array, run


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _score(features: Any, intercept: float, coefficients: Any, fused: bool, below: float, logistic: bool) -> Any:
    out = np.empty((len(features), 2 if logistic else 1))
    for row in range(len(features)):
        margin = dot(features[row], coefficients, fused and is_dense(features[row], below)) + intercept
        if logistic:
            out[row, 0] = 1.0 / (1.0 + math.exp(margin))
            out[row, 1] = 1.0 - out[row, 0]
        else:
            out[row, 0] = margin
    return out


def read_model(file: BinaryIO, plan: Plan) -> Score:
    """Reads the model."""
    intercept, coefficients = float(read_array(file)[0]), read_array(file)
    return lambda features: _score(
        features, intercept, coefficients, plan.fused, plan.sparse_below, plan.rule == LOGISTIC
    )


if __name__ == "__main__":
    run(read_model)
