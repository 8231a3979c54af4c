"""Trains boosted trees on the probability that a student rates a lecturer with 4 or 5 of 5."""

from pathlib import Path

from pyspark.ml import Pipeline
from pyspark.ml.classification import GBTClassifier
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.feature import Imputer, StringIndexer, VectorAssembler
from pyspark.sql import SparkSession

spark = SparkSession.builder.master("local[*]").getOrCreate()
rows = spark.read.parquet("rows.parquet")
learned, held_out = rows.randomSplit([0.8, 0.2], seed=1)

means = ["mean_given", "mean_received"]
texts = ["department", "service"]
known = [f"{name}_known" for name in means]
indexed = [f"{name}_index" for name in texts]
pipeline = Pipeline(
    stages=[
        Imputer(inputCols=means, outputCols=known),
        StringIndexer(inputCols=texts, outputCols=indexed, handleInvalid="keep"),
        VectorAssembler(inputCols=[*known, *indexed, "given", "received", "semester"], outputCol="features"),
        GBTClassifier(maxIter=10, maxDepth=4, seed=1),
    ]
)
model = pipeline.fit(learned)
quality = BinaryClassificationEvaluator().evaluate(model.transform(held_out))
print(f"area under the ROC curve, held out: {quality:.2f}")

model.write().overwrite().save("lecturers")
Path("schema.json").write_text(rows.schema.json())
