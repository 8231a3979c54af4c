"""Spark's `RobustScaler`."""

from pillion.export.plan.linalg import dense
from pillion.export.plan.stage import Node, Stage
from pillion.export.plan.stages.standard_scaler import scaler


def write(stage: Stage) -> list[Node]:
    """Writes `RobustScalerModel`: a standard scaler by the median and the range between two quantiles."""
    params, data = stage.saved.params, stage.saved.row
    return [
        scaler(
            stage,
            dense(data["median"]) if params["withCentering"] else None,
            dense(data["range"]) if params["withScaling"] else None,
        )
    ]
