"""Spark's transformers and models that plans have no element for, by the simple names of their classes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WithoutElement:
    """Why a stage has no element.

    Attributes:
        reason: why, as the ending of a sentence that begins with the stage.
        instead: what to do.
        walked: whether it holds other stages, which are exported in its place.
    """

    reason: str
    instead: str
    walked: bool = False


_TOPICS = WithoutElement(
    "infers topics of a row by iterations that begin with random numbers",
    "compute the topics in batch and take them as inputs",
)
_WALKED = WithoutElement("holds other stages", "nothing: they are exported one by one", walked=True)

WITHOUT_ELEMENT: dict[str, WithoutElement] = {
    "CrossValidatorModel": _WALKED,
    "DistributedLDAModel": _TOPICS,
    "FPGrowthModel": WithoutElement(
        "returns a list of items, which is no output of a document", "compute its rules in batch"
    ),
    "LDAModel": _TOPICS,
    "LocalLDAModel": _TOPICS,
    "PipelineModel": _WALKED,
    "RFormulaModel": _WALKED,
    "TrainValidationSplitModel": _WALKED,
}
