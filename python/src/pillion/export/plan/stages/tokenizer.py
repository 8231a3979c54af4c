"""Spark's `Tokenizer`."""

from pillion.export.plan.element import element
from pillion.export.plan.java import language
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `Tokenizer`, with the language by whose rules Spark's JVM makes lower case."""
    stage.loses("its tokenizer trims punctuation")
    source, target = stage.saved.input, stage.saved.output
    node = element("tokenizer", in_=source, out=target, locale=language(stage.session))
    return [Node(node, (source,), (target,))]
