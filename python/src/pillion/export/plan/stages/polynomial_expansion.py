"""Spark's `PolynomialExpansion`."""

import math

from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `PolynomialExpansion`."""
    degree = int(stage.saved.params["degree"])
    # All products of up to so many elements, but for the empty one.
    size = math.comb(stage.size(stage.saved.input) + degree, degree) - 1
    return [stage.vector_node("polynomialExpansion", size, degree=degree)]
