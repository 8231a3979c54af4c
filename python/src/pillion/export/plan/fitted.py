"""What a model must be before anything is asked of it: fitted, of stages that something besides Python can run."""

from collections.abc import Iterator
from typing import Any

from pyspark.ml import Estimator, PipelineModel, Transformer

from pillion.export.plan.saved import Saved
from pillion.export.plan.stages import WRITERS


def flat_stages(model: PipelineModel) -> Iterator[Any]:
    """Yields the stages, those of nested pipelines one by one."""
    for stage in model.stages:
        if isinstance(stage, PipelineModel):
            yield from flat_stages(stage)
        else:
            yield stage


def stage_problem(stage: Any) -> str | None:
    """Returns why nothing can be made of a stage, in a sentence with its name; None where it is sound."""
    kind = type(stage).__name__
    if isinstance(stage, Estimator):
        return f"{stage.uid} is a {kind} that isn't fitted: give what its fit() returns"
    if not isinstance(stage, Transformer):
        return f"a {kind} is no fitted model: give a PipelineModel, another fitted stage, or the folder of one"
    if not hasattr(stage, "_java_obj") and kind not in WRITERS and not _is_saved(stage):
        return (
            f"{stage.uid} is a {kind}, which is written in Python, and nothing but Spark can run it; compute its"
            " columns before the pipeline, or by a SQLTransformer"
        )
    if not hasattr(stage, "write"):
        return f"{stage.uid} is a {kind}, which can't be saved; compute its columns before the pipeline"
    return None


def _is_saved(stage: Any) -> bool:
    """Whether a stage in Python stands for one that was saved by a package which is not here."""
    return isinstance(getattr(stage, "saved", None), Saved)


def stage_problems(model: PipelineModel) -> list[str]:
    """Returns why nothing can be made of a model, a sentence for each stage that is to blame."""
    found = (stage_problem(stage) for stage in flat_stages(model))
    return [problem for problem in found if problem is not None]
