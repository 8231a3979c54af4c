"""The stages of a fitted pipeline as Spark saves them, each in a folder of its own."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from pillion.export.plan.fitted import flat_stages, stage_problem

_AT_ONCE = 8
"""Stages that are saved at the same time: of a small one, most of the time is spent on planning and renaming."""
_QUICK = {
    "fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem",
    "fs.file.impl.disable.cache": "true",
    "mapreduce.fileoutputcommitter.algorithm.version": "2",
    "mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.parquet.compression.codec": "uncompressed",
    "spark.sql.shuffle.partitions": "1",
}
"""What makes a job of one row quick; no number is computed by it.

A file without a checksum beside it costs one process less, since Hadoop sets each file's mode by `chmod`.
"""
_OF_PARAMETERS = "org.apache.spark.ml.util.DefaultParamsWriter"


class JavaStage:
    """A stage that has no counterpart in Python."""

    def __init__(self, java: Any, session: SparkSession) -> None:
        self._java_obj = java
        self._session = session
        self.uid = str(java.uid())

    def transform(self, frame: DataFrame) -> DataFrame:
        """Returns what Spark's own object makes of a frame."""
        return DataFrame(self._java_obj.transform(frame._jdf), self._session)


def save_stages(model: Any, folder: Path, session: SparkSession) -> Iterator[tuple[Path | None, Any]]:
    """Saves the stages of a pipeline, and yields each with its folder; those inside pipelines and formulas one by one.

    One that nothing can be made of is not saved.

    Args:
        model: The fitted pipeline.
        folder: An empty one.
        session: The stages'; what it is set to stays as it is.
    """
    stages = [
        (None if stage_problem(stage) is not None else folder / str(number), stage)
        for number, stage in enumerate(flat_stages(model))
    ]
    quick = session.newSession()
    for name, value in _QUICK.items():
        quick.conf.set(name, value)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        saving = [
            pool.submit(_save, stage, path, quick)
            for path, stage in stages
            if path is not None and hasattr(stage, "_java_obj")
        ]
        for path, stage in stages:
            if path is not None and not hasattr(stage, "_java_obj"):  # its writer looks for the active session
                stage.write().overwrite().save(path.as_uri())
        for each in saving:
            each.result()
    for path, stage in stages:
        if path is not None and type(stage).__name__ == "RFormulaModel":
            inner = stage._java_obj.pipelineModel().stages()
            for saved, java in zip(_folders(path / "pipelineModel"), inner, strict=True):
                yield saved, JavaStage(java, session)
        else:
            yield path, stage


def _save(stage: Any, path: Path, session: SparkSession) -> None:
    java = stage._to_java()
    if java.write().getClass().getName() == _OF_PARAMETERS:
        _write_parameters(java, path, session)
    else:
        stage.write().session(session).overwrite().save(path.as_uri())


def _write_parameters(java: Any, path: Path, session: SparkSession) -> None:
    """Writes what Spark would write of a stage that has parameters and nothing else, without a job."""
    jvm: Any = session._jvm
    none = jvm.scala.Option.empty()
    writer = jvm.org.apache.spark.ml.util.DefaultParamsWriter
    metadata = path / "metadata"
    metadata.mkdir(parents=True)
    said = str(writer.getMetadataToSave(java, session.sparkContext._jsc.sc(), none, none))
    (metadata / "part-00000").write_text(said, encoding="utf-8")


def _folders(pipeline: Path) -> list[Path]:
    """The folders of a saved pipeline's stages in order, by the numbers that their names begin with."""
    return sorted((pipeline / "stages").iterdir(), key=lambda path: int(path.name.split("_", 1)[0]))
