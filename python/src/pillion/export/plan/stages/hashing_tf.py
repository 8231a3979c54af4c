"""Spark's `HashingTF`."""

from pillion.export.plan.element import UnsupportedPlan
from pillion.export.plan.stage import Node, Stage

_HASH_OF_SPARK_3 = 2


def write(stage: Stage) -> list[Node]:
    """Writes `HashingTF`; one that Spark 2 saved hashes otherwise, and has no plan."""
    saved = stage.saved
    if stage.kind(saved.input) != "strings":
        raise UnsupportedPlan(f"{saved.uid} takes {saved.input!r}, which is not an array of strings; cast it to one")
    if int(stage.java.hashFuncVersion()) != _HASH_OF_SPARK_3:
        raise UnsupportedPlan(f"{saved.uid} was saved by Spark 2, which hashed otherwise; fit and save it anew")
    size = int(saved.params["numFeatures"])
    return [stage.vector_node("hashingTF", size, length=size, binary=saved.params["binary"])]
