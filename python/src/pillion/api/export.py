"""`pillion.export`: from a fitted model and rows to a version that is proved against Spark."""

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pyspark.sql.types import StructType

from pillion.api.given import name_of, read_model, read_rows
from pillion.config import SidecarSettings
from pillion.errors import PillionWarning
from pillion.export.console import quiet_console
from pillion.export.converter import export_pipeline
from pillion.export.publish import Origin, prove
from pillion.export.session import session_notes
from pillion.export.version import Version
from pillion.parity.recorded_cases import read_contract
from pillion.parity.run import Count
from pillion.parity.spark_frame import vector_sizes
from pillion.scoring.jvm import require_jar

_SHOWN = 3


def export(
    model: Any,
    data: Any,
    *,
    schema: "StructType | Path | str | None" = None,
    name: str | None = None,
    nulls: Sequence[str] | None = None,
    require_pmml: bool = False,
    keep_pipeline: bool = True,
    seed: int = 7,
    jar: Path | None = None,
    progress: Callable[[str], None] = lambda text: None,
    count: Count = lambda what, done, total: None,
) -> Version:
    """Exports a fitted model to PMML with Spark's plan in it, and holds every installed engine against Spark's outputs.

    Rows that show every known value and boundary are added to those given. Columns that no stage reads are passed over,
    whatever their type, and the label may be absent. What the session lacks is told by a warning.

    Args:
        model: A fitted model of Spark's, a pipeline or a stage; of a tuned model its best one is taken. Or the folder
            where Spark or MLflow saved one.
        data: Real rows: a frame of Spark's, in any session, or of pandas; a .csv, .jsonl or .parquet file; or a folder
            of Parquet files.
        schema: Spark's StructType of the raw columns, or a file with its JSON; a frame's own where left out.
        name: What the model is called; its folder or its last stage where left out.
        nulls: What a CSV cell says where it is missing; nothing and `N/A` where left out.
        require_pmml: Whether a document is refused that no other consumer of PMML can use.
        keep_pipeline: Whether the fitted pipeline is kept beside the document.
        seed: Of the rows drawn and made.
        jar: The sidecar's; that of the wheel where left out.
        progress: Is told what begins.
        count: Is told what is counted, and how many rows of how many are done.

    Returns:
        The version: `report()` shows what was proved of it, `publish()` writes it into a model repository.

    Raises:
        UnsupportedStage: A stage isn't fitted, is written in Python, or has neither a plan nor a PMML form; names all.
        InvalidInput: Rows lack columns, or have none that can be read; names all columns.
        ConfigurationError: The model can't be loaded, there is no Spark session, or the jar or Java is missing.

    Example:
        >>> version = pillion.export(model, frame)
        >>> version.cleared, version.arithmetic
        ('compiled', 'spark')
    """
    jar = jar or SidecarSettings().jar
    require_jar(jar)
    session, struct, source = read_rows(data, schema, nulls, seed)
    with quiet_console(session):
        pipeline = read_model(model)
        name = name or name_of(model, pipeline)
        notes = list(session_notes(session))
        progress(f"{name}: exporting to PMML")
        names = source.names()
        exported = export_pipeline(pipeline, struct, vector_sizes(struct, names))
        if require_pmml:
            exported.require_model()
        inputs = [given["name"] for given in read_contract(exported.document, jar)["inputs"]]
        rows = source.read(inputs, struct)
        if rows.left_out:
            more = f" and {len(rows.left_out) - _SHOWN} more" if len(rows.left_out) > _SHOWN else ""
            notes.append(f"rows left out: {'; '.join(rows.left_out[:_SHOWN])}{more}")
        for note in notes:
            warnings.warn(note, PillionWarning, stacklevel=2)
        origin = Origin(pipeline, struct, rows.columns, source.words)
        return prove(
            session, origin, exported, jar=jar, name=name, seed=seed, keep_pipeline=keep_pipeline,
            notes=notes, progress=progress, count=count,
        )  # fmt: skip
