"""The version of a model that a logged request was answered by."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pyspark.sql import SparkSession

from pillion.errors import ConfigurationError
from pillion.export.saved_pipeline import unpack_pipeline
from pillion.features import Contract, read_contract
from pillion.parity.spark_frame import flat_schema, vector_sizes
from pillion.parity.spark_reference import open_spark
from pillion.parity.spark_routes import SparkRoute
from pillion.scoring import ModelRepository, Ranking, Scores
from pillion.scoring.jvm import open_model
from pillion.scoring.repository import MODEL, PIPELINE
from pillion.types import Value

Columns = dict[str, list[Value]]


class RowScorer(Protocol):
    """What scores rows again."""

    def score(self, columns: Columns, rows: int) -> Scores:
        """Returns the outputs of `rows` rows, given as columns in which None is missing."""
        ...


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A version that ranks.

    Attributes:
        name: The model's.
        version: Which.
        folder: Of the version.
        contract: What it takes.
        ranking: How outputs become items in order.
        engine: The engine that it is cleared for.
        document: The PMML.
    """

    name: str
    version: int
    folder: Path
    contract: Contract
    ranking: Ranking
    engine: str
    document: bytes

    @property
    def has_pipeline(self) -> bool:
        """Whether the fitted pipeline was kept with it."""
        return (self.folder / PIPELINE).is_file()


def read_model_version(repository: ModelRepository, name: str, version: int) -> ModelVersion:
    """Reads a version.

    Raises:
        ConfigurationError: The repository lacks it, or it ranks nothing.
        InvalidModel: One of its files is not what its manifest says.
    """
    manifest = repository.read(name, version)
    if manifest.ranking is None:
        raise ConfigurationError(f"{manifest.path}: this version ranks nothing")
    folder = manifest.path.parent
    contract = read_contract(manifest.contract, str(manifest.path))
    return ModelVersion(
        name, version, folder, contract, manifest.ranking, manifest.engine, (folder / MODEL).read_bytes()
    )


def open_engine(model: ModelVersion, jar: Path) -> RowScorer:
    """Returns the engine that the version is cleared for, in this process."""
    return open_model(model.document, model.engine, jar)


def open_pipeline(session: SparkSession, model: ModelVersion, jar: Path) -> RowScorer:
    """Returns the pipeline that was kept with the version, in Spark.

    Raises:
        ConfigurationError: None was kept, it can't be loaded, or Spark has no column for what the ranking needs.
    """
    pipeline, schema = unpack_pipeline(model.folder)
    opened = open_model(model.document, model.engine, jar)
    # the target's own field is what the document predicts, and in Spark's frame it is the label that came in
    outputs: Sequence[Any] = [output for output in opened.contract["outputs"] if output["kind"] != "target"]
    opened.close()
    inputs = [taken.name for taken in model.contract.inputs]
    route = open_spark(session, pipeline, schema, inputs, [output["name"] for output in outputs])
    absent = [name for name in model.ranking.outputs if name not in route.columns]
    if absent:
        raise ConfigurationError(f"{model.folder}: Spark has no column for the output '{absent[0]}'")
    names = flat_schema(schema, vector_sizes(schema, inputs)).fieldNames()
    return _Pipeline(route, tuple(names))


@dataclass(frozen=True, slots=True)
class _Pipeline:
    route: SparkRoute
    names: tuple[str, ...]

    def score(self, columns: Columns, rows: int) -> Scores:
        """See `RowScorer.score`; of columns that only training needs all values are missing."""
        return self.route.score({name: columns.get(name) or [None] * rows for name in self.names}, rows)
