"""Fits the lab's models in Spark and publishes each with its rows, once.

Usage: python lab_models.py FOLDER
"""

import sys
from pathlib import Path

from fit import TRAINING_ROWS, rows, schema_of_rows, stages

MODELS = {"gbt-100x5": 1_000, "forest-50x8": 1_000, "logistic": 1_000, "multinomial-1000": 200}
"""With how many rows each is published; with a thousand classes, a row has a hundred kilobytes of outputs."""


def main(folder: Path) -> None:
    """Publishes what has not been published."""
    absent = [model for model in MODELS if not (folder / model / "1").exists()]
    if not absent:
        return
    from pyspark.ml import Pipeline

    import pillion
    from pillion.export.session import create_session

    schema = schema_of_rows()
    spark = create_session(scratch=folder / "spark")
    try:
        training = spark.createDataFrame(rows(TRAINING_ROWS, 1), schema).cache()
        for model in absent:
            print(f"fitting and publishing {model}", file=sys.stderr, flush=True)
            fitted = Pipeline(stages=stages(model)).fit(training)
            real = spark.createDataFrame(rows(MODELS[model], 2), schema)
            pillion.export(fitted, real, name=model).publish(folder, model)
    finally:
        spark.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
