"""Spark's `CountVectorizer`."""

from pillion.export.plan.element import UnsupportedPlan, texts
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `CountVectorizerModel`."""
    params, vocabulary = stage.saved.params, stage.saved.row["vocabulary"]
    if len(set(vocabulary)) < len(vocabulary) or None in vocabulary:
        raise UnsupportedPlan(f"{stage.saved.uid} has a term twice, or null, in its vocabulary; give each term once")
    node = stage.vector_node(
        "countVectorizer", len(vocabulary), smallest=float(params["minTF"]), binary=params["binary"]
    )
    texts(node.element, vocabulary)
    return [node]
