"""XGBoost's own model; after plan and rows, the program is given the file that XGBoost reads it from."""

import sys
from typing import BinaryIO

import numpy as np
import xgboost

from pillion.lab.programs.numpy.harness import Doubles, Plan, Score, read_array, run


def read_model(file: BinaryIO, plan: Plan) -> Score:
    """Reads the model."""
    missing = float(read_array(file)[0])
    with open(sys.argv[3], "rb") as saved:
        booster = xgboost.Booster({"nthread": 1}, model_file=bytearray(saved.read()))

    def score(features: Doubles) -> Doubles:
        found = np.asarray(booster.inplace_predict(features, missing=missing))
        if plan.outputs == 2 and found.ndim == 1:
            found = np.column_stack([1.0 - found, found])
        if found.size != len(features) * plan.outputs:
            sys.exit("XGBoost predicts one number a row, and the plan has one for each class")
        return found.astype(np.float64)

    return score


if __name__ == "__main__":
    run(read_model)
