"""From a fitted pipeline to its stages' elements, of which its plan is made."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from pillion.export.plan.arithmetic import arithmetic
from pillion.export.plan.element import MadeByRefused, UnsupportedPlan
from pillion.export.plan.fitted import stage_problem
from pillion.export.plan.saved import Saved
from pillion.export.plan.stage import Node, Stage
from pillion.export.plan.stages import WRITERS
from pillion.export.plan.stages.without_element import WITHOUT_ELEMENT
from pillion.export.plan.walked import Walked, WalkedStage
from pillion.parity.spark_frame import transform_empty


def walk(model: PipelineModel, schema: StructType, sizes: Mapping[str, int]) -> Walked:
    """Writes the stages of `model`.

    Args:
        model: the fitted pipeline.
        schema: its raw columns.
        sizes: of those of them that are vectors.

    Raises:
        UnsupportedPlan: a stage does what a plan can't say.
    """
    spark = SparkSession.getActiveSession()
    if spark is None:
        raise UnsupportedPlan("there is no Spark session")
    try:
        return _walk(model, schema, sizes, spark)
    except (Py4JError, PySparkException) as failure:
        lines = str(failure).strip().splitlines() or [type(failure).__name__]
        raise UnsupportedPlan(f"Spark refuses the pipeline without data: {lines[0]}") from None


def _walk(model: PipelineModel, schema: StructType, sizes: Mapping[str, int], spark: SparkSession) -> Walked:
    nodes: list[Node] = []
    vectors = dict(sizes)
    losses: list[str] = []
    stages: list[WalkedStage] = []
    labels: set[str] = set()
    problems: list[str] = []
    refused: set[str] = set()
    unwritten: list[str] = []
    frame = spark.createDataFrame([], schema)
    with tempfile.TemporaryDirectory(prefix="pillion-plan-") as folder:
        for number, (path, stage) in enumerate(_stages(model, Path(folder), spark)):
            if path is None:
                problems.append(str(stage_problem(stage)))
                after = _transformed(stage, frame, problems)
                refused.update(column.name for column in after.schema if column not in frame.schema.fields)
                frame = after
                continue
            saved = Saved.read(path).resolved(frame.columns)
            labels.add(str(saved.params.get("labelCol", "")))
            try:
                after = transform_empty(stage, frame)
            except (Py4JError, PySparkException) as failure:
                raise UnsupportedPlan.of([*problems, _refusal(saved, frame, failure)]) from None
            java = stage._java_obj if hasattr(stage, "_java_obj") else stage
            surroundings = Stage(saved, java, frame.schema, spark, number, vectors, losses, frozenset(refused))
            try:
                nodes += _written(surroundings)
            except UnsupportedPlan as problem:
                if not isinstance(problem, MadeByRefused):
                    problems += problem.problems
                unwritten += saved.taken()
                refused.update(column.name for column in after.schema if column not in frame.schema.fields)
            stages.append(WalkedStage(saved.uid, saved.kind, stage, len(nodes), after.schema))
            frame = after
    session = arithmetic(spark)
    walked = Walked(
        tuple(nodes), schema, frame.schema, vectors, session, tuple(losses), frozenset(labels), sizes, tuple(stages)
    )
    if problems:
        raise UnsupportedPlan.of([*problems, *walked.input_problems(unwritten)])
    return walked


def _transformed(stage: Any, frame: DataFrame, problems: Sequence[str]) -> DataFrame:
    """What a stage that no plan has makes of a frame.

    Raises:
        UnsupportedPlan: nothing; with all problems that are known so far.
    """
    try:
        return stage.transform(frame)  # type: ignore[no-any-return]
    except Exception:  # noqa: BLE001 - the stage is anybody's
        raise UnsupportedPlan.of(problems) from None


def _refusal(saved: Saved, frame: DataFrame, failure: Exception) -> str:
    """Why Spark itself does not take a stage after those before it."""
    absent = [name for name in saved.taken() if name not in frame.columns]
    if absent:
        return (
            f"{saved.uid} takes {', '.join(map(repr, absent))}, which is not among the columns before it:"
            f" {', '.join(map(repr, frame.columns))}; add it to the schema"
        )
    lines = str(failure).strip().splitlines() or [type(failure).__name__]
    return f"Spark refuses {saved.uid} without data: {lines[0]}"


def _written(stage: Stage) -> list[Node]:
    """The elements of a stage.

    Raises:
        UnsupportedPlan: it does what a plan can't say.
    """
    saved = stage.saved
    if saved.kind not in WRITERS:
        raise UnsupportedPlan(f"{saved.uid} is a {saved.kind}, {_absence(saved.kind)}")
    try:
        return WRITERS[saved.kind](stage)
    except (KeyError, IndexError, TypeError, ValueError) as unexpected:
        raise UnsupportedPlan(f"{saved.uid} isn't saved in the form that is known: {unexpected!r}") from unexpected


def _absence(kind: str) -> str:
    """Why plans have no element for a kind of stage, and what to do, as the ending of a sentence."""
    if kind in WITHOUT_ELEMENT:
        return f"which {WITHOUT_ELEMENT[kind].reason}; {WITHOUT_ELEMENT[kind].instead}"
    return "for which plans have no element; compute its columns before the pipeline, and give them as inputs"


class _JavaStage:
    """A stage that has no counterpart in Python."""

    def __init__(self, java: Any, session: SparkSession) -> None:
        self._java_obj = java
        self._session = session
        self.uid = str(java.uid())

    def transform(self, frame: DataFrame) -> DataFrame:
        return DataFrame(self._java_obj.transform(frame._jdf), self._session)


def _stages(model: Any, folder: Path, session: SparkSession) -> Iterator[tuple[Path | None, Any]]:
    """The stages, each with the folder that it was saved to; those inside pipelines and formulas one by one.

    One that nothing can be made of is not saved.
    """
    for number, stage in enumerate(model.stages):
        path = folder / str(number)
        if isinstance(stage, PipelineModel):
            yield from _stages(stage, path, session)
            continue
        if stage_problem(stage) is not None:
            yield None, stage
            continue
        stage.write().overwrite().save(path.as_uri())
        if type(stage).__name__ == "RFormulaModel":
            inner = stage._java_obj.pipelineModel().stages()
            for saved, java in zip(_folders(path / "pipelineModel"), inner, strict=True):
                yield saved, _JavaStage(java, session)
        else:
            yield path, stage


def _folders(pipeline: Path) -> list[Path]:
    """The folders of a saved pipeline's stages in order, by the numbers that their names begin with."""
    return sorted((pipeline / "stages").iterdir(), key=lambda path: int(path.name.split("_", 1)[0]))
