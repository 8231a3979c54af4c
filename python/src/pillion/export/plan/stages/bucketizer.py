"""Spark's `Bucketizer`, and what a `QuantileDiscretizer` fits to."""

from pillion.export.plan.element import add, element, join
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `Bucketizer`."""
    saved = stage.saved
    invalid = saved.params["handleInvalid"]
    all_splits = saved.params["splitsArray"] if "inputCols" in saved.given else [saved.params["splits"]]
    nodes = []
    for (source, target), splits in zip(saved.columns, all_splits, strict=True):
        node = element("bucketizer", invalid=invalid)
        add(node, "column", in_=source, out=target).text = join(float(split) for split in splits)
        nodes.append(Node(node, (source,), (target,), filters=invalid == "skip"))
    return nodes
