"""Saved pipelines: a user's own, and those that are kept beside a published document."""

import io
import json
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from py4j.protocol import Py4JJavaError
from pyspark import SparkContext
from pyspark.errors import PySparkException
from pyspark.ml import Estimator, PipelineModel
from pyspark.ml.util import DefaultParamsReader
from pyspark.sql.types import StructType

from pillion.errors import ConfigurationError, InvalidInput
from pillion.export.tuning import best_of
from pillion.parity.spark_frame import flat_schema, vector_sizes
from pillion.scoring.repository import MANIFEST
from pillion.tabular import field_types, read_batches
from pillion.tabular.read import NULLS
from pillion.types import Value

PIPELINE = "pipeline.zip"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_VECTOR = "vectorudt"


class SavedPipeline:
    """A saved pipeline and its raw columns.

    Args:
        folder: of the saved PipelineModel, or of another fitted model.
        schema: Spark's StructType as JSON.
        names: of the columns that the rows have; they may lack some, such as the label's.

    Attributes:
        schema: the columns that the rows have: of a vector its elements, `features[0]`, `features[1]`, ….
        declared: all raw columns as the pipeline takes them, those that the rows lack as well.
        sizes: of the vectors among them.

    Raises:
        ConfigurationError: the schema can't be read, or no pipeline is saved there.
        InvalidInput: the rows have no element of a vector.
    """

    def __init__(self, folder: Path, schema: Path, names: Sequence[str]) -> None:
        try:
            struct = StructType.fromJson(json.loads(schema.read_bytes()))
        except OSError as error:
            raise ConfigurationError(f"{schema} cannot be read: {error.strerror}") from error
        except (ValueError, KeyError, TypeError, PySparkException) as error:
            raise ConfigurationError(f"{schema} is not a schema: Spark's StructType as JSON is expected") from error
        if not (folder / "metadata").is_dir():
            raise ConfigurationError(f"{folder}: no saved PipelineModel is there")
        self._folder = folder
        self.sizes = vector_sizes(struct, names)
        for field in struct:
            if field.dataType.typeName() == _VECTOR and field.name not in self.sizes:
                raise InvalidInput(
                    f"the rows have no column '{field.name}[0]' of the vector '{field.name}'", field.name
                )
        self.declared = struct
        self.schema = StructType([field for field in flat_schema(struct, self.sizes) if field.name in names])

    def load(self) -> PipelineModel:
        """Loads the pipeline; needs a running session.

        Raises:
            ConfigurationError: it can't be loaded.
        """
        return load_pipeline(self._folder)


def load_pipeline(folder: Path) -> PipelineModel:
    """Loads a saved PipelineModel, or any other fitted stage as a pipeline of its own; needs a running session.

    Raises:
        ConfigurationError: there is none, it isn't fitted, or Spark can't read it.
    """
    import pyspark2pmml.ml.feature  # noqa: F401  its transformers are named in some pipelines

    uri = folder.absolute().as_uri()
    try:
        loaded: Any = DefaultParamsReader.loadParamsInstance(uri, SparkContext.getOrCreate())
    except (Py4JJavaError, PySparkException, ValueError, AttributeError, ImportError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise ConfigurationError(f"{folder} can't be loaded as a PipelineModel: {first}") from error
    if isinstance(loaded, Estimator):
        kind = type(loaded).__name__
        raise ConfigurationError(f"{folder} is a {kind} that isn't fitted: save what its fit() returns")
    return best_of(loaded)


def read_rows(path: Path, schema: StructType, nulls: Sequence[str] | None = None) -> dict[str, list[Value]]:
    """Reads the rows of a file by Spark's types; values of single precision are rounded to it.

    Columns of types that no model can take are passed over: a stage may well take none of them.

    Raises:
        InvalidInput: a cell is bad, or there are no rows.
    """
    types = {name: kind for name, kind in field_types(schema.jsonValue()).items() if kind is not None}
    rows: dict[str, list[Value]] = {name: [] for name in types}
    known: Any = types
    for batch in read_batches(path, known, tuple(nulls) if nulls else NULLS):
        for name, column in rows.items():
            values = batch.columns[name]
            single = types[name] == "float"
            column += [float(np.float32(v)) if single and v is not None else v for v in values]
    if not rows or not next(iter(rows.values())):
        raise InvalidInput(f"{path} has no rows with a column of the schema")
    return rows


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
