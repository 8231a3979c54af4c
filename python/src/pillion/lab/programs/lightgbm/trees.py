"""LightGBM's own model; after plan and rows, the program is given the file with its text."""

import sys
from pathlib import Path
from typing import BinaryIO

import lightgbm
import numpy as np

from pillion.lab.programs.numpy.harness import Doubles, Plan, Score, run


def read_model(file: BinaryIO, plan: Plan) -> Score:
    """Reads the model."""
    booster = lightgbm.Booster(model_str=Path(sys.argv[3]).read_text())

    def score(features: Doubles) -> Doubles:
        found = np.asarray(booster.predict(features, num_threads=1))
        if plan.outputs == 2 and found.ndim == 1:
            found = np.column_stack([1.0 - found, found])
        return found

    return score


if __name__ == "__main__":
    run(read_model)
