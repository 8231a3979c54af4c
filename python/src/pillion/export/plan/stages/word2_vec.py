"""Spark's `Word2Vec`."""

import numpy as np

from pillion.export.plan.element import add, join
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `Word2VecModel`: its words, in order, with their vectors of 32-bit floats."""
    size = int(stage.saved.params["vectorSize"])
    node = stage.vector_node("word2Vec", size, length=size)
    for row in sorted(stage.saved.rows(), key=lambda row: str(row["word"])):
        vector = np.asarray(row["vector"], dtype=np.float32)
        add(node.element, "word", text=row["word"]).text = join(float(str(value)) for value in vector)
    return [node]
