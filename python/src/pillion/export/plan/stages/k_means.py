"""Spark's `KMeans`."""

from pillion.export.plan.linalg import add_vector
from pillion.export.plan.predictor import regressor
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `KMeansModel`."""
    node = regressor(stage, "kMeans", distance=stage.saved.params["distanceMeasure"])
    for row in sorted(stage.saved.rows(), key=lambda row: int(row["clusterIdx"])):
        add_vector(node.element, row["clusterCenter"])
    return [node]
