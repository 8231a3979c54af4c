"""The raw columns of a fitted pipeline where nobody says them: presumed from what each stage lets pass."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from py4j.protocol import Py4JError
from pyspark.errors import AnalysisException, PySparkException
from pyspark.ml import PipelineModel
from pyspark.ml.linalg import VectorUDT
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import ArrayType, DataType, DoubleType, StringType, StructField, StructType, TimestampType

from pillion.export.plan import flat_stages
from pillion.export.plan.saved import taken_columns

_TEXTS = ("StringIndexerModel", "Tokenizer", "RegexTokenizer", "TargetEncoderModel")
"""Stages that take numbers as well, or say nothing of types, and are mostly given texts."""
_NUMBER, _TEXT = DoubleType(), StringType()
_TYPES: Sequence[DataType] = (_NUMBER, _TEXT, VectorUDT(), ArrayType(_TEXT), TimestampType())
_MOST = 500
"""Columns that one SQL statement may name."""


@dataclass(frozen=True, slots=True)
class Presumed:
    """What was presumed.

    Attributes:
        schema: the raw columns.
        sizes: of those that are vectors, where a model says it.
    """

    schema: StructType
    sizes: Mapping[str, int]


def presume_schema(model: PipelineModel, session: SparkSession) -> Presumed:
    """Presumes the raw columns: of each that a stage takes and none before makes, the first type that the stage takes.

    Args:
        model: the fitted pipeline.
        session: Spark's.
    """
    raw = StructType([])
    sizes: dict[str, int] = {}
    frame = session.createDataFrame([], raw)
    for stage in flat_stages(model):
        for fields in _offers(stage, frame):
            wider = _with(session, frame, fields)
            try:
                frame = stage.transform(wider)
            except Exception:  # noqa: BLE001 - the stage is anybody's, and may want other types
                continue
            for field in fields:
                raw.add(field)
                if isinstance(field.dataType, VectorUDT) and (size := getattr(stage, "numFeatures", 0)) > 0:
                    sizes[field.name] = int(size)
            break
        else:
            break
    return Presumed(raw, sizes)


def _offers(stage: Any, frame: DataFrame) -> Iterator[list[StructField]]:
    """What may be added to the columns for a stage, one type after the other."""
    types = sorted(_TYPES, key=lambda kind: kind != _TEXT) if type(stage).__name__ in _TEXTS else _TYPES
    there = {name.lower() for name in frame.columns}
    absent = [name for name in _taken(stage) if name.lower() not in there]
    for kind in types:
        yield _unresolved(stage, frame, kind) if stage.hasParam("statement") else [StructField(n, kind) for n in absent]


def _taken(stage: Any) -> list[str]:
    params = {param.name: value for param, value in stage.extractParamMap().items()}
    return [name.strip("`") if name[:1] == "`" else name for name in taken_columns(params)]


def _unresolved(stage: Any, frame: DataFrame, kind: DataType) -> list[StructField]:
    """The columns that an SQL statement names and that are not there, all of a type."""
    fields: list[StructField] = []
    for _ in range(_MOST):
        try:
            stage.transform(_with(frame.sparkSession, frame, fields))
        except AnalysisException as refusal:
            parameters = refusal.getMessageParameters() or {}
            name = str(parameters.get("objectName", "")).strip("`")
            if not name or name in [field.name for field in fields]:
                break
            fields.append(StructField(name, kind))
        except (Py4JError, PySparkException):
            break
        else:
            break
    return fields


def _with(session: SparkSession, frame: DataFrame, fields: Sequence[StructField]) -> DataFrame:
    return frame.crossJoin(session.createDataFrame([], StructType(list(fields)))) if fields else frame
