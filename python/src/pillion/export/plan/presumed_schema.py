"""The raw columns of a fitted pipeline that nobody says: presumed from what each stage lets pass."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

from py4j.protocol import Py4JError
from pyspark.errors import AnalysisException, PySparkException
from pyspark.ml import PipelineModel
from pyspark.ml.linalg import VectorUDT
from pyspark.ml.param import Params
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DataType,
    DoubleType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from pillion.export.plan.fitted import flat_stages
from pillion.export.plan.saved import taken_columns

_TEXTS = ("StringIndexerModel", "Tokenizer", "RegexTokenizer", "TargetEncoderModel")
"""Stages that take numbers as well, or say nothing of types, and are mostly given texts."""
_NUMBER, _TEXT = DoubleType(), StringType()
_TYPES: Sequence[DataType] = (_NUMBER, _TEXT, VectorUDT(), ArrayType(_TEXT), TimestampType(), BooleanType())
_WORDS: Mapping[str, str] = {
    "double": "DOUBLE", "string": "STRING", "vector": "VECTOR", "array<string>": "ARRAY",
    "timestamp": "TIMESTAMP|DATE", "boolean": "BOOLEAN",
}  # fmt: skip
"""Patterns of the words by which Spark's refusals name what may be presumed, by Spark's own name of it."""
_WANTED = ("requiredType", "left", "right", "leftType")
"""What in Spark's refusals names types that it would take."""
_MOST = 30
"""Refusals that one SQL statement may meet, beside two for each column that it names."""


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

    A statement's columns find types of their own, beginning with each.
    """
    types = sorted(_TYPES, key=lambda kind: kind != _TEXT) if type(stage).__name__ in _TEXTS else _TYPES
    there = {name.lower() for name in frame.columns}
    absent = [name for name in taken if name.lower() not in there]
    speaks = hasattr(stage, "hasParam") and stage.hasParam("statement")
    for kind in types:
        yield _unresolved(stage, frame, kind) if speaks else [StructField(name, kind) for name in absent]


def _taken(stage: Any) -> list[str]:
    if not isinstance(stage, Params):
        return []
    params = {param.name: value for param, value in stage.extractParamMap().items()}
    return [name.strip("`") if name[:1] == "`" else name for name in taken_columns(params)]


def _unresolved(stage: Any, frame: DataFrame, kind: DataType) -> list[StructField]:
    """The columns that an SQL statement names and that are not there: each of a type, or of another that it takes."""
    kinds = [kind, *(other for other in _TYPES if other != kind)]
    tried: dict[str, DataType] = {}
    seen: set[tuple[str, ...]] = set()
    while len(seen) <= _MOST + 2 * len(tried):
        try:
            stage.transform(_with(frame.sparkSession, frame, _fields(tried)))
        except AnalysisException as refusal:
            said = {str(name): str(value) for name, value in (refusal.getMessageParameters() or {}).items()}
            name = said.get("objectName", "").strip("`")
            if name and name not in tried:
                tried[name] = kind
                continue
            seen.add(_names(tried))
            other = next((each for each in _others(tried, said, kinds) if _names(each) not in seen), None)
            if other is None:
                break
            tried = other
        except (Py4JError, PySparkException):
            break
        else:
            break
    return _fields(tried)


def _others(
    tried: Mapping[str, DataType], said: Mapping[str, str], kinds: Sequence[DataType]
) -> Iterator[dict[str, DataType]]:
    """Other types for the columns that a refusal is about: first those that it names itself, and for few columns."""
    about = said.get("sqlExpr", " ".join(said.values()))
    named = {name: said.get("inputSql") == f'"{name}"' for name in tried if _has_word(about, name)}
    wanted = " ".join(said.get(param, "") for param in _WANTED)
    likely = sorted(kinds, key=lambda kind: re.search(_WORDS[kind.simpleString()], wanted) is None)
    columns = sorted(named, key=lambda name: not named[name])
    for count in range(1, len(columns) + 1):
        for some in combinations(columns, count):
            for types in product(likely, repeat=count):
                yield {**tried, **dict(zip(some, types, strict=True))}


def _has_word(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _names(types: Mapping[str, DataType]) -> tuple[str, ...]:
    """What tells assumptions apart: columns with their types, of which Spark 3 has some that can't be hashed."""
    return tuple(f"{name} {kind.simpleString()}" for name, kind in types.items())


def _fields(types: Mapping[str, DataType]) -> list[StructField]:
    return [StructField(name, kind) for name, kind in types.items()]


def _with(session: SparkSession, frame: DataFrame, fields: Sequence[StructField]) -> DataFrame:
    return frame.crossJoin(session.createDataFrame([], StructType(list(fields)))) if fields else frame
