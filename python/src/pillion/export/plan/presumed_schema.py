"""The raw columns of a fitted pipeline that nobody says: presumed from what each stage lets pass."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from py4j.protocol import Py4JError
from pyspark.errors import AnalysisException, PySparkException
from pyspark.ml import PipelineModel
from pyspark.ml.linalg import VectorUDT
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import ArrayType, DataType, DoubleType, StringType, StructField, StructType, TimestampType

from pillion.export.plan.fitted import flat_stages
from pillion.export.plan.saved import taken_columns

_TEXTS = ("StringIndexerModel", "Tokenizer", "RegexTokenizer", "TargetEncoderModel")
"""Stages that take numbers as well, or say nothing of types, and are mostly given texts."""
_NUMBER, _TEXT = DoubleType(), StringType()
_TYPES: Sequence[DataType] = (_NUMBER, _TEXT, VectorUDT(), ArrayType(_TEXT), TimestampType())
_MOST = 500
"""Tries at the columns that one SQL statement names."""


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
        found = _presume(stage, _taken(stage), frame)
        if found is None:
            break
        fields, frame = found
        for field in fields:
            raw.add(field)
            if isinstance(field.dataType, VectorUDT) and (size := getattr(stage, "numFeatures", 0)) > 0:
                sizes[field.name] = int(size)
    return Presumed(raw, sizes)


def lacking_fields(stage: Any, taken: Sequence[str], frame: DataFrame) -> list[StructField]:
    """Returns what a frame lacks for a stage to take it, of presumed types; nothing where that isn't what is wrong.

    Args:
        stage: that refuses the frame.
        taken: the columns that it names, but for those of a statement.
        frame: of the columns before the stage.
    """
    found = _presume(stage, taken, frame)
    return [] if found is None else found[0]


def _presume(stage: Any, taken: Sequence[str], frame: DataFrame) -> tuple[list[StructField], DataFrame] | None:
    """What is added to a frame, and what a stage then makes of it; None where it refuses whatever is added."""
    for fields in _offers(stage, taken, frame):
        try:
            return fields, stage.transform(_with(frame.sparkSession, frame, fields))
        except Exception:  # noqa: BLE001 - the stage is anybody's, and may want other types
            continue
    return None


def _offers(stage: Any, taken: Sequence[str], frame: DataFrame) -> Iterator[list[StructField]]:
    """What may be added to the columns for a stage, one type after the other.

    A statement's columns find types of their own from each, but those of one expression move on together: where they
    begin decides which types meet.
    """
    types = sorted(_TYPES, key=lambda kind: kind != _TEXT) if type(stage).__name__ in _TEXTS else _TYPES
    there = {name.lower() for name in frame.columns}
    absent = [name for name in taken if name.lower() not in there]
    speaks = hasattr(stage, "hasParam") and stage.hasParam("statement")
    for kind in types:
        yield _unresolved(stage, frame, kind) if speaks else [StructField(name, kind) for name in absent]


def _taken(stage: Any) -> list[str]:
    params = {param.name: value for param, value in stage.extractParamMap().items()}
    return [name.strip("`") if name[:1] == "`" else name for name in taken_columns(params)]


def _unresolved(stage: Any, frame: DataFrame, kind: DataType) -> list[StructField]:
    """The columns that an SQL statement names and that are not there: each of a type, or of the next that it takes."""
    kinds = [kind, *(other for other in _TYPES if other != kind)]
    tried: dict[str, int] = {}
    for _ in range(_MOST):
        fields = [StructField(name, kinds[at]) for name, at in tried.items()]
        try:
            stage.transform(_with(frame.sparkSession, frame, fields))
        except AnalysisException as refusal:
            parameters = refusal.getMessageParameters() or {}
            name = str(parameters.get("objectName", "")).strip("`")
            expression = str(parameters.get("sqlExpr", ""))
            others = [
                each
                for each, at in tried.items()
                if at + 1 < len(kinds) and re.search(rf"(?<!\w){re.escape(each)}(?!\w)", expression)
            ]
            if name and name not in tried:
                tried[name] = 0
            elif others:
                tried |= {each: tried[each] + 1 for each in others}
            else:
                break
        except (Py4JError, PySparkException):
            break
        else:
            break
    return [StructField(name, kinds[at]) for name, at in tried.items()]


def _with(session: SparkSession, frame: DataFrame, fields: Sequence[StructField]) -> DataFrame:
    return frame.crossJoin(session.createDataFrame([], StructType(list(fields)))) if fields else frame
