"""Saved pipelines: a user's own, and those that are kept beside a published document."""

import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark import SparkContext
from pyspark.errors import PySparkException
from pyspark.ml import PipelineModel
from pyspark.ml.util import DefaultParamsReader
from pyspark.sql.types import StructType

from pillion.errors import ConfigurationError
from pillion.export import xgboost4j
from pillion.export.stage_columns import read_metadata, require_fitted, spark_folder, stage_folders
from pillion.export.tuning import best_of
from pillion.scoring.repository import MANIFEST, PIPELINE

_EPOCH = (1980, 1, 1, 0, 0, 0)


def read_schema(path: Path) -> StructType:
    """Reads Spark's StructType as JSON.

    Raises:
        ConfigurationError: it can't be read.
    """
    try:
        return StructType.fromJson(json.loads(path.read_bytes()))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, PySparkException) as error:
        raise ConfigurationError(f"{path} is not a schema: Spark's StructType as JSON is expected") from error


def load_pipeline(folder: Path) -> PipelineModel:
    """Loads a saved PipelineModel, or any other fitted stage as a pipeline of its own; needs a running session.

    Args:
        folder: where it was saved, by Spark or by MLflow.

    Raises:
        ConfigurationError: there is none, it isn't fitted, or Spark can't read it; names the stage that is to blame.
    """
    import pyspark2pmml.ml.feature  # noqa: F401  its transformers are named in some pipelines

    home = spark_folder(folder)
    require_fitted(home)
    try:
        return best_of(_load(home))
    except Exception as failure:
        raise ConfigurationError(f"{folder} can't be loaded: {_culprit(home, failure)}") from failure


def _load(folder: Path) -> Any:
    """A saved stage; one of xgboost4j-spark, which this Spark can't load, in the guise of a stage in Python."""
    kind = _kind(folder)
    if kind in xgboost4j.KINDS:
        return xgboost4j.XGBoost4jModel(folder)
    if kind == "PipelineModel" and not xgboost4j.KINDS.isdisjoint(map(_kind, stage_folders(folder))):
        return PipelineModel([_load(path) for path in stage_folders(folder)])
    return DefaultParamsReader.loadParamsInstance(folder.absolute().as_uri(), SparkContext.getOrCreate())


def _kind(folder: Path) -> str:
    return str(read_metadata(folder)["class"]).rpartition(".")[2]


def _culprit(folder: Path, failure: Exception) -> str:
    """Which stage of a folder can't be loaded, and why."""
    stages = list(stage_folders(folder))
    for number, path in enumerate(stages, 1):
        try:
            _load(path)
        except Exception as reason:  # noqa: BLE001 - as above
            saved = read_metadata(path)
            which = f"stage {number} of {len(stages)}, {saved['uid']}" if len(stages) > 1 else str(saved["uid"])
            absent = isinstance(reason, ImportError | AttributeError) or "ClassNotFoundException" in str(reason)
            what = (
                "install the package that has it, or put its folder on PYTHONPATH; of a class in Java, put its jar on"
                " spark.jars"
            )
            return f"{which}, is a {saved['class']}: {_first_line(reason)}{f'; {what}' if absent else ''}"
    return _first_line(failure)


def _first_line(failure: Exception) -> str:
    if isinstance(failure, Py4JJavaError):
        return str(failure.java_exception.toString()).splitlines()[0]
    return (str(failure).splitlines() or [type(failure).__name__])[0]


def pack_pipeline(model: PipelineModel) -> bytes:
    """The saved pipeline as one zip file."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "pipeline"
        model.write().overwrite().save(folder.as_uri())
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.rglob("*")):
                if path.is_file() and not path.name.endswith(".crc") and path.name != "_SUCCESS":
                    entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(entry, path.read_bytes())
        return packed.getvalue()


def unpack_pipeline(version: Path) -> tuple[PipelineModel, StructType]:
    """Returns the fitted pipeline that was kept with a version, and the schema of its raw columns.

    Raises:
        ConfigurationError: the version has none.
    """
    manifest, archive = version / MANIFEST, version / PIPELINE
    if not archive.is_file() or not manifest.is_file():
        raise ConfigurationError(f"{version}: no pipeline is kept with this version")
    schema = StructType.fromJson(json.loads(manifest.read_bytes())["schema"])
    with tempfile.TemporaryDirectory() as scratch:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(scratch)
        return load_pipeline(Path(scratch)), schema
