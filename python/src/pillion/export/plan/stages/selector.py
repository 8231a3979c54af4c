"""Spark's `ChiSqSelector`, `UnivariateFeatureSelector` and `VarianceThresholdSelector`."""

from pillion.export.plan.stage import Node, Stage
from pillion.export.plan.stages.vector_slicer import slicer


def write(stage: Stage) -> list[Node]:
    """Writes their models: the selected elements in their order."""
    chosen = sorted(int(index) for index in stage.saved.row["selectedFeatures"])
    return [slicer(stage, str(stage.saved.params["featuresCol"]), chosen)]
