"""Values for the columns that only training needs, in rows that come without them: such that Spark lets a row pass.

A stage that makes the label runs on every row that Spark scores. Its indexer drops a row without a label, or throws on
it, though no score depends on the label.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from pyspark.ml import PipelineModel
from pyspark.sql.types import DataType, StructField

from pillion.tabular.forms import has_form
from pillion.types import Value

_WHOLE = ("long", "integer", "short", "byte")


def training_values(model: PipelineModel, fields: Iterable[StructField]) -> dict[str, Value]:
    """Returns a value for each column: one that the stage which takes it knows; for other texts, a label.

    Args:
        model: the fitted pipeline.
        fields: the columns, of any type.
    """
    known: dict[str, str] = {}
    indexed: dict[str, str] = {}
    labels: list[str] = []
    for stage in _stages(model):
        if stage.hasParam("labelCol"):
            labels.append(str(stage.getOrDefault(stage.getParam("labelCol"))))
        kind = stage.getClass().getSimpleName() if hasattr(stage, "getClass") else ""
        if kind == "StringIndexerModel":
            for place, (taken, made) in enumerate(zip(_columns(stage, "in"), _columns(stage, "out"), strict=True)):
                if len(texts := stage.labelsArray()[place]):
                    known.setdefault(taken.lower(), texts[0])
                    indexed[made] = texts[0]
        elif kind == "Bucketizer":
            several = stage.isSet(stage.getParam("inputCols"))
            for place, taken in enumerate(_columns(stage, "in")):
                splits = stage.getSplitsArray()[place] if several else stage.getSplits()
                known.setdefault(taken.lower(), repr(float(splits[1])))  # the first one may be infinite
    text = next((indexed[label] for label in labels if label in indexed), "")
    return {field.name: _value(known.get(field.name.lower()), text, field.dataType) for field in fields}


def _stages(model: Any) -> Iterator[Any]:
    """The stages, those inside pipelines, tuned models and formulas one by one: the JVM's own, where it has them."""
    if hasattr(model, "bestModel"):
        yield from _stages(model.bestModel)
    elif hasattr(model, "stages"):
        for stage in model.stages:
            yield from _stages(stage)
    elif type(model).__name__ == "RFormulaModel":
        yield model
        yield from model._java_obj.pipelineModel().stages()
    else:
        yield getattr(model, "_java_obj", model)


def _columns(stage: Any, way: str) -> list[str]:
    """The names of the columns that a stage of Spark's takes (`in`) or makes (`out`)."""
    several = stage.getParam(f"{way}putCols")
    if stage.isSet(several):
        return list(stage.getOrDefault(several))
    return [stage.getOrDefault(stage.getParam(f"{way}putCol"))]


def _value(known: str | None, text: str, spark_type: DataType) -> Value:
    """A known text as a column's type has it; else what no stage of Spark's throws on."""
    kind = spark_type.typeName()
    if kind == "string":
        return text if known is None else known
    number = "1" if known is None else known
    if has_form(spark_type.simpleString()):
        return number if kind == "decimal" else None
    if kind in _WHOLE:
        return int(float(number))
    if kind in ("double", "float"):
        return float(number)
    return False if kind == "boolean" else None
