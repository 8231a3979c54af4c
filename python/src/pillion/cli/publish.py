"""`pillion publish`: a saved pipeline into a model repository, with what the project file says of how it is served."""

import json
from pathlib import Path
from typing import Annotated

import typer

from pillion.cli.given import Data, Nulls, Pipeline, Schema
from pillion.cli.spark import Cores, Master, Memory, spark
from pillion.cli.terminal import err
from pillion.config import SidecarSettings

_EXAMPLE = "[bold]Example:[/bold] pillion publish --pipeline late --schema schema.json --data rows.csv --models models"


def publish(
    pipeline: Pipeline,
    schema: Schema,
    data: Data,
    models: Annotated[Path | None, typer.Option(help="The model repository.")] = None,
    name: Annotated[str | None, typer.Option(help="The model's name; that of the project file where left out.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="The project file; PILLION_CONFIG, or ./pillion.toml, where left out.")
    ] = None,
    null: Nulls = None,
    require_exact: Annotated[
        bool, typer.Option("--require-exact", help="Refuse a pipeline that is not computed to Spark's bits.")
    ] = False,
    master: Master = None,
    memory: Memory = None,
    cores: Cores = None,
) -> None:
    """Publishes a saved pipeline under the next number of its model, only if an engine gives what Spark gives.

    The project file says how it ranks and where its inputs come from; without one, the model ranks nothing. Prints one
    JSON line.
    """
    from pillion.export.served import read_served
    from pillion.export.version import name_in_repository
    from pillion.project import FILE, find_project

    repository = models or SidecarSettings().models
    project = find_project(config, repository)
    model = name_in_repository(name or project.model or pipeline.resolve().name)
    if project.file is None:
        err.print(f"note: '{model}' ranks nothing: there is no {FILE}, which `pillion init` writes", markup=False)
    elif schema is not None:
        read_served(project, pipeline, schema)  # what doesn't fit is told before Spark starts
    with spark(master, memory, cores, (pipeline, schema, data)) as (_, bars):
        from pillion.api.export import export

        version = export(pipeline, data, schema=schema, name=model, nulls=null, progress=bars.tell, count=bars.count)
    folder = version.publish(repository, model, project=project, require_exact=require_exact)
    if version.manifest["pmml"] == "plan only":
        reason = version.manifest["pmml_reason"]
        err.print(f"note: {folder} has no model for other consumers of PMML: {reason}", markup=False)
    told = {"model": model, "version": int(folder.name), "folder": str(folder), "engine": version.cleared}
    rows = version.manifest["verification"]["rows"]
    print(json.dumps({**told, "arithmetic": version.arithmetic, "inexact": version.inexact, "rows": rows}))


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the application."""
    app.command(epilog=_EXAMPLE)(publish)
