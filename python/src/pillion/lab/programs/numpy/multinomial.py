"""A product with a matrix and an intercept for each class, then the softmax."""

from typing import BinaryIO

import numpy as np

from pillion.lab.programs.numpy.harness import Doubles, Plan, Score, read_array, run


def read_model(file: BinaryIO, plan: Plan) -> Score:
    """Reads the model."""
    intercepts, coefficients = read_array(file), read_array(file).reshape(plan.outputs, -1).T

    def score(features: Doubles) -> Doubles:
        margins = features @ coefficients + intercepts
        powers = np.exp(margins - margins.max(axis=1, keepdims=True))
        shares: Doubles = powers / powers.sum(axis=1, keepdims=True)
        return shares

    return score


if __name__ == "__main__":
    run(read_model)
