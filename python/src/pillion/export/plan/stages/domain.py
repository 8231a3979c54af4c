"""pyspark2pmml's `CategoricalDomain` and `ContinuousDomain`."""

from pillion.export.plan.stage import Node, Stage
from pillion.export.plan.stages import sql_transformer


def write(stage: Stage) -> list[Node]:
    """Writes `CategoricalDomainModel` and `ContinuousDomainModel`, whose conditions are Spark's own expressions."""
    return sql_transformer.write(stage)
