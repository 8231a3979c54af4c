"""`pillion export`: from a saved pipeline to a folder, and the Spark session that commands share."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from pillion.cli.terminal import err
from pillion.config import SidecarSettings
from pillion.errors import ConfigurationError

_EXPORT = (
    "[bold]Example:[/bold] pillion export --pipeline my-pipeline --schema schema.json --data rows.csv --output my-model"
)


def export(
    pipeline: Annotated[Path, typer.Option(help="A saved, fitted PipelineModel.")],
    schema: Annotated[Path, typer.Option(help="Spark's StructType as JSON: the raw columns.")],
    data: Annotated[Path, typer.Option(help="Real rows: .csv, .jsonl or .parquet.")],
    output: Annotated[Path, typer.Option(help="The folder to write; it must be empty or not be there.")],
    null: Annotated[
        list[str] | None, typer.Option(help="What a CSV cell says where it is missing; may be given again.")
    ] = None,
    require_pmml: Annotated[
        bool, typer.Option("--require-pmml", help="Refuse a pipeline that PMML has no model for.")
    ] = False,
) -> None:
    """Exports any saved Spark pipeline to PMML, with a manifest and a verification set of Spark's own outputs.

    A folder that is called a number, as REPOSITORY/MODEL/1, is that version of the model. Prints one JSON line.
    Where no engine gives what Spark gives, the document is written all the same, but is not cleared for serving, and a
    warning says why.
    """
    from pillion.export.publish import Origin, prepare, write
    from pillion.export.saved_pipeline import SavedPipeline, read_rows
    from pillion.scoring.repository import version_number
    from pillion.tabular import names_of

    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise ConfigurationError(f"{output} is there already, and not empty")
    number = version_number(output.resolve().name)
    name = output.resolve().name if number is None else output.resolve().parent.name
    saved = SavedPipeline(pipeline, schema, names_of(data))
    rows = read_rows(data, saved.schema, null)
    with spark() as (session, progress):
        origin = Origin(saved.load(), saved.declared, rows, f"rows of {data.name}")
        version = prepare(
            session, origin, jar=SidecarSettings().jar, name=name, require_pmml=require_pmml, progress=progress
        )
    if output.is_dir():
        output.rmdir()
    if not write(output, name, number or 1, version):
        raise ConfigurationError(f"{output} is there already")
    if version.cleared is None:
        err.print(f"warning: {output} is not cleared for serving: {version.problem}", markup=False)
    if version.manifest["pmml"] == "plan only":
        reason = version.manifest["pmml_reason"]
        err.print(f"note: {output} has no model for other consumers of PMML: {reason}", markup=False)
    verified = version.manifest["verification"]["rows"]
    told = {"model": str(output), "engine": version.cleared, "rows": verified, "pmml": version.manifest["pmml"]}
    print(json.dumps(told))


@contextmanager
def spark() -> Iterator[tuple[Any, Callable[[str], None]]]:
    """A Spark session with a line on screen that says what is being done; stopped at the end."""
    from pillion.export.session import create_session
    from pillion.scoring.java import find_java

    find_java()
    with err.status("starting Spark") as status:

        def progress(text: str) -> None:
            status.update(text)
            if not err.is_terminal:
                err.print(text, markup=False)

        session = create_session()
        try:
            yield session, progress
        finally:
            session.stop()


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the application."""
    app.command(epilog=_EXPORT)(export)
