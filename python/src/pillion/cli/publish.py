"""`pillion publish`: a saved pipeline into a model repository, with what the project file says of how it is served."""

import json
from pathlib import Path
from typing import Annotated

import typer

from pillion.cli.export import spark
from pillion.cli.terminal import err
from pillion.config import SidecarSettings
from pillion.errors import ConfigurationError, NotReproduced

_EXAMPLE = "[bold]Example:[/bold] pillion publish --pipeline late --schema schema.json --data rows.csv --models models"
_EXACT = "spark"


def publish(
    pipeline: Annotated[Path, typer.Option(help="A saved, fitted PipelineModel.")],
    schema: Annotated[Path, typer.Option(help="Spark's StructType as JSON: the raw columns.")],
    data: Annotated[Path, typer.Option(help="Real rows: .csv, .jsonl or .parquet.")],
    models: Annotated[Path | None, typer.Option(help="The model repository.")] = None,
    name: Annotated[str | None, typer.Option(help="The model's name; that of the project file where left out.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="The project file; PILLION_CONFIG, or ./pillion.toml, where left out.")
    ] = None,
    null: Annotated[
        list[str] | None, typer.Option(help="What a CSV cell says where it is missing; may be given again.")
    ] = None,
    require_exact: Annotated[
        bool, typer.Option("--require-exact", help="Refuse a pipeline that is not computed to Spark's bits.")
    ] = False,
) -> None:
    """Publishes a saved pipeline under the next number of its model, only if an engine gives what Spark gives.

    The project file says how it ranks and where its inputs come from. Prints one JSON line.
    """
    from pillion.export.publish import Origin, prepare
    from pillion.export.publish import publish as publish_version
    from pillion.export.saved_pipeline import SavedPipeline, read_rows
    from pillion.export.served import read_served
    from pillion.project import find_project
    from pillion.tabular import names_of

    settings = SidecarSettings()
    repository = models or settings.models
    project = find_project(config, repository)
    model = name or project.model or pipeline.resolve().name
    if "/" in model or model.startswith("."):
        raise ConfigurationError(f"'{model}' is no name of a model: it is a folder of the repository")
    served = read_served(project, pipeline, schema)
    saved = SavedPipeline(pipeline, schema, names_of(data))
    rows = read_rows(data, saved.schema, null)
    with spark() as (session, progress):
        origin = Origin(saved.load(), saved.declared, rows, f"rows of {data.name}")
        version = prepare(
            session,
            origin,
            jar=settings.jar,
            name=model,
            ranking=served.ranking,
            sources=served.sources,
            keep_pipeline=True,
            progress=progress,
        )
    best = next((result for result in version.results if result.engine == version.cleared), None)
    arithmetic = None if best is None else best.arithmetic
    if require_exact and version.cleared is not None and arithmetic != _EXACT:
        raise NotReproduced(f"the model '{model}' is not published: no engine computes it to Spark's bits")
    folder = publish_version(repository, model, version)
    if version.manifest["pmml"] == "plan only":
        reason = version.manifest["pmml_reason"]
        err.print(f"note: {folder} has no model for other consumers of PMML: {reason}", markup=False)
    told = {"model": model, "version": int(folder.name), "folder": str(folder), "engine": version.cleared}
    print(json.dumps({**told, "arithmetic": arithmetic, "rows": version.manifest["verification"]["rows"]}))


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the application."""
    app.command(epilog=_EXAMPLE)(publish)
