"""`pillion export`: a saved pipeline into a folder, with what was proved of it."""

import json
from pathlib import Path
from typing import Annotated

import typer

from pillion.cli.given import Data, Nulls, Pipeline, Schema
from pillion.cli.spark import Cores, Master, Memory, spark
from pillion.cli.terminal import err
from pillion.errors import ConfigurationError

_EXAMPLE = (
    "[bold]Example:[/bold] pillion export --pipeline my-pipeline --schema schema.json --data rows.csv --output my-model"
)


def export(
    pipeline: Pipeline,
    schema: Schema,
    data: Data,
    output: Annotated[Path, typer.Option(help="The folder to write; it must be empty or not be there.")],
    null: Nulls = None,
    require_pmml: Annotated[
        bool, typer.Option("--require-pmml", help="Refuse a pipeline that PMML has no model for.")
    ] = False,
    master: Master = None,
    memory: Memory = None,
    cores: Cores = None,
) -> None:
    """Exports any saved Spark pipeline to PMML, with a manifest and a verification set of Spark's own outputs.

    A folder that is called a number, as REPOSITORY/MODEL/1, is that version of the model. Prints one JSON line.
    Where no engine gives what Spark gives, the document is written all the same, but is not cleared for serving, and a
    warning says why.
    """
    from pillion.scoring.repository import version_number

    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise ConfigurationError(f"{output} is there already, and not empty")
    number = version_number(output.resolve().name)
    name = output.resolve().name if number is None else output.resolve().parent.name
    with spark(master, memory, cores, (pipeline, schema, data)) as (_, bars):
        from pillion.api.export import export as export_model

        version = export_model(
            pipeline, data, schema=schema, name=name, nulls=null,
            require_pmml=require_pmml, keep_pipeline=False, progress=bars.tell, count=bars.count,
        )  # fmt: skip
    if output.is_dir():
        output.rmdir()
    if not version.write(output, name, number or 1):
        raise ConfigurationError(f"{output} is there already")
    if version.cleared is None:
        err.print(f"warning: {output} is not cleared for serving: {version.problem}", markup=False)
    if version.manifest["pmml"] == "plan only":
        reason = version.manifest["pmml_reason"]
        err.print(f"note: {output} has no model for other consumers of PMML: {reason}", markup=False)
    verified = version.manifest["verification"]["rows"]
    told = {"model": str(output), "engine": version.cleared, "rows": verified, "pmml": version.manifest["pmml"]}
    print(json.dumps({**told, "arithmetic": version.arithmetic, "inexact": version.inexact}))


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the application."""
    app.command(epilog=_EXAMPLE)(export)
