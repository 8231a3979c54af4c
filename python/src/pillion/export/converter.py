"""Export of a fitted Spark ML pipeline: its Spark plan, in the PMML document that pyspark2pmml has for it, if any."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.ml import PipelineModel
from pyspark.ml.feature import VectorAssembler
from pyspark.sql.types import StructType

from pillion.errors import InvalidInput, InvalidModel, UnsupportedStage
from pillion.export.plan import (
    SPELLED_TYPES,
    Plan,
    UnsupportedPlan,
    document_outputs,
    embed,
    stage_problems,
    walk,
)
from pillion.export.pmml import PmmlDocument, model_of
from pillion.export.refusal import explain_refusal, forbidden_text, raw_reason
from pillion.export.tuning import best_of
from pillion.parity.spark_frame import element_names, flat_schema

_LOG = logging.getLogger(__name__)
_NO_SIZES: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Export:
    """An exported pipeline.

    Attributes:
        document: the PMML 4.4 document.
        without_plan: why it has no Spark plan, so that it can't be scored in Spark's arithmetic; None where it has one.
        without_model: why it has no model, so that no other consumer of PMML can use it; None where it has one.
    """

    document: bytes
    without_plan: str | None
    without_model: str | None

    @property
    def form(self) -> str:
        """What the document holds, in words: `model and plan`, `model only` or `plan only`."""
        if self.without_model is not None:
            return "plan only"
        return "model and plan" if self.without_plan is None else "model only"

    def require_model(self) -> None:
        """Refuses a document without a model, which other consumers of PMML can't use.

        Raises:
            UnsupportedStage: it is one.
        """
        if self.without_model is not None:
            raise UnsupportedStage(f"PMML is required, and the document would have no model: {self.without_model}")


class _NoModel(Exception):
    """The converter has no model for the pipeline, or one that means something else; the message says why."""


def export(model: PipelineModel, schema: StructType, sizes: Mapping[str, int] = _NO_SIZES) -> bytes:
    """The document of `export_pipeline`; what it lacks goes to the log.

    Raises:
        UnsupportedStage: there is neither a plan nor a model.
    """
    exported = export_pipeline(model, schema, sizes)
    if exported.without_plan is not None:
        _LOG.warning("no engine can return Spark's bits for this document: %s", exported.without_plan)
    if exported.without_model is not None:
        _LOG.warning("no other consumer of PMML finds a model in this document: %s", exported.without_model)
    return exported.document


def export_pipeline(model: PipelineModel, schema: StructType, sizes: Mapping[str, int] = _NO_SIZES) -> Export:
    """Writes the Spark plan of a pipeline into the converter's PMML 4.4 document.

    Tuned models count as their best ones.

    Where the converter has none, the document has the plan and no model; where there is no plan, the model alone.

    Args:
        model: the fitted pipeline, or a stage.
        schema: its raw columns.
        sizes: of those of them that are vectors; the document has a field for each element.

    Raises:
        UnsupportedStage: there is neither; the message says why, and which stage the converter refuses. Or a stage
            isn't fitted, or is written in Python.
        InvalidInput: the schema lacks columns that stages take; names all.
    """
    model = best_of(model)
    unsound = stage_problems(model)
    walked, document = None, None
    without_plan = without_model = ""
    try:
        walked = walk(model, schema, sizes)
    except UnsupportedPlan as reason:
        if unsound:
            raise UnsupportedStage(str(UnsupportedPlan.of([*unsound, *reason.problems]))) from None
        if reason.lacking:
            raise InvalidInput(str(reason), reason.lacking[0]) from None
        without_plan = str(reason)
    try:
        if walked is not None and walked.losses:
            raise _NoModel("; ".join(walked.losses))
        document = _convert(*_assembled(model, schema, sizes))
    except _NoModel as refusal:
        without_model = str(refusal)
    if walked is not None and document is not None:
        try:
            plan = walked.plan(document_outputs(document, walked.after))
            _require_plain(plan)
            embed(document, plan)
            return Export(document.to_bytes(), None, None)
        except UnsupportedPlan as reason:
            without_model = f"the converter's model has outputs that no plan makes: {reason}"
        except _NoModel as refusal:
            without_model = str(refusal)
    if walked is not None:
        try:
            alone = PmmlDocument.without_model()
            embed(alone, walked.plan())
            return Export(alone.to_bytes(), None, without_model)
        except UnsupportedPlan as reason:
            without_plan = str(reason)
    if document is None:
        raise UnsupportedStage(f"there is no Spark plan: {without_plan}; and no PMML: {without_model}")
    return Export(document.to_bytes(), without_plan, None)


def _require_plain(plan: Plan) -> None:
    """Refuses a model beside a plan that takes texts of a form, which other consumers would read otherwise.

    Raises:
        _NoModel: the plan has such an input.
    """
    for given in plan.inputs:
        if given.type in SPELLED_TYPES:
            raise _NoModel(f"no other consumer takes the text of the input {given.name!r} of type {given.type}")


def _assembled(model: PipelineModel, schema: StructType, sizes: Mapping[str, int]) -> tuple[PipelineModel, StructType]:
    """The pipeline as the converter knows such: fields for elements, and a stage in front that assembles vectors."""
    if not sizes:
        return model, schema
    front = [VectorAssembler(inputCols=element_names(name, size), outputCol=name) for name, size in sizes.items()]
    return PipelineModel([*front, *model.stages]), flat_schema(schema, sizes)


def _convert(model: PipelineModel, schema: StructType) -> PmmlDocument:
    """The converter's document.

    Raises:
        _NoModel: it has none; the message names the first stage that it refuses.
    """
    try:
        # the converter escapes line ends in attributes and no tabs, which a reader of XML then takes for spaces
        written = _build(model, schema).replace(b"\t", b"&#9;")
    except Exception as refusal:  # noqa: BLE001 - whatever another's converter throws, it has no document
        raise _NoModel(_name_stage(model, schema, refusal)) from None
    try:
        document = PmmlDocument(written)
    except InvalidModel as invalid:
        raise _NoModel(forbidden_text(written) or f"the converter's document can't be read: {invalid}") from None
    if model_of(document.root) is None:
        raise _NoModel("the pipeline ends without a model, for which PMML has no form; add one, if it is to have some")
    document.put_negative_class_first()
    return document


def _build(model: PipelineModel, schema: StructType) -> bytes:
    from pyspark2pmml import PMMLBuilder

    return bytes(PMMLBuilder(schema, model).buildByteArray())


def _name_stage(model: PipelineModel, schema: StructType, refusal: Exception) -> str:
    total = len(model.stages)
    for count in range(1, total + 1):
        try:
            _build(PipelineModel(model.stages[:count]), schema)
        except Exception as failure:  # noqa: BLE001 - as above
            stage = model.stages[count - 1]
            return (
                f"stage {count} of {total}, {type(stage).__name__} ({stage.uid}), can't be converted to PMML:"
                f" {_reason(model, schema, count, failure)}"
            )
    return f"the pipeline can't be converted to PMML: {raw_reason(refusal)}"


def _reason(model: PipelineModel, schema: StructType, number: int, failure: Exception) -> str:
    try:
        return explain_refusal(model, schema, number, failure)
    except (Py4JError, PySparkException):  # Spark refuses the stages before it as well
        return raw_reason(failure)
