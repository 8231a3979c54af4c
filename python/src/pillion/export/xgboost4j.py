"""Models of `xgboost4j-spark`, read from the folders that Spark's JVM saved them to, without that package.

Such a folder has Spark's metadata and, under `data`, the booster in a form that XGBoost itself reads. The wheel of
XGBoost computes what the JVM's wrapper does with it, and stands for it where Spark is asked.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import numpy as np
import pandas as pd
from pyspark.ml import Transformer
from pyspark.ml.functions import array_to_vector, vector_to_array
from pyspark.ml.util import MLWritable, MLWriter
from pyspark.sql import DataFrame
from pyspark.sql.functions import col
from pyspark.sql.pandas.functions import pandas_udf

from pillion.export.plan.saved import Saved
from pillion.export.plan.xgboost_folder import load_booster

KINDS = frozenset({"XGBoostClassificationModel", "XGBoostRegressionModel", "XGBoostRankerModel"})
"""The simple names of its classes."""
_STRUCT = "raw array<double>, probability array<double>, prediction double"


class XGBoost4jModel(Transformer, MLWritable):
    """A saved model in the place of the JVM's; it is saved again as it was.

    Args:
        folder: that it was saved to.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.saved = Saved.read(folder)
        self._resetUid(self.saved.uid)
        self._files = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        self._raw = bytes(load_booster(folder).save_raw("ubj"))

    def write(self) -> MLWriter:
        """Returns what saves it."""
        return _Writer(self._files)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        params, raw = self.saved.params, self._raw
        classes = self.saved.kind == "XGBoostClassificationModel"
        missing = float("nan") if params.get("missing") is None else float(params["missing"])

        @pandas_udf(_STRUCT)  # type: ignore[call-overload,untyped-decorator,unused-ignore]
        def predicted(batches: Iterator[pd.Series]) -> Iterator[pd.DataFrame]:
            import xgboost

            booster = xgboost.Booster(model_file=bytearray(raw))
            for batch in batches:
                yield _columns(booster, np.stack(list(batch)).astype(np.float32), missing, classes)

        features = vector_to_array(col(f"`{params['featuresCol']}`"), "float32")
        made = dataset.withColumn(_PREDICTED, predicted(features))
        for param, part in (("rawPredictionCol", "raw"), ("probabilityCol", "probability")):
            if classes and params.get(param):
                made = made.withColumn(params[param], array_to_vector(col(f"{_PREDICTED}.{part}")))
        if params.get("predictionCol"):
            made = made.withColumn(params["predictionCol"], col(f"{_PREDICTED}.prediction"))
        return made.drop(_PREDICTED)


_PREDICTED = "__xgboost4j"


def _columns(booster: Any, x: "np.ndarray[Any, np.dtype[np.float32]]", missing: float, classes: bool) -> pd.DataFrame:
    """What the JVM's wrapper makes of a batch: floats as doubles, of two classes the first as what is left to 1."""
    import xgboost

    data = xgboost.DMatrix(x, missing=missing, nthread=1)
    rounds = (0, booster.num_boosted_rounds())
    margins = booster.predict(data, output_margin=True, iteration_range=rounds).astype(np.float64)
    given = booster.predict(data, iteration_range=rounds).astype(np.float64)
    if not classes:
        empty = pd.Series([None] * len(x))
        return pd.DataFrame({"raw": empty, "probability": empty, "prediction": given})
    if margins.ndim == 1:
        margins, given = np.stack([-margins, margins], axis=1), np.stack([1.0 - given, given], axis=1)
    label = given.argmax(axis=1).astype(np.float64)
    return pd.DataFrame({"raw": list(margins), "probability": list(given), "prediction": label})


class _Writer(MLWriter):
    """Writes the files of a saved model."""

    def __init__(self, files: dict[Path, bytes]) -> None:
        super().__init__()
        self._files = files

    def saveImpl(self, path: str) -> None:
        folder = Path(unquote(urlparse(path).path))
        shutil.rmtree(folder, ignore_errors=True)
        for name, content in self._files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
