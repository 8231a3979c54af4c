"""Spark's `VectorIndexer`."""

from pillion.export.plan.element import add, element, join
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `VectorIndexerModel`; the categories of an element in the order of their indices."""
    saved = stage.saved
    source, target, invalid = saved.input, saved.output, saved.params["handleInvalid"]
    node = element("vectorIndexer", invalid=invalid, in_=source, out=target)
    for index, categories in sorted(saved.row["categoryMaps"]):
        ordered = sorted(categories, key=lambda pair: int(pair[1]))
        add(node, "categories", element=int(index)).text = join(float(value) for value, _ in ordered)
    stage.vectors[target] = stage.size(source)
    return [Node(node, (source,), (target,), filters=invalid == "skip")]
