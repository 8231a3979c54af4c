"""Spark's `StringIndexer`."""

from pillion.export.plan.element import add, element, texts
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `StringIndexerModel`; a column that isn't there is passed over, as Spark does."""
    invalid = stage.saved.params["handleInvalid"]
    nodes = []
    for (source, target), labels in zip(stage.saved.columns, stage.saved.row["labelsArray"], strict=True):
        if stage.has(source):
            node = element("stringIndexer", invalid=invalid)
            texts(add(node, "column", in_=source, out=target), labels)
            nodes.append(Node(node, (source,), (target,), filters=invalid == "skip"))
    return nodes
