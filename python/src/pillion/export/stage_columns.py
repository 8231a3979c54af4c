"""What a saved pipeline takes and gives, read from its folder alone: no session of Spark is needed."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pillion.errors import ConfigurationError
from pillion.export.plan.saved import Saved

_PIPELINE = "PipelineModel"
_TUNED = ("CrossValidatorModel", "TrainValidationSplitModel")
_UNFITTED = ("Pipeline", "CrossValidator", "TrainValidationSplit")
_WORD = re.compile(r"`[^`]+`|[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class StageColumns:
    """What a saved pipeline takes and gives.

    Attributes:
        inputs: Columns of the schema that some stage takes, except for the label's.
        predictor: The last stage that predicts; None where there is none.
        labels: The label's values by index, where the pipeline indexes them; else none.
    """

    inputs: tuple[str, ...]
    predictor: Saved | None
    labels: tuple[str, ...]

    @property
    def has_probabilities(self) -> bool:
        """Whether the predictor gives a probability for each class."""
        return self.predictor is not None and bool(self.predictor.params.get("probabilityCol"))


def read_columns(folder: Path, names: Sequence[str]) -> StageColumns:
    """Reads what a saved pipeline takes and gives.

    Args:
        folder: Of the saved, fitted pipeline or stage.
        names: The columns of its schema.

    Raises:
        ConfigurationError: Nothing fitted is saved there.
    """
    stages = list(_stages(folder))
    predictor = next((stage for stage in reversed(stages) if stage.params.get("predictionCol")), None)
    label = None if predictor is None else predictor.params.get("labelCol")
    indexers = [stage for stage in stages if stage.kind == "StringIndexerModel"]
    indexer = next((stage for stage in indexers if stage.params.get("outputCol") == label), None)
    taken: set[str] = set()
    for stage in stages:
        if stage is not indexer:
            taken |= {name for name in (*stage.taken(), *_words(stage)) if name not in (label, "")}
    labels: tuple[str, ...] = ()
    if indexer is not None:
        labels = tuple(map(str, indexer.row["labelsArray"][0]))
    return StageColumns(tuple(name for name in names if name in taken), predictor, labels)


def _stages(folder: Path) -> Iterator[Saved]:
    """The stages in order, those of nested pipelines and of tuned models' best among them."""
    try:
        stage = Saved.read(folder)
    except (OSError, IndexError, KeyError, json.JSONDecodeError) as error:
        raise ConfigurationError(f"{folder}: no saved PipelineModel is there") from error
    if stage.kind in _UNFITTED:
        raise ConfigurationError(f"{folder} is a {stage.kind} that isn't fitted: save what its fit() returns")
    if stage.kind in _TUNED:
        yield from _stages(folder / "bestModel")
    elif stage.kind == _PIPELINE:
        inner = [path for path in (folder / "stages").iterdir() if path.name.partition("_")[0].isdigit()]
        for path in sorted(inner, key=lambda path: int(path.name.partition("_")[0])):
            yield from _stages(path)
    else:
        yield stage


def _words(stage: Saved) -> list[str]:
    """The words of a SQL statement, any of which may be a column."""
    return [word.strip("`") for word in _WORD.findall(str(stage.params.get("statement", "")))]
