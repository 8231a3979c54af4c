"""From a fitted pipeline to its stages' elements, of which its plan is made."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StringType, StructField, StructType

from pillion.export.plan.arithmetic import arithmetic
from pillion.export.plan.element import MadeByRefused, UnsupportedPlan
from pillion.export.plan.fitted import stage_problem
from pillion.export.plan.presumed_schema import lacking_fields
from pillion.export.plan.saved import Saved
from pillion.export.plan.stage import Node, Stage
from pillion.export.plan.stage_folders import save_stages
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
        with tempfile.TemporaryDirectory(prefix="pillion-plan-") as folder:
            return _walk_saved(list(save_stages(model, Path(folder), spark)), schema, sizes, spark)
    except (Py4JError, PySparkException) as failure:
        lines = str(failure).strip().splitlines() or [type(failure).__name__]
        raise UnsupportedPlan(f"Spark refuses the pipeline without data: {lines[0]}") from None


def _walk_saved(
    stages: Sequence[tuple[Path | None, Any]], schema: StructType, sizes: Mapping[str, int], spark: SparkSession
) -> Walked:
    """Walks with the columns that the schema lacks as well, so that all that is wrong is found at once."""
    lacking: dict[str, str] = {}
    while True:
        try:
            walked = _walk(stages, schema, sizes, spark)
        except _LackingError as found:
            lacking |= {field.name: found.uid for field in found.fields}
            schema = StructType([*schema.fields, *found.fields])
        except UnsupportedPlan as unsupported:
            if not lacking:
                raise
            raise UnsupportedPlan.of([_lack(lacking), *unsupported.problems], list(lacking)) from None
        else:
            if lacking:
                raise UnsupportedPlan.of([_lack(lacking)], list(lacking))
            return walked


class _LackingError(Exception):
    """A stage takes columns that aren't there."""

    def __init__(self, uid: str, fields: Sequence[StructField]) -> None:
        super().__init__(uid)
        self.uid = uid
        self.fields = fields


def _lack(lacking: Mapping[str, str]) -> str:
    """The sentence on columns that aren't there, by name with the first stage that takes each."""
    columns = f"column{'s' * (len(lacking) > 1)} {', '.join(map(repr, lacking))}"
    stages = ", ".join(dict.fromkeys(lacking.values()))
    return f"the rows lack the {columns}, which {stages} take{'s' * (len(set(lacking.values())) == 1)}"


def _walk(
    saved_stages: Sequence[tuple[Path | None, Any]], schema: StructType, sizes: Mapping[str, int], spark: SparkSession
) -> Walked:
    nodes: list[Node] = []
    vectors = dict(sizes)
    losses: list[str] = []
    stages: list[WalkedStage] = []
    labels: set[str] = set()
    problems: list[str] = []
    refused: set[str] = set()
    unwritten: list[str] = []
    skipped: dict[str, str] = {}
    frame = spark.createDataFrame([], schema)
    for number, (path, stage) in enumerate(saved_stages):
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
            texts = {made: StructField(taken, StringType()) for made, taken in skipped.items()}
            fields = [texts.get(each.name, each) for each in lacking_fields(stage, saved.taken(), frame)]
            if fields and not {each.name for each in fields} & set(schema.names):
                raise _LackingError(saved.uid, fields) from None
            raise UnsupportedPlan.of([*problems, _refusal(saved, frame, failure)]) from None
        if saved.kind == "StringIndexerModel":  # which passes over columns that aren't there
            skipped |= {made: taken for taken, made in saved.columns if made not in after.columns}
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
            f"{saved.uid} takes {', '.join(map(repr, absent))}, which a stage before it leaves out: there are"
            f" {', '.join(map(repr, frame.columns))}"
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
