"""What a project file says of a model that is about to be published: its ranking, and where its inputs come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pillion.errors import ConfigurationError
from pillion.export.stage_columns import read_columns
from pillion.features.contract import declared_for, fits_declared
from pillion.project import Project
from pillion.scoring import ClassRanking, Ranking, ScoreRanking
from pillion.tabular import VECTOR, parse_kinds
from pillion.types import Origin


@dataclass(frozen=True, slots=True)
class Served:
    """How a model is served.

    Attributes:
        ranking: How its outputs become items in order.
        sources: Where its inputs come from, by name.
    """

    ranking: Ranking
    sources: Mapping[str, Origin]


def read_served(project: Project, pipeline: Path, schema: Path) -> Served:
    """Checks a project file against a saved pipeline and its schema, without Spark.

    Args:
        project: Of the model.
        pipeline: The saved, fitted pipeline.
        schema: Spark's StructType as JSON: its raw columns.

    Raises:
        ConfigurationError: The project has no ranking, an input has no source, another type than the pipeline's, or
            one that nothing can give; names all such inputs.
        InvalidInput: The schema cannot be read.
    """
    kinds = parse_kinds(schema)
    taken = {name: kinds[name] for name in read_columns(pipeline, list(kinds)).inputs}
    return check_served(project, taken, f"the pipeline {pipeline}")


def check_served(project: Project, taken: Mapping[str, str], what: str) -> Served:
    """Checks a project file against what a model takes.

    Args:
        project: Of the model.
        taken: The types of its inputs, by name.
        what: The model is called in messages.

    Raises:
        ConfigurationError: The project has no ranking, an input has no source, another type than the model's, or one
            that nothing can give; names all such inputs.
    """
    if project.ranking is None:
        raise ConfigurationError(
            f"{project.name} does not say how the model ranks: a section [ranking] with 'score' or 'classes' is needed"
        )
    taken = {name: kind for name, kind in taken.items() if not (kind == VECTOR and f"{name}[0]" in project.inputs)}
    alien = [f"'{name}' ({kind})" for name, kind in taken.items() if kind != VECTOR and declared_for(kind) is None]
    if alien:
        raise ConfigurationError(
            f"{what} takes {', '.join(alien)}, of types that no table and no request can give: cast them before the"
            " pipeline, or leave them out"
        )
    absent = [f"'{name}'" for name in taken if name not in project.inputs]
    if absent:
        raise ConfigurationError(
            f"{project.name} does not say where {', '.join(absent)} of {what} {'comes' if len(absent) == 1 else 'come'}"
            " from: a section [inputs.NAME] with 'source' and 'type' is needed for each"
        )
    unfit = [
        f"'{name}' ({project.inputs[name].type} instead of {kind})"
        for name, kind in taken.items()
        if name in project.inputs and not fits_declared(kind, project.inputs[name].type)
    ]
    if unfit:
        raise ConfigurationError(f"{project.name} declares other types than the pipeline takes: {', '.join(unfit)}")
    ranking: Ranking
    if project.ranking.score is not None:
        ranking = ScoreRanking(project.ranking.score)
    else:
        ranking = ClassRanking(dict(project.ranking.classes or {}))
    return Served(ranking, {name: each.source for name, each in project.inputs.items()})
