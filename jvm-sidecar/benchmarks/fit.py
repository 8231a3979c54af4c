"""Fits the models of the engine's benchmarks in Spark, and times Spark itself on them.

Usage: python fit.py FOLDER

Leaves in FOLDER: one `<model>.pmml` a model beside the fitted pipeline, `rows.tsv` (1,000 rows to score), and
`spark.json` (seconds of Spark's own `transform`, best of several, on 1 and on 1,000 rows). Pipelines that are there
are timed again, but not fitted again.
"""

import json
import math
import random
import sys
import time
from pathlib import Path
from typing import Any

TRAINING_ROWS = 8_000
SCORED_ROWS = 1_000
CATEGORIES = {"device": 5, "country": 12, "genre": 18, "referrer": 4}
NUMBERS = ["age", "hour", "clicks", "price", "rating"]
TEXT = "review"
WORDS = 2_000
MODELS = [
    "logistic",
    "multinomial-30",
    "multinomial-1000",
    "gbt-100x5",
    "forest-50x8",
    "xgboost-100x5",
    "lightgbm-100x5",
    "text-500",
]


def rows(count: int, seed: int) -> list[tuple[Any, ...]]:
    """Rows of four categories, five numbers, a text, and three labels that depend on categories and numbers."""
    source, writer = random.Random(seed), random.Random(seed)
    made = []
    for position in range(count):
        categories = [source.randrange(size) for size in CATEGORIES.values()]
        numbers = [source.gauss(0, 1) for _ in NUMBERS]
        margin = sum(math.sin(3 * value) for value in numbers) + 0.3 * (categories[1] % 5) - 0.1 * categories[2]
        label = float(source.random() < 1 / (1 + math.exp(-margin)))
        shelf = abs(int(7 * margin + 5 * categories[3] + source.gauss(0, 2)))
        names = [f"{name}-{value}" for name, value in zip(CATEGORIES, categories, strict=True)]
        # Every class is met at least once, whatever the margins.
        made.append(
            (
                *names,
                *numbers,
                review(writer),
                label,
                float((shelf + position) % 30),
                float((31 * shelf + position) % 1_000),
            )
        )
    return made


def schema_of_rows() -> Any:
    """Spark's schema of what `rows` returns."""
    from pyspark.sql.types import DoubleType, StringType, StructField, StructType

    return StructType(
        [StructField(name, StringType()) for name in CATEGORIES]
        + [StructField(name, DoubleType()) for name in NUMBERS]
        + [StructField(TEXT, StringType())]
        + [StructField(name, DoubleType()) for name in ("label", "shelf", "item")]
    )


def review(writer: random.Random) -> str:
    """About twenty words, of which few are frequent, with capitals and punctuation."""
    words = [f"word{int(WORDS ** writer.random())}" for _ in range(writer.randrange(10, 30))]
    return " ".join(word.title() if writer.random() < 0.1 else word for word in [*words, "and", "the"]) + "."


def stages(model: str) -> list[Any]:
    """The pipeline of a model: one-hot categories for the linear ones, indices for the trees, counts of words."""
    from pyspark.ml.classification import GBTClassifier, LogisticRegression, RandomForestClassifier
    from pyspark.ml.feature import (
        IDF,
        CountVectorizer,
        OneHotEncoder,
        RegexTokenizer,
        StopWordsRemover,
        StringIndexer,
        VectorAssembler,
    )

    if model == "text-500":
        return [
            RegexTokenizer(inputCol=TEXT, outputCol="tokens", pattern="\\W+"),
            StopWordsRemover(inputCol="tokens", outputCol="words"),
            CountVectorizer(inputCol="words", outputCol="counts", vocabSize=500),
            IDF(inputCol="counts", outputCol="features"),
            LogisticRegression(labelCol="label", regParam=0.01, maxIter=10),
        ]
    names = list(CATEGORIES)
    indices = [f"{name}_index" for name in names]
    indexer = StringIndexer(inputCols=names, outputCols=indices, handleInvalid="keep")
    trees = {
        "gbt-100x5": lambda: GBTClassifier(labelCol="label", maxIter=100, maxDepth=5, seed=7),
        "forest-50x8": lambda: RandomForestClassifier(labelCol="label", numTrees=50, maxDepth=8, seed=7),
        "xgboost-100x5": xgboost_classifier,
        "lightgbm-100x5": lightgbm_classifier,
    }
    if model in trees:
        return [indexer, VectorAssembler(inputCols=indices + NUMBERS, outputCol="features"), trees[model]()]
    encoder = OneHotEncoder(inputCols=indices, outputCols=[f"{name}_hot" for name in names])
    assembler = VectorAssembler(inputCols=[f"{name}_hot" for name in names] + NUMBERS, outputCol="features")
    label = {"logistic": "label", "multinomial-30": "shelf", "multinomial-1000": "item"}[model]
    regression = LogisticRegression(labelCol=label, maxIter=20 if label == "label" else 5)
    return [indexer, encoder, assembler, regression]


def xgboost_classifier() -> Any:
    """XGBoost's trees, as its library beside the engine has them."""
    from xgboost.spark import SparkXGBClassifier

    return SparkXGBClassifier(
        n_estimators=100, max_depth=5, tree_method="hist", force_repartition=True, verbosity=0, verbose=False
    )


def lightgbm_classifier() -> Any:
    """LightGBM's trees, as its library beside the engine has them."""
    import lightgbm
    import numpy
    from pyspark.ml import Estimator

    from pillion.lightgbm import LightGBMClassificationModel

    class LightGBM(Estimator):  # type: ignore[misc]
        def _fit(self, dataset: Any) -> Any:
            table = dataset.select("features", "label").toPandas()
            options = {"objective": "binary", "max_depth": 5, "num_leaves": 32, "num_threads": 1, "verbosity": -1}
            x = numpy.stack([vector.toArray() for vector in table["features"]])
            return LightGBMClassificationModel(lightgbm.train(options, lightgbm.Dataset(x, table["label"]), 100))

    return LightGBM()


def seconds(fitted: Any, frame: Any, repeats: int) -> float:
    """The best time of `transform` with its results collected."""
    best = math.inf
    for _ in range(repeats):
        before = time.perf_counter()
        fitted.transform(frame).select("prediction", "probability").collect()
        best = min(best, time.perf_counter() - before)
    return best


def main(folder: Path) -> None:
    """Fits what has not been fitted, and times all of it."""
    from pyspark.ml import Pipeline, PipelineModel
    from pyspark2pmml import PMMLBuilder

    from pillion.export.converter import export
    from pillion.export.session import create_session

    folder.mkdir(parents=True, exist_ok=True)
    schema = schema_of_rows()
    spark = create_session(scratch=folder / "spark")
    try:
        training = spark.createDataFrame(rows(TRAINING_ROWS, 1), schema).cache()
        scored = rows(SCORED_ROWS, 2)
        inputs = [*CATEGORIES, *NUMBERS, TEXT]
        lines = ["\t".join(inputs)] + ["\t".join(map(str, row[: len(inputs)])) for row in scored]
        (folder / "rows.tsv").write_text("\n".join(lines) + "\n")
        frames = {count: spark.createDataFrame(scored[:count], schema).cache() for count in (1, SCORED_ROWS)}
        timings: dict[str, dict[str, float]] = {}
        for model in MODELS:
            saved = folder / f"{model}.pipeline"
            if saved.exists():
                fitted = PipelineModel.load(str(saved))
            else:
                fitted = Pipeline(stages=stages(model)).fit(training)
                fitted.write().overwrite().save(str(saved))
            (folder / f"{model}.pmml").write_bytes(export(fitted, schema))
            if model == "text-500":
                # Its words are others than Spark's, so the exported document has no model for the interpreter.
                (folder / f"{model}.converted.pmml").write_bytes(PMMLBuilder(schema, fitted).buildByteArray())
            timings[model] = {str(count): seconds(fitted, frame, 5) for count, frame in frames.items()}
            print(f"Spark has scored {model}", file=sys.stderr, flush=True)
        (folder / "spark.json").write_text(json.dumps(timings, indent=2) + "\n")
    finally:
        spark.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
