"""Random pipelines: what Hypothesis draws is a plain value, and `build` makes Spark's stages of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from pyspark.ml import Pipeline, clustering, feature, recommendation
from pyspark.ml import classification as classifiers
from pyspark.ml import regression as regressors

from pillion.types import Value
from tests.support.features import KEEPS_SIZE, NEEDS_SIZE, SCALERS, number, scaler, text
from tests.support.prose import TEXTS as _PROSE
from tests.support.prose import Prose, proses, stages, training_texts

CATEGORIES = ("a", "b", "c", "d e", "Ω", "")
_INVALID = ("error", "keep")
_MODELS = (
    "logistic", "multinomial", "linear", "glm", "svc", "tree_classifier", "tree_regressor", "forest_classifier",
    "forest_regressor", "gbt_classifier", "gbt_regressor", "k_means", "isotonic", "bayes", "one_vs_rest",
    "fm_classifier", "fm_regressor", "bisecting", "mixture", "bayes_of_counts", "perceptron",
    "survival", "als",
)  # fmt: skip
_NUMBERS = (
    "plain", "plain", "bucketed", "quantiled", "binarised", "median", "mean", "mode", "calculated",
    "chosen", "narrowed", "bounded",
)  # fmt: skip
_TEXT_KINDS = ("index", "hot", "target", "named", "known", "valid")
_LINKS = (
    ("gaussian", "identity"), ("gaussian", "log"), ("binomial", "logit"), ("binomial", "probit"),
    ("binomial", "cloglog"), ("poisson", "log"), ("poisson", "sqrt"), ("gamma", "log"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spec:
    """A pipeline, the seed of the table that it is fitted on, and rows to score.

    Attributes:
        numbers: how each numeric input is prepared; see `features.number`.
        texts: what becomes of each text input's index: see `features.text`.
        prose: for each input of free text, the stages that make a vector of it.
        hashed: whether a FeatureHasher takes the numbers and texts instead, so that many meet.
        formula: whether an RFormula takes them instead, and what was made of them is left out.
        invalid: handleInvalid of indexers, encoders and buckets.
        assembler: handleInvalid of the last assembler.
        scaler: what is done with the vector.
        model: the model.
        link: family and link of a generalised linear model.
        seed: of the training table, and of the model.
        depth: of trees; layers, clusters and classes follow from it too.
        intercept: whether linear models have one.
        thresholds: whether a classifier has them.
        said: whether the class that is predicted is made a text.
        rows: numeric and text values of each row to score.
    """

    numbers: tuple[str, ...]
    texts: tuple[str, ...]
    prose: tuple[Prose, ...]
    hashed: bool
    formula: bool
    invalid: str
    assembler: str
    scaler: str
    model: str
    link: tuple[str, str]
    seed: int
    depth: int
    intercept: bool
    thresholds: bool
    said: bool
    rows: tuple[tuple[Value, ...], ...]


_DOUBLES = st.one_of(
    st.floats(-4.0, 4.0),
    st.sampled_from((0.0, -0.0, 0.5, 1.0, -1.0, 1e300, -1e300, 5e-324, math.nan, math.inf, -math.inf)),
    st.none(),
)
_TEXTS = st.one_of(st.sampled_from(CATEGORIES), st.sampled_from(("unseen", "A", "é")), st.none())


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    numbers = tuple(draw(st.lists(st.sampled_from(_NUMBERS), min_size=1, max_size=9)))
    texts = tuple(draw(st.lists(st.sampled_from(_TEXT_KINDS), max_size=2)))
    prose = tuple(draw(st.lists(proses(), max_size=1)))
    row = st.tuples(*[_DOUBLES] * len(numbers), *[_TEXTS] * len(texts), *[_PROSE] * len(prose))
    return Spec(
        numbers,
        texts,
        prose,
        draw(st.integers(0, 7)) == 0,
        draw(st.integers(0, 9)) == 0,
        draw(st.sampled_from(_INVALID)),
        draw(st.sampled_from(_INVALID)),
        draw(st.sampled_from(SCALERS)),
        draw(st.sampled_from(_MODELS)),
        draw(st.sampled_from(_LINKS)),
        draw(st.integers(0, 2**16)),
        draw(st.integers(1, 4)),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.booleans()),
        tuple(draw(st.lists(row, min_size=10, max_size=30))),
    )


def names(spec: Spec) -> tuple[str, ...]:
    kinds = (("x", spec.numbers), ("t", spec.texts), ("tp", spec.prose))
    return tuple(f"{kind}{i}" for kind, inputs in kinds for i in range(len(inputs)))


def training_rows(spec: Spec, count: int = 80) -> list[tuple[Value, ...]]:
    """Complete rows; last the label, a class from 0 on or a number, as the model needs, and 1 where it is sure."""
    random = np.random.default_rng(spec.seed)
    numbers = np.round(random.normal(size=(count, len(spec.numbers))), 3)
    texts = random.integers(0, len(CATEGORIES) - 1, size=(count, len(spec.texts)))
    signal = numbers.sum(axis=1) + texts.sum(axis=1) + random.normal(size=count)
    classes = _classes(spec)
    if spec.model in ("linear", "tree_regressor", "forest_regressor", "gbt_regressor", "isotonic", "fm_regressor"):
        label = signal
    elif spec.model in ("survival", "als") or (spec.model == "glm" and spec.link[0] != "binomial"):
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
            float(i % 3 > 0),
        )
        for i in range(count)
    ]


def build(spec: Spec) -> Pipeline:
    """The unfitted pipeline; needs a running session with the converter's jars."""
    if spec.model == "als":
        return Pipeline(stages=[feature.SQLTransformer(statement=_IDS), _als(spec)])
    if spec.formula:
        terms = " + ".join(name for name in names(spec) if not name.startswith("tp"))
        formula = feature.RFormula(formula=f"label ~ {terms}", handleInvalid=spec.invalid)
        return Pipeline(stages=[formula, *_model(spec, None)])
    parts, columns = _hashed(spec) if spec.hashed else _columns(spec)
    for i, prose in enumerate(spec.prose):
        more, made = stages(prose, f"tp{i}")
        parts += more
        columns.append(made)
    known = not (spec.texts or spec.prose or spec.hashed)
    kind = "min_max" if spec.model == "bayes_of_counts" else spec.scaler
    kind = "none" if kind in NEEDS_SIZE and not known else kind
    output = "features" if kind == "none" else "raw"
    parts.append(feature.VectorAssembler(inputCols=columns, outputCol=output, handleInvalid=spec.assembler))
    parts += scaler(kind, len(columns), numeric=spec.model in _OF_NUMBERS)
    return Pipeline(stages=[*parts, *_model(spec, len(columns) if known and kind in KEEPS_SIZE else None)])


_IDS = """
    SELECT *, pmod(coalesce(try_cast(x0 * 10 AS INT), -1), 9) AS user,
    pmod(coalesce(try_cast(x0 * 70 AS INT), 11), 7) AS item FROM __THIS__
"""
"""Users and items, one of whom is seldom trained on."""


def _als(spec: Spec) -> Any:
    cold = "drop" if spec.invalid == "error" else "nan"
    columns: dict[str, Any] = {"userCol": "user", "itemCol": "item", "ratingCol": "label", "coldStartStrategy": cold}
    return recommendation.ALS(rank=spec.depth, maxIter=2, seed=spec.seed, **columns)


def kinds() -> list[Spec]:
    """A spec for each kind that can be drawn, so that each stage is in one of them."""
    plain = Spec(
        ("plain",), (), (), False, False, "keep", "keep", "none", "logistic", _LINKS[0], 1, 1, True, False, True, ()
    )  # fmt: skip
    words = [
        Prose(None, True, True, 0, "en", 2, vectors, 1.0, False, True) for vectors in ("counts", "hashes", "means")
    ]
    words.append(Prose("a", True, True, 0, "none", 0, "counts", 1.0, False, False))
    return [
        *(replace(plain, numbers=(kind,)) for kind in _NUMBERS),
        *(replace(plain, texts=(kind,)) for kind in _TEXT_KINDS),
        *(replace(plain, prose=(prose,)) for prose in words),
        *(replace(plain, scaler=kind) for kind in SCALERS),
        *(replace(plain, model=kind) for kind in _MODELS),
        replace(plain, hashed=True),
        replace(plain, formula=True),
    ]


def _columns(spec: Spec) -> tuple[list[Any], list[str]]:
    """The stages on each number and each category, and the columns to assemble."""
    parts: list[Any] = []
    columns: list[str] = []
    for i, kind in enumerate(spec.numbers):
        parts += number(f"x{i}", kind, spec.invalid)
        columns.append(f"x{i}" if kind == "plain" else f"x{i}_{kind}")
    for i, kind in enumerate(spec.texts):
        kind = "hot" if kind == "index" and spec.model not in _OF_CATEGORIES else kind
        parts += text(f"t{i}", kind, spec.invalid, drop=spec.intercept, numeric=spec.model in _OF_NUMBERS)
        columns.append(f"t{i}_{kind}")
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


_OF_NUMBERS = frozenset(
    ("linear", "tree_regressor", "forest_regressor", "gbt_regressor", "isotonic", "fm_regressor", "glm", "survival",
     "als")
)  # fmt: skip
_CLASSES = {
    "multinomial": 3,
    "tree_classifier": 3,
    "forest_classifier": 3,
    "bayes": 3,
    "one_vs_rest": 3,
    "perceptron": 3,
}
_SAID = ("no", "yes", "\U0001f600 ", "more", "and more", "6")


def _classes(spec: Spec) -> int:
    return _CLASSES.get(spec.model, 2)


def _model(spec: Spec, size: int | None) -> list[Any]:
    """The model of features of a size, where that is known, and what makes a text of its class."""
    made = _predictor(spec, size)
    if not spec.said or spec.model in _OF_NUMBERS:
        return [made]
    return [made, feature.IndexToString(inputCol="prediction", outputCol="said", labels=list(_SAID))]


def _predictor(spec: Spec, size: int | None) -> Any:
    made: Any
    linear: dict[str, Any] = {"regParam": 0.05, "maxIter": 5, "fitIntercept": spec.intercept}
    tree: dict[str, Any] = {"maxDepth": spec.depth, "seed": spec.seed}
    match spec.model:
        case "perceptron" if size is not None:
            layers = [size, spec.depth, _classes(spec)]
            return classifiers.MultilayerPerceptronClassifier(layers=layers, maxIter=3, seed=spec.seed)
        case "bayes_of_counts":
            made = classifiers.NaiveBayes(modelType="multinomial", smoothing=0.5)
        case "logistic" | "multinomial" | "perceptron":
            made = classifiers.LogisticRegression(**linear)
        case "linear":
            made = regressors.LinearRegression(**linear)
        case "glm":
            made = regressors.GeneralizedLinearRegression(family=spec.link[0], link=spec.link[1], **linear)
        case "survival":
            quantiles: dict[str, Any] = {"quantilesCol": "quantiles", "quantileProbabilities": [0.1, 0.5, 0.95]}
            several = quantiles if spec.thresholds else {}
            return regressors.AFTSurvivalRegression(censorCol="sure", fitIntercept=spec.intercept, maxIter=5, **several)
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
