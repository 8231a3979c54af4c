"""A sum of products and an intercept for each class, then the softmax."""

from typing import BinaryIO

import numpy as np
from sklearn.linear_model import LogisticRegression

from pillion.lab.programs.numpy.harness import Plan, Score, read_array, run


def read_model(file: BinaryIO, plan: Plan) -> Score:
    """Reads the model; of two classes, scikit-learn's has the difference alone."""
    intercepts, coefficients = read_array(file), read_array(file).reshape(plan.outputs, -1)
    if plan.outputs == 2:
        intercepts, coefficients = np.diff(intercepts), np.diff(coefficients, axis=0)
    model = LogisticRegression()
    model.coef_, model.intercept_, model.classes_ = coefficients, intercepts, np.arange(plan.outputs)
    return lambda features: np.asarray(model.predict_proba(features))


if __name__ == "__main__":
    run(read_model)
