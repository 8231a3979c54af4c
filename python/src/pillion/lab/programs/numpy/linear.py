"""A sum of products and an intercept."""

from typing import BinaryIO

from pillion.lab.programs.numpy.harness import LOGISTIC, Doubles, Plan, Score, logistic, read_array, run


def read_model(file: BinaryIO, plan: Plan) -> Score:
    """Reads the model."""
    intercept, coefficients = read_array(file), read_array(file)

    def score(features: Doubles) -> Doubles:
        margins = features @ coefficients + intercept
        return logistic(margins) if plan.rule == LOGISTIC else margins

    return score


if __name__ == "__main__":
    run(read_model)
