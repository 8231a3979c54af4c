"""Options that say which model and which rows a command is given."""

from pathlib import Path
from typing import Annotated

import typer

Pipeline = Annotated[
    Path, typer.Option(help="The folder of a saved, fitted PipelineModel or stage, as Spark or MLflow wrote it.")
]
Schema = Annotated[
    Path | None,
    typer.Option(help="Spark's StructType as JSON: the raw columns. Only a folder of Parquet files can do without."),
]
Data = Annotated[Path, typer.Option(help="Real rows: .csv, .jsonl, .parquet, or a folder of Parquet files.")]
Nulls = Annotated[list[str] | None, typer.Option(help="What a CSV cell says where it is missing; may be given again.")]
