"""Why the converter has no PMML for a stage: in plain words, with the column, the value and what to do instead.

What the converter itself says is told where no sentence here stands for it.
"""

import re
from collections.abc import Callable
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from pillion.export.plan.stage import element_attributes
from pillion.parity.spark_frame import transform_empty

_PREFIX = re.compile(r"^[\w.$]+(?:Exception|Error): ")
_ID = re.compile(r"#\d+L?\b")
"""The number by which Spark tells columns of one name apart."""
_FORBIDDEN = re.compile(rb'"([^"<]*[\x00-\x08\x0b\x0c\x0e-\x1f][^"<]*)"')


def raw_reason(failure: Exception) -> str:
    """Returns the first line of what the converter says."""
    if isinstance(failure, Py4JJavaError):
        first = str(failure.java_exception.toString()).splitlines()[0]
    else:
        first = (str(failure).splitlines() or [""])[0] or type(failure).__name__
    return _PREFIX.sub("", first)


def explain_refusal(model: PipelineModel, schema: StructType, number: int, failure: Exception) -> str:
    """Returns why the converter refuses a stage, and what to do instead.

    Args:
        model: the pipeline.
        schema: its raw columns.
        number: of the stage, from 1.
        failure: what the converter threw.
    """
    stage, raw = model.stages[number - 1], raw_reason(failure)
    for pattern, explain in _SENTENCES:
        found = pattern.search(raw)
        sentence = explain(found, stage, lambda: _before(model, schema, number)) if found else None
        if sentence:
            return sentence
    return raw


def forbidden_text(document: bytes) -> str | None:
    """Returns a sentence on the first text of a document that XML can't hold; None where there is none."""
    found = _FORBIDDEN.search(document)
    if found is None:
        return None
    text = found[1].decode("utf-8", "replace")
    return f"XML can't hold the name or category {text!r}; replace its control characters before the pipeline"


def _before(model: PipelineModel, schema: StructType, number: int) -> StructType:
    """Spark's columns before a stage."""
    session = SparkSession.getActiveSession()
    assert session is not None
    return transform_empty(PipelineModel(model.stages[: number - 1]), session.createDataFrame([], schema)).schema


_Columns = Callable[[], StructType]


def _categories(found: re.Match[str], stage: Any, before: _Columns) -> str | None:
    """Categories among a linear model's numbers, by the attributes of its features."""
    columns, name = before(), str(stage.getOrDefault("featuresCol")) if stage.hasParam("featuresCol") else ""
    if name not in columns.fieldNames():
        return None
    elements = element_attributes(columns[name].metadata.get("ml_attr", {})) or ()
    indexed = [str(item.get("name")) for item in elements if item["type"] == "nominal" and "vals" in item]
    if not indexed:
        return None
    return (
        f"its column {name!r} has the indices of categories in {', '.join(map(repr, indexed))} as numbers, for which"
        " PMML's linear models have no term; put a OneHotEncoder after the StringIndexer"
    )


def _absent(found: re.Match[str], stage: Any, before: _Columns) -> str | None:
    name = found[1]
    near = [column for column in before().fieldNames() if column.lower() == name.lower() and column != name]
    if near:
        return f"it calls the column {near[0]!r} {name!r}, and the converter knows no other case; write {near[0]!r}"
    if "." in name:
        return f"the converter takes the dot in the column {name!r} for a field of a structure; rename the column"
    return None


def _no_link(found: re.Match[str], stage: Any, before: _Columns) -> str | None:
    family = str(stage.getOrDefault("family"))
    return f"no link is set, and the converter takes no default; set that of the family {family!r} with setLink"


def _skips(found: re.Match[str], stage: Any, before: _Columns) -> str | None:
    given = [param for param in ("inputCol", "inputCols") if stage.hasParam(param) and stage.isSet(param)]
    columns = ", ".join(repr(stage.getOrDefault(param)) for param in given)
    return f"handleInvalid='skip' drops rows by {columns}, for which PMML has no form; set it to 'keep' or 'error'"


def _defined_twice(found: re.Match[str], stage: Any, before: _Columns) -> str | None:
    return f"it makes the column {found[1]!r} a second time, and a field of PMML has one meaning; give it another name"


def _unknown(found: re.Match[str], stage: Any, before: _Columns) -> str | None:
    name = found[1].rpartition(".")[2]
    return f"the converter has no form for a {name}; leave the stage out, if other consumers must read the document"


def _expression(found: re.Match[str], stage: Any, before: _Columns) -> str | None:
    return (
        f"the converter has no form for {_ID.sub('', found[1])}; compute it before the pipeline, if others must read"
        " the document"
    )


_SENTENCES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Any, _Columns], str | None]], ...] = (
    (re.compile("Expected numeric data type, got string"), _categories),
    (re.compile("No such struct field `(.+?)` in "), _absent),
    (re.compile("default value for link"), _no_link),
    (re.compile("strategy 'skip' is not supported"), _skips),
    (re.compile("Field '?\"?(.+?)\"?'? is already defined"), _defined_twice),
    (re.compile(r"Transformer class (\S+) is not supported"), _unknown),
    (re.compile("Spark SQL function '(.+)' \\(class .*\\) is not supported"), _expression),
)
