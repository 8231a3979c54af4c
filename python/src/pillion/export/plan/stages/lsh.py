"""Spark's `MinHashLSH` and `BucketedRandomProjectionLSH`."""

from pillion.export.plan.element import UnsupportedPlan, numbers
from pillion.export.plan.linalg import add_matrix
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `MinHashLSHModel` and `BucketedRandomProjectionLSHModel`.

    Spark's column has an array of vectors of one element, one a table; the plan's has a vector of them.
    """
    saved = stage.saved
    if saved.kind == "MinHashLSHModel":
        pairs = [int(value) for value in saved.row["randCoefficients"]]
        node = stage.vector_node("minHashLsh", len(pairs) // 2)
        numbers(node.element, "factors", pairs[::2])
        numbers(node.element, "shifts", pairs[1::2])
        return [node]
    matrix = saved.row["randUnitVectors"]
    if matrix["type"] == 0 or not matrix["isTransposed"]:
        raise UnsupportedPlan(f"{saved.uid} has a matrix that is not dense and row by row; fit it anew")
    node = stage.vector_node(
        "bucketedRandomProjectionLsh", int(matrix["numRows"]), length=float(saved.params["bucketLength"])
    )
    add_matrix(node.element, matrix)
    return [node]
