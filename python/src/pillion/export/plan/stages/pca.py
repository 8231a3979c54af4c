"""Spark's `PCA`."""

from pillion.export.plan.element import UnsupportedPlan
from pillion.export.plan.linalg import add_matrix
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `PCAModel`: its matrix of components, transposed."""
    saved = stage.saved.row["pc"]
    if saved["type"] == 0:
        raise UnsupportedPlan(f"{stage.saved.uid} has a sparse matrix of components; fit it anew")
    node = stage.vector_node("principalComponents", int(saved["numCols"]))
    flipped = {"numRows": saved["numCols"], "numCols": saved["numRows"], "isTransposed": not saved["isTransposed"]}
    add_matrix(node.element, {**saved, **flipped})
    return [node]
