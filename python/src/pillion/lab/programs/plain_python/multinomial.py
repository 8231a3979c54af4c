"""A sum of products and an intercept for each class, then the softmax."""

import math
from typing import BinaryIO

from pillion.lab.programs.plain_python.harness import Plan, Score, dot, read_array, run


def read_model(file: BinaryIO, plan: Plan) -> Score:
    """Reads the model."""
    intercepts, flat = read_array(file), read_array(file)
    size = len(plan.features)
    coefficients = [flat[i : i + size] for i in range(0, len(flat), size)]

    def score(features: list[float]) -> list[float]:
        in_lanes = plan.fused and plan.is_dense(features)
        margins = [dot(features, row, in_lanes) + b for row, b in zip(coefficients, intercepts, strict=True)]
        largest = max(margins)
        powers = [math.exp(margin - largest) for margin in margins]
        total = 0.0
        for power in powers:
            total += power
        share = 1.0 / total
        return [power * share for power in powers]

    return score


if __name__ == "__main__":
    run(read_model)
