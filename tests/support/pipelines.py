"""Random pipelines: what Hypothesis draws is a plain value, and `build` makes Spark's stages of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from pyspark.ml import Pipeline, clustering, feature
from pyspark.ml import classification as classifiers
from pyspark.ml import regression as regressors

from pillion.types import Value
from tests.support.prose import TEXTS as _PROSE
from tests.support.prose import Prose, proses, stages, training_texts

CATEGORIES = ("a", "b", "c", "d e", "Ω", "")
_INVALID = ("error", "keep")
_MODELS = (
    "logistic", "multinomial", "linear", "glm", "svc", "tree_classifier", "tree_regressor", "forest_classifier",
    "forest_regressor", "gbt_classifier", "gbt_regressor", "k_means", "isotonic", "bayes", "one_vs_rest",
    "fm_classifier", "fm_regressor", "bisecting", "mixture",
)  # fmt: skip
_SCALERS = (
    "none", "standard", "centred", "min_max", "max_abs", "slice", "vector_index", "normalize", "expand", "cosine",
)  # fmt: skip
_LINKS = (
    ("gaussian", "identity"), ("gaussian", "log"), ("binomial", "logit"), ("binomial", "probit"),
    ("binomial", "cloglog"), ("poisson", "log"), ("poisson", "sqrt"), ("gamma", "log"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spec:
    """A pipeline, the seed of the table that it is fitted on, and rows to score.

    Attributes:
        numbers: how each numeric input is prepared: `plain`, `bucketed`, `binarised`, `imputed`.
        texts: for each text input, whether it is one-hot encoded.
        prose: for each input of free text, the stages that make a vector of it.
        hashed: whether a FeatureHasher takes the numbers and texts instead, so that many meet.
        invalid: handleInvalid of indexers, encoders and buckets.
        assembler: handleInvalid of the last assembler.
        scaler: what is done with the vector.
        model: the model.
        link: family and link of a generalised linear model.
        seed: of the training table, and of the model.
        depth: of trees; layers, clusters and classes follow from it too.
        intercept: whether linear models have one.
        thresholds: whether a classifier has them.
        rows: numeric and text values of each row to score.
    """

    numbers: tuple[str, ...]
    texts: tuple[bool, ...]
    prose: tuple[Prose, ...]
    hashed: bool
    invalid: str
    assembler: str
    scaler: str
    model: str
    link: tuple[str, str]
    seed: int
    depth: int
    intercept: bool
    thresholds: bool
    rows: tuple[tuple[Value, ...], ...]


_DOUBLES = st.one_of(
    st.floats(-4.0, 4.0),
    st.sampled_from((0.0, -0.0, 0.5, 1.0, -1.0, 1e300, -1e300, 5e-324, math.nan, math.inf, -math.inf)),
    st.none(),
)
_TEXTS = st.one_of(st.sampled_from(CATEGORIES), st.sampled_from(("unseen", "A", "é")), st.none())


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    numbers = tuple(
        draw(st.lists(st.sampled_from(("plain", "plain", "bucketed", "binarised", "imputed")), min_size=1, max_size=9))
    )
    texts = tuple(draw(st.lists(st.booleans(), max_size=2)))
    prose = tuple(draw(st.lists(proses(), max_size=1)))
    row = st.tuples(*[_DOUBLES] * len(numbers), *[_TEXTS] * len(texts), *[_PROSE] * len(prose))
    return Spec(
        numbers,
        texts,
        prose,
        draw(st.integers(0, 7)) == 0,
        draw(st.sampled_from(_INVALID)),
        draw(st.sampled_from(_INVALID)),
        draw(st.sampled_from(_SCALERS)),
        draw(st.sampled_from(_MODELS)),
        draw(st.sampled_from(_LINKS)),
        draw(st.integers(0, 2**16)),
        draw(st.integers(1, 4)),
        draw(st.booleans()),
        draw(st.booleans()),
        tuple(draw(st.lists(row, min_size=10, max_size=30))),
    )


def names(spec: Spec) -> tuple[str, ...]:
    kinds = (("x", spec.numbers), ("t", spec.texts), ("tp", spec.prose))
    return tuple(f"{kind}{i}" for kind, inputs in kinds for i in range(len(inputs)))


def training_rows(spec: Spec, count: int = 80) -> list[tuple[Value, ...]]:
    """Complete rows, the label last: a class from 0 on, or a number above 0, as the model needs."""
    random = np.random.default_rng(spec.seed)
    numbers = np.round(random.normal(size=(count, len(spec.numbers))), 3)
    texts = random.integers(0, len(CATEGORIES) - 1, size=(count, len(spec.texts)))
    signal = numbers.sum(axis=1) + texts.sum(axis=1) + random.normal(size=count)
    classes = 3 if spec.model in ("multinomial", "tree_classifier", "forest_classifier", "bayes", "one_vs_rest") else 2
    if spec.model in ("linear", "tree_regressor", "forest_regressor", "gbt_regressor", "isotonic", "fm_regressor"):
        label = signal
    elif spec.model == "glm" and spec.link[0] != "binomial":
        label = np.round(np.exp(np.clip(signal / 4, -2, 2)) + 0.5, 2)
    else:
        label = np.digitize(signal, np.quantile(signal, np.arange(1, classes) / classes)).astype(float)
    prose = [training_texts(spec.seed + 1 + i, count) for i in range(len(spec.prose))]
    return [
        (
            *numbers[i].tolist(),
            *(CATEGORIES[k] for k in texts[i].tolist()),
            *(column[i] for column in prose),
            float(label[i]),
        )
        for i in range(count)
    ]


def build(spec: Spec) -> Pipeline:
    """The unfitted pipeline; needs a running session."""
    parts, columns = _hashed(spec) if spec.hashed else _columns(spec)
    for i, prose in enumerate(spec.prose):
        more, made = stages(prose, f"tp{i}")
        parts += more
        columns.append(made)
    scaler = "none" if (spec.texts or spec.prose or spec.hashed) and spec.scaler == "slice" else spec.scaler
    output = "features" if scaler == "none" else "raw"
    parts.append(feature.VectorAssembler(inputCols=columns, outputCol=output, handleInvalid=spec.assembler))
    if scaler != "none":
        parts.append(_scaler(scaler, len(columns)))
    return Pipeline(stages=[*parts, _model(spec)])


def _columns(spec: Spec) -> tuple[list[Any], list[str]]:
    """The stages on each number and each category, and the columns to assemble."""
    parts: list[Any] = []
    columns: list[str] = []
    for i, kind in enumerate(spec.numbers):
        parts += _number(f"x{i}", kind, spec.invalid)
        columns.append(f"x{i}" if kind == "plain" else f"x{i}_{kind}")
    for i, encoded in enumerate(spec.texts):
        parts.append(feature.StringIndexer(inputCol=f"t{i}", outputCol=f"t{i}_index", handleInvalid=spec.invalid))
        if encoded or spec.model not in _OF_CATEGORIES:
            parts.append(
                feature.OneHotEncoder(
                    inputCols=[f"t{i}_index"], outputCols=[f"t{i}_hot"], handleInvalid=spec.invalid,
                    dropLast=spec.intercept,
                )
            )  # fmt: skip
            columns.append(f"t{i}_hot")
        else:
            columns.append(f"t{i}_index")
    return parts, columns


def _hashed(spec: Spec) -> tuple[list[Any], list[str]]:
    """One stage on all numbers and categories, of which the first numbers are categories too."""
    inputs = [f"x{i}" for i in range(len(spec.numbers))] + [f"t{i}" for i in range(len(spec.texts))]
    hasher = feature.FeatureHasher(
        inputCols=inputs, categoricalCols=inputs[: len(spec.numbers) // 3], numFeatures=5, outputCol="hashed"
    )
    return [hasher], ["hashed"]


_OF_CATEGORIES = frozenset(
    f"{kind}_{task}" for kind in ("tree", "forest", "gbt") for task in ("classifier", "regressor")
)


def _number(name: str, kind: str, invalid: str) -> list[Any]:
    output = f"{name}_{kind}"
    if kind == "bucketed":
        splits = [-math.inf, -1.0, 0.0, 0.75, math.inf]
        return [feature.Bucketizer(splits=splits, inputCol=name, outputCol=output, handleInvalid=invalid)]
    if kind == "binarised":
        return [feature.Binarizer(threshold=0.5, inputCol=name, outputCol=output)]
    if kind == "imputed":
        return [feature.Imputer(strategy="median", inputCols=[name], outputCols=[output])]
    return []


def _scaler(kind: str, size: int) -> Any:
    columns: dict[str, Any] = {"inputCol": "raw", "outputCol": "features"}
    if kind == "slice":
        return feature.VectorSlicer(indices=list(range(size - 1, -1, -2)), **columns)
    if kind == "normalize":
        return feature.Normalizer(p=(1.0, 2.0, math.inf)[size % 3], **columns)
    if kind == "expand":
        return feature.PolynomialExpansion(degree=2 if size < 6 else 1, **columns)
    if kind == "cosine":
        return feature.DCT(inverse=size % 2 == 0, **columns)
    if kind == "vector_index":
        return feature.VectorIndexer(maxCategories=4, handleInvalid="keep", **columns)
    if kind in ("standard", "centred"):
        return feature.StandardScaler(withMean=kind == "centred", withStd=True, **columns)
    return feature.MinMaxScaler(**columns) if kind == "min_max" else feature.MaxAbsScaler(**columns)


def _model(spec: Spec) -> Any:
    made: Any
    linear: dict[str, Any] = {"regParam": 0.05, "maxIter": 5, "fitIntercept": spec.intercept}
    tree: dict[str, Any] = {"maxDepth": spec.depth, "seed": spec.seed}
    match spec.model:
        case "logistic" | "multinomial":
            made = classifiers.LogisticRegression(**linear)
        case "linear":
            made = regressors.LinearRegression(**linear)
        case "glm":
            made = regressors.GeneralizedLinearRegression(family=spec.link[0], link=spec.link[1], **linear)
        case "svc":
            made = classifiers.LinearSVC(**linear)
        case "tree_classifier":
            made = classifiers.DecisionTreeClassifier(**tree)
        case "tree_regressor":
            made = regressors.DecisionTreeRegressor(**tree)
        case "forest_classifier":
            made = classifiers.RandomForestClassifier(numTrees=spec.depth + 2, **tree)
        case "forest_regressor":
            made = regressors.RandomForestRegressor(numTrees=spec.depth + 2, **tree)
        case "gbt_classifier":
            made = classifiers.GBTClassifier(maxIter=spec.depth + 1, **tree)
        case "gbt_regressor":
            made = regressors.GBTRegressor(maxIter=spec.depth + 1, **tree)
        case "bayes":
            made = classifiers.NaiveBayes(modelType="gaussian")
        case "one_vs_rest":
            return classifiers.OneVsRest(classifier=classifiers.LogisticRegression(**linear))
        case "fm_classifier" | "fm_regressor":
            settings: dict[str, Any] = {
                "factorSize": spec.depth, "maxIter": 5, "seed": spec.seed, "fitIntercept": spec.intercept,
            }  # fmt: skip
            kind = classifiers.FMClassifier if spec.model == "fm_classifier" else regressors.FMRegressor
            made = kind(**settings)
        case "bisecting":
            return clustering.BisectingKMeans(k=spec.depth + 1, seed=spec.seed)
        case "mixture":
            return clustering.GaussianMixture(k=2, seed=spec.seed, maxIter=5)
        case "k_means":
            return clustering.KMeans(k=spec.depth + 1, seed=spec.seed)
        case "isotonic":
            return regressors.IsotonicRegression(isotonic=spec.intercept)
        case _:
            raise ValueError(spec.model)
    if spec.thresholds and spec.model in ("logistic", "tree_classifier", "gbt_classifier", "forest_classifier"):
        made.setThresholds([0.3, 0.6, 0.2][: 3 if spec.model in ("tree_classifier", "forest_classifier") else 2])
    return made


def columns_of(spec: Spec) -> dict[str, list[Value]]:
    """The rows to score, as columns."""
    table: Sequence[tuple[Value, ...]] = spec.rows
    return {name: [row[place] for row in table] for place, name in enumerate(names(spec))}
