"""A sum of products and an intercept."""

from typing import BinaryIO

import numpy as np
from sklearn.linear_model import LinearRegression, LogisticRegression

from pillion.lab.programs.numpy.harness import LOGISTIC, Plan, Score, read_array, run


def read_model(file: BinaryIO, plan: Plan) -> Score:
    """Reads the model."""
    intercept, coefficients = read_array(file), read_array(file)
    if plan.rule != LOGISTIC:
        regression = LinearRegression()
        regression.coef_, regression.intercept_ = coefficients, intercept[0]
        return lambda features: np.asarray(regression.predict(features))
    model = LogisticRegression()
    model.coef_, model.intercept_, model.classes_ = coefficients[np.newaxis], intercept, np.arange(2)
    return lambda features: np.asarray(model.predict_proba(features))


if __name__ == "__main__":
    run(read_model)
