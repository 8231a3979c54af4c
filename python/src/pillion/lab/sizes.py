"""The question of the size: made-up models that differ in one figure, so that it shows how each way grows."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pillion.lab.questions import CLASSES, DEPTH, FEATURES, TREES

_ROWS = 1_000
_SEED = 7
_HEAD = '<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><Header>'
AXES: Mapping[str, tuple[int, ...]] = {
    TREES: (10, 100, 1_000), DEPTH: (2, 5, 8, 11), FEATURES: (10, 100, 1_000), CLASSES: (2, 10, 100, 1_000),
}  # fmt: skip
QUICK_AXES: Mapping[str, tuple[int, ...]] = {TREES: (10, 100), DEPTH: (2, 8), FEATURES: (10, 100), CLASSES: (2, 100)}


@dataclass(frozen=True, slots=True)
class MadeModel:
    """A model that was made up.

    Attributes:
        axis: The figure in which it differs from others.
        value: That figure.
        document: Its plan alone.
        columns: Rows, by input.
    """

    axis: str
    value: int
    document: bytes
    columns: Mapping[str, list[float]]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return _ROWS


def made_models(axes: Mapping[str, tuple[int, ...]]) -> Iterator[MadeModel]:
    """Yields a model for each figure; the same ones in every run."""
    for axis, values in axes.items():
        for value in values:
            draw = random.Random(f"{_SEED} {axis} {value}")
            if axis == TREES:
                features, model = 20, _boosted(draw, trees=value, depth=5, features=20)
            elif axis == DEPTH:
                features, model = 20, _boosted(draw, trees=50, depth=value, features=20)
            elif axis == FEATURES:
                features, model = value, _logistic(draw, value)
            else:
                features, model = 20, _multinomial(draw, value, 20)
            columns = {f"x{i}": [draw.gauss(0.0, 1.0) for _ in range(_ROWS)] for i in range(features)}
            yield MadeModel(axis, value, make_document(features, model), columns)


def make_document(features: int, model: str) -> bytes:
    """Returns a document whose plan takes numbers x0, x1, … as a vector, and has a model and outputs after it."""
    inputs = "".join(f'<input name="x{i}" type="double"/>' for i in range(features))
    columns = "".join(f'<column in="x{i}"/>' for i in range(features))
    plan = (
        f'<plan xmlns="urn:pillion:spark-plan" spark="4.2.1" blas="VectorBLAS" lanes="2" sparse-overhead="16">{inputs}'
        f'<vectorAssembler invalid="keep" out="features">{columns}</vectorAssembler>{model}</plan>'
    )
    extension = f'<Extension extender="pillion" name="spark-plan" value="2"><![CDATA[{plan}]]></Extension>'
    fields = "".join(f'<DataField name="x{i}" optype="continuous" dataType="double"/>' for i in range(features))
    return f"{_HEAD}{extension}</Header><DataDictionary>{fields}</DataDictionary></PMML>".encode()


def _numbers(draw: random.Random, count: int) -> str:
    return " ".join(repr(draw.gauss(0.0, 0.3)) for _ in range(count))


def _outputs(classes: int) -> str:
    return "".join(
        f'<output field="probability({i})" column="probability" element="{i}" type="double" kind="probability"'
        f' class="{i}"/>'
        for i in range(classes)
    )


_CLASSIFIER = 'features="features" raw="raw" probability="probability" prediction="prediction"'


def _logistic(draw: random.Random, features: int) -> str:
    coefficients = f'<coefficients size="{features}"><values>{_numbers(draw, features)}</values></coefficients>'
    head = f'<logisticRegression {_CLASSIFIER} threshold="0.5" intercept="{draw.gauss(0.0, 1.0)!r}">'
    return f"{head}{coefficients}</logisticRegression>{_outputs(2)}"


def _multinomial(draw: random.Random, classes: int, features: int) -> str:
    values = _numbers(draw, classes * features)
    matrix = f'<matrix rows="{classes}" columns="{features}" transposed="true"><values>{values}</values></matrix>'
    intercepts = f"<intercepts>{_numbers(draw, classes)}</intercepts>"
    return f"<logisticRegression {_CLASSIFIER}>{matrix}{intercepts}</logisticRegression>{_outputs(classes)}"


def _boosted(draw: random.Random, *, trees: int, depth: int, features: int) -> str:
    """Whole trees, whose nodes are numbered level by level."""
    inner, nodes = (1 << depth) - 1, (2 << depth) - 1
    made = []
    for _ in range(trees):
        feature = [str(draw.randrange(features)) if i < inner else "-1" for i in range(nodes)]
        threshold = [repr(draw.gauss(0.0, 1.0)) if i < inner else "0.0" for i in range(nodes)]
        left = [str(2 * i + 1) if i < inner else "-1" for i in range(nodes)]
        right = [str(2 * i + 2) if i < inner else "-1" for i in range(nodes)]
        parts = {"feature": feature, "threshold": threshold, "left": left, "right": right}
        body = "".join(f"<{name}>{' '.join(words)}</{name}>" for name, words in parts.items())
        made.append(f"<tree>{body}<value>{_numbers(draw, nodes - inner)}</value></tree>")
    weights = " ".join(["1.0", *["0.1"] * (trees - 1)])
    head = f'<gradientBoostedTrees {_CLASSIFIER} classes="2" size="{features}"><weights>{weights}</weights>'
    return f"{head}{''.join(made)}</gradientBoostedTrees>{_outputs(2)}"
