"""Export of a fitted Spark ML pipeline to PMML by pyspark2pmml (JPMML-SparkML), with its Spark plan inside."""

import logging
import re
from dataclasses import dataclass

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.ml import PipelineModel
from pyspark.sql.types import StructType

from pillion.errors import UnsupportedStage
from pillion.export.plan import UnsupportedPlan, build_plan, embed
from pillion.export.pmml import PmmlDocument

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Export:
    """An exported pipeline.

    Attributes:
        document: the PMML 4.4 document.
        without_plan: why it has no Spark plan, so that it can't be scored in Spark's arithmetic; None where it has one.
    """

    document: bytes
    without_plan: str | None


def export(model: PipelineModel, schema: StructType) -> bytes:
    """The document of `export_pipeline`; what it says of the plan goes to the log.

    Raises:
        UnsupportedStage: a stage has no PMML form; the message names the first such stage and the converter's reason.
    """
    exported = export_pipeline(model, schema)
    if exported.without_plan is not None:
        _LOG.warning("no engine can return Spark's bits for this document: %s", exported.without_plan)
    return exported.document


def export_pipeline(model: PipelineModel, schema: StructType) -> Export:
    """Converts `model`, whose raw input columns are `schema`, to PMML 4.4, and embeds its Spark plan where it has one.

    Raises:
        UnsupportedStage: a stage has no PMML form; the message names the first such stage and the converter's reason.
    """
    try:
        document = PmmlDocument(_convert(model, schema))
    except (Py4JJavaError, PySparkException) as refusal:
        raise _name_stage(model, schema, refusal) from None
    document.put_negative_class_first()
    try:
        embed(document, build_plan(model, schema, document))
    except UnsupportedPlan as reason:
        return Export(document.to_bytes(), str(reason))
    return Export(document.to_bytes(), None)


def _convert(model: PipelineModel, schema: StructType) -> bytes:
    from pyspark2pmml import PMMLBuilder

    return bytes(PMMLBuilder(schema, model).buildByteArray())


def _name_stage(model: PipelineModel, schema: StructType, refusal: Exception) -> UnsupportedStage:
    total = len(model.stages)
    for count in range(1, total + 1):
        try:
            _convert(PipelineModel(model.stages[:count]), schema)
        except (Py4JJavaError, PySparkException) as failure:
            stage = model.stages[count - 1]
            return UnsupportedStage(
                f"stage {count} of {total}, {type(stage).__name__} ({stage.uid}), can't be converted to PMML:"
                f" {_reason(failure)}"
            )
    return UnsupportedStage(f"the pipeline can't be converted to PMML: {_reason(refusal)}")


def _reason(failure: Exception) -> str:
    if isinstance(failure, Py4JJavaError):
        first = str(failure.java_exception.toString()).splitlines()[0]
    else:
        first = (str(failure).splitlines() or [""])[0] or type(failure).__name__
    return re.sub(r"^[\w.$]+(Exception|Error): ", "", first)
