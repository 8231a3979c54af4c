"""Random stages between raw columns and a model: kinds that are drawn by name, as Spark's stages."""

import math
from collections.abc import Callable
from typing import Any

from pyspark.ml import feature
from pyspark.ml.linalg import Vectors
from pyspark2pmml.ml import feature as pmml

_SPLITS = [-math.inf, -1.0, 0.0, 0.75, math.inf]

_NUMBERS = {
    "calculated": "greatest(round(coalesce({0}, 0.25) / 2, 3), -1D)",
    "chosen": "CASE WHEN {0} BETWEEN -1 AND 1 THEN sqrt(abs({0})) WHEN isnan({0}) THEN NULL ELSE bround({0}, 1) END",
    "narrowed": "pmod(coalesce(try_cast({0} * 100 AS INT), 7), 5) / 4D + nanvl(log1p(abs({0})), 0.5D)",
}
"""SQL's expressions of a number."""
_NAMES = (
    "initcap(substring_index({0}, ' ', -1))",
    "concat_ws('-', locate('a', {0}, 1), length({0}), upper({0}))",
    "date_format(try_to_timestamp(concat('2001-0', length({0}), '-28'), 'yyyy-M-d'), 'EEE d MMM')",
)
"""SQL's expressions of a text."""


def number(name: str, kind: str, invalid: str) -> list[Any]:
    """The stages that make `{name}_{kind}` of a number; none for `plain`."""
    output = f"{name}_{kind}"
    match kind:
        case "bucketed":
            return [feature.Bucketizer(splits=_SPLITS, inputCol=name, outputCol=output, handleInvalid=invalid)]
        case "quantiled":
            return [feature.QuantileDiscretizer(numBuckets=4, inputCol=name, outputCol=output, handleInvalid=invalid)]
        case "binarised":
            return [feature.Binarizer(threshold=0.5, inputCol=name, outputCol=output)]
        case "median" | "mean" | "mode":
            return [feature.Imputer(strategy=kind, inputCols=[name], outputCols=[output])]
        case "calculated" | "chosen" | "narrowed":
            expression = _NUMBERS[kind].format(name)
            return [feature.SQLTransformer(statement=f"SELECT *, {expression} AS {output} FROM __THIS__")]
        case "bounded":
            return [_bounded(name, output, invalid)]
        case _:
            return []


def _bounded(name: str, output: str, invalid: str) -> Any:
    """pyspark2pmml's stage on a number's range; what it was not trained on is missing, or as it is."""
    missing, outlier = ("asMissing", "asMissingValues") if invalid == "error" else ("asIs", "asExtremeValues")
    return pmml.ContinuousDomain(
        inputCols=[name], outputCols=[output], lowValue=-1.0, highValue=1.5, outlierTreatment=outlier,
        missingValueTreatment="asValue", missingValueReplacement=0.25, invalidValueTreatment=missing,
    )  # fmt: skip


def text(name: str, kind: str, invalid: str, *, drop: bool, numeric: bool) -> list[Any]:
    """The stages that make `{name}_{kind}` of a text.

    Args:
        name: its column.
        kind: `index`, `hot`, `target`, `named`, which indexes what SQL makes of it, or those of pyspark2pmml's stages:
            `known`, which indexes what is left of it, and `valid`, an index that is NaN for what is not known.
        invalid: their handleInvalid.
        drop: whether the last category has no element.
        numeric: whether the label is a number, and no class.
    """
    if kind == "named":
        expression = _NAMES[len(invalid) % 3 if drop else int(numeric)].format(name)
        select = feature.SQLTransformer(statement=f"SELECT *, {expression} AS {name}_said FROM __THIS__")
        indexer = feature.StringIndexer(inputCol=f"{name}_said", outputCol=f"{name}_named", handleInvalid=invalid)
        return [select, indexer]
    if kind == "known":
        domain = pmml.CategoricalDomain(
            inputCols=[name], outputCols=[f"{name}_left"], invalidValueTreatment="asMissing",
            missingValueTreatment="asValue", missingValueReplacement="a",
        )  # fmt: skip
        indexer = feature.StringIndexer(inputCol=f"{name}_left", outputCol=f"{name}_known", handleInvalid=invalid)
        return [domain, indexer]
    index = f"{name}_index"
    indexer = feature.StringIndexer(inputCol=name, outputCol=index, handleInvalid=invalid)
    if kind == "valid":
        indexer.setHandleInvalid("keep")
        return [indexer, pmml.InvalidCategoryTransformer().setInputCols([index]).setOutputCols([f"{name}_valid"])]
    if kind == "hot":
        hot = feature.OneHotEncoder(inputCols=[index], outputCols=[f"{name}_hot"], handleInvalid=invalid, dropLast=drop)
        return [indexer, hot]
    if kind == "target":
        target = feature.TargetEncoder(
            inputCols=[index], outputCols=[f"{name}_target"], labelCol="label", handleInvalid="keep", smoothing=1.5,
            targetType="continuous" if numeric or not drop else "binary",
        )  # fmt: skip
        return [indexer, target]
    return [indexer]


def scaler(kind: str, size: int, *, numeric: bool) -> list[Any]:
    """The stages that make the vector `features` of the vector `raw`; none for `none`.

    Args:
        kind: one of `SCALERS`.
        size: elements of `raw`, or a number that follows from it.
        numeric: whether the label is a number, and no class.
    """
    if kind == "none":
        return []
    if kind == "interaction":
        return [feature.Interaction(inputCols=["raw", "x0"], outputCol="features")]
    if kind in ("univariate", "chi"):
        columns: dict[str, Any] = {"featuresCol": "raw", "outputCol": "features", "labelCol": "label"}
        if kind == "chi":
            return [feature.ChiSqSelector(numTopFeatures=2, **columns)]
        chosen = feature.UnivariateFeatureSelector(selectionMode="fpr", **columns).setSelectionThreshold(0.9)
        return [chosen.setFeatureType("continuous").setLabelType("continuous" if numeric else "categorical")]
    if kind == "apart":
        parts = [f"part{place}" for place in range(size)]
        apart = pmml.VectorDisassembler(inputCol="raw", outputCols=parts)
        return [apart, feature.VectorAssembler(inputCols=parts, outputCol="features", handleInvalid="keep")]
    if kind in ("dense", "dense_of_sparse"):
        stage = pmml.VectorDensifier() if kind == "dense" else pmml.SparseToDenseTransformer()
        return [stage.setInputCol("raw").setOutputCol("features")]
    if kind in ("near", "alike"):
        hashed: dict[str, Any] = {"inputCol": "raw", "outputCol": "hashes", "seed": 1, "numHashTables": 3}
        near = feature.BucketedRandomProjectionLSH(bucketLength=0.7, **hashed)
        stage = near if kind == "near" else feature.MinHashLSH(**hashed)
        return [stage, feature.VectorAssembler(inputCols=["raw"], outputCol="features", handleInvalid="keep")]
    if kind == "variance":
        return [feature.VarianceThresholdSelector(featuresCol="raw", outputCol="features", varianceThreshold=0.2)]
    if kind == "hint":
        hint = feature.VectorSizeHint(inputCol="raw", size=size, handleInvalid="error")
        return [hint, feature.MaxAbsScaler(inputCol="raw", outputCol="features")]
    return [_SCALERS[kind](size, {"inputCol": "raw", "outputCol": "features"})]


_SCALERS: dict[str, Callable[[int, dict[str, Any]], Any]] = {
    "standard": lambda size, columns: feature.StandardScaler(withMean=False, withStd=True, **columns),
    "centred": lambda size, columns: feature.StandardScaler(withMean=True, withStd=True, **columns),
    "min_max": lambda size, columns: feature.MinMaxScaler(**columns),
    "max_abs": lambda size, columns: feature.MaxAbsScaler(**columns),
    "robust": lambda size, columns: feature.RobustScaler(withCentering=size % 2 == 0, withScaling=True, **columns),
    "normalize": lambda size, columns: feature.Normalizer(p=(1.0, 2.0, math.inf)[size % 3], **columns),
    "product": lambda size, columns: feature.ElementwiseProduct(
        scalingVec=Vectors.dense([place - 1.5 for place in range(size)]), **columns
    ),
    "slice": lambda size, columns: feature.VectorSlicer(indices=list(range(size - 1, -1, -2)), **columns),
    "components": lambda size, columns: feature.PCA(k=min(2, size), **columns),
    "expand": lambda size, columns: feature.PolynomialExpansion(degree=2 if size < 6 else 1, **columns),
    "cosine": lambda size, columns: feature.DCT(inverse=size % 2 == 0, **columns),
    "vector_index": lambda size, columns: feature.VectorIndexer(maxCategories=4, handleInvalid="keep", **columns),
}
SCALERS = (
    "none", *_SCALERS, "interaction", "univariate", "chi", "variance", "hint", "apart", "dense", "dense_of_sparse",
    "near", "alike",
)  # fmt: skip
"""What is done with the vector of all features."""
NEEDS_SIZE = frozenset({"slice", "product", "hint", "apart"})
"""Those for which the size of the vector must be known before anything is fitted."""
KEEPS_SIZE = frozenset(
    {"none", "standard", "centred", "min_max", "max_abs", "robust", "normalize", "product", "cosine", "hint",
     "vector_index", "apart", "dense", "dense_of_sparse", "near", "alike"}
)  # fmt: skip
"""Those that make a vector of the same size."""
