"""Spark's `OneHotEncoder`."""

from pillion.export.plan.element import add, element
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `OneHotEncoderModel`."""
    saved = stage.saved
    keep = saved.params["handleInvalid"] == "keep"
    nodes = []
    for (source, target), categories in zip(saved.columns, saved.row["categorySizes"], strict=True):
        # With `keep` there is one more category, for all that is invalid; with `dropLast` the last has no element.
        size = categories + (1 if keep else 0) - (1 if saved.params["dropLast"] else 0)
        node = element("oneHotEncoder", invalid="keep" if keep else "error")
        add(node, "column", in_=source, out=target, categories=categories, size=size)
        stage.vectors[target] = size
        nodes.append(Node(node, (source,), (target,)))
    return nodes
