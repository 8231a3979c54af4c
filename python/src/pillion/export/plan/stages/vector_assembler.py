"""Spark's `VectorAssembler`."""

from pillion.export.plan.element import add, element
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `VectorAssembler`."""
    params = stage.saved.params
    sources, target, invalid = [str(name) for name in params["inputCols"]], stage.saved.output, params["handleInvalid"]
    node = element("vectorAssembler", invalid=invalid, out=target)
    for source in sources:
        add(node, "column", in_=source)
    stage.vectors[target] = sum(stage.size(name) if stage.kind(name) == "vector" else 1 for name in sources)
    return [Node(node, tuple(sources), (target,), filters=invalid == "skip")]
