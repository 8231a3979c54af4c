"""pyspark2pmml's `VectorDisassembler`."""

from pillion.export.plan.element import UnsupportedPlan, add, element
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `VectorDisassembler`."""
    source, targets = stage.saved.input, [str(name) for name in stage.saved.params["outputCols"]]
    if len(targets) != stage.size(source):
        raise UnsupportedPlan(
            f"{stage.saved.uid} makes {len(targets)} columns of {source!r}, which has {stage.size(source)} elements;"
            " name one for each"
        )
    stage.loses(f"an element of {source!r} that a sparse vector does not store is missing in Spark, and 0 in the model")
    node = element("vectorDisassembler", in_=source)
    for target in targets:
        add(node, "column", out=target)
    return [Node(node, (source,), tuple(targets))]
