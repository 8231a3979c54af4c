"""Spark's `StopWordsRemover`."""

from pillion.export.plan.element import element, texts
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `StopWordsRemover`; its locale counts only where case does not."""
    params = stage.saved.params
    words = params["stopWords"]
    nodes = []
    for source, target in stage.saved.columns:
        node = element(
            "stopWordsRemover", in_=source, out=target, null=None in words,
            case_sensitive=params["caseSensitive"], locale=params["locale"],
        )  # fmt: skip
        texts(node, [word for word in words if word is not None])
        nodes.append(Node(node, (source,), (target,)))
    return nodes
