"""Spark's `RegexTokenizer`."""

from pillion.export.plan.element import element
from pillion.export.plan.java import language, version
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `RegexTokenizer`; what a regular expression means depends on Java, whose version is written with it."""
    stage.loses("its tokenizer trims punctuation and ignores case")
    params, source, target = stage.saved.params, stage.saved.input, stage.saved.output
    node = element(
        "regexTokenizer", in_=source, out=target, pattern=params["pattern"], gaps=params["gaps"],
        shortest=params["minTokenLength"], java=version(stage.session),
        lowercase=params["toLowercase"], locale=language(stage.session),
    )  # fmt: skip
    return [Node(node, (source,), (target,))]
