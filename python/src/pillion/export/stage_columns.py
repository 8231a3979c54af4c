"""What a saved pipeline takes and gives, read from its folder alone: no session of Spark is needed."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pillion.errors import ConfigurationError
from pillion.export.plan.saved import Saved

_PIPELINE = "PipelineModel"
_TUNED = ("CrossValidatorModel", "TrainValidationSplitModel")
_UNFITTED = ("Pipeline", "CrossValidator", "TrainValidationSplit")
_MLFLOW = "MLmodel"
_MLFLOW_DATA = re.compile(r"^  spark:\n(?:    .*\n)*?    model_data: (\S+)", re.MULTILINE)
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
        folder: Of the saved, fitted pipeline or stage, by Spark or by MLflow.
        names: The columns of its schema.

    Raises:
        ConfigurationError: Nothing fitted is saved there.
    """
    stages = [Saved.read(path) for path in stage_folders(spark_folder(folder))]
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


def spark_folder(folder: Path) -> Path:
    """Returns where Spark saved a model: the folder itself, or a part of it where MLflow wrote it.

    Raises:
        ConfigurationError: no model of Spark's is saved there.
    """
    if not (folder / _MLFLOW).is_file():
        return folder
    found = _MLFLOW_DATA.search((folder / _MLFLOW).read_text(encoding="utf-8"))
    if found is None:
        raise ConfigurationError(f"{folder} is a model of MLflow's without a flavor 'spark'")
    return folder / found[1].strip("'\"")


def read_metadata(folder: Path) -> dict[str, Any]:
    """Reads what Spark wrote of a stage.

    Raises:
        ConfigurationError: no stage is saved there.
    """
    try:
        return Saved.read_metadata(folder)
    except (OSError, IndexError, KeyError, json.JSONDecodeError) as error:
        raise ConfigurationError(f"{folder}: no saved PipelineModel is there") from error


def require_fitted(folder: Path) -> None:
    """Refuses a saved pipeline or stage that isn't fitted.

    Raises:
        ConfigurationError: it isn't, or nothing is saved there.
    """
    kind = read_metadata(folder)["class"].rsplit(".", 1)[-1]
    if kind in _UNFITTED:
        raise ConfigurationError(f"{folder} is a {kind} that isn't fitted: save what its fit() returns")


def stage_folders(folder: Path) -> Iterator[Path]:
    """Yields the folders of a saved pipeline's stages in order, those of nested pipelines and tuned models' best.

    Raises:
        ConfigurationError: nothing fitted is saved there.
    """
    require_fitted(folder)
    kind = read_metadata(folder)["class"].rsplit(".", 1)[-1]
    if kind in _TUNED:
        yield from stage_folders(folder / "bestModel")
    elif kind == _PIPELINE:
        inner = [path for path in (folder / "stages").iterdir() if path.name.partition("_")[0].isdigit()]
        for path in sorted(inner, key=lambda path: int(path.name.partition("_")[0])):
            yield from stage_folders(path)
    else:
        yield folder


def _words(stage: Saved) -> list[str]:
    """The words of a SQL statement, any of which may be a column."""
    return [word.strip("`") for word in _WORD.findall(str(stage.params.get("statement", "")))]
