"""A sum of products and an intercept."""

from typing import BinaryIO

from pillion.lab.programs.plain_python.harness import LOGISTIC, Plan, Score, dot, logistic, read_array, run


def read_model(file: BinaryIO, plan: Plan) -> Score:
    """Reads the model."""
    (intercept,), coefficients = read_array(file), read_array(file)

    def score(features: list[float]) -> list[float]:
        margin = dot(features, coefficients, plan.fused and plan.is_dense(features)) + intercept
        return logistic(margin) if plan.rule == LOGISTIC else [margin]

    return score


if __name__ == "__main__":
    run(read_model)
