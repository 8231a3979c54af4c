"""Spark's `MaxAbsScaler`."""

from pillion.export.plan.linalg import dense
from pillion.export.plan.stage import Node, Stage
from pillion.export.plan.stages.standard_scaler import scaler


def write(stage: Stage) -> list[Node]:
    """Writes `MaxAbsScalerModel`: a standard scaler by the largest absolute values."""
    return [scaler(stage, None, dense(stage.saved.row["maxAbs"]), no_width=1.0)]
