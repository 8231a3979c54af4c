"""Tuned models: a cross-validation or a split is served as its best model, wherever it stands in a pipeline."""

from typing import Any

from pyspark.ml import PipelineModel
from pyspark.ml.tuning import CrossValidatorModel, TrainValidationSplitModel


def best_of(model: Any) -> PipelineModel:
    """Returns a fitted pipeline or a single fitted stage as a pipeline, its tuned models replaced by their best."""
    if isinstance(model, CrossValidatorModel | TrainValidationSplitModel):
        return best_of(model.bestModel)
    if not isinstance(model, PipelineModel):
        return PipelineModel([model])
    nested = (PipelineModel, CrossValidatorModel, TrainValidationSplitModel)
    stages = [best_of(stage) if isinstance(stage, nested) else stage for stage in model.stages]
    return model if all(a is b for a, b in zip(stages, model.stages, strict=True)) else PipelineModel(stages)
