"""`pillion init`: a commented project file, with what the pipeline and the tables tell, and guesses to be checked."""

from pathlib import Path
from typing import Annotated

import typer

from pillion.errors import ConfigurationError

_EXAMPLE = (
    "[bold]Example:[/bold] pillion init --pipeline late --schema schema.json --users u.parquet --items i.parquet"
    " --events e.parquet"
)
_SHOWN = 8


def init(
    pipeline: Annotated[Path, typer.Option(help="A saved, fitted PipelineModel.")],
    schema: Annotated[Path, typer.Option(help="Spark's StructType as JSON: the raw columns.")],
    users: Annotated[
        Path | None, typer.Option(help="The table of users; its columns tell the users' features.")
    ] = None,
    items: Annotated[Path | None, typer.Option(help="The table of items, likewise.")] = None,
    events: Annotated[Path | None, typer.Option(help="The table of events; it tells the columns with ids.")] = None,
    output: Annotated[Path, typer.Option(help="The file to write; it must not be there.")] = Path("pillion.toml"),
) -> None:
    """Writes a project file: what is served, where each input comes from, what a request says. Needs no Spark."""
    from pillion.export.project_draft import Tables, draft
    from pillion.project import read_project

    if output.exists():
        raise ConfigurationError(f"{output} is there already: remove it, or name another file by --output")
    made = draft(pipeline, schema, Tables(users, items, events), output.parent)
    try:
        output.write_text(made.text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{output} cannot be written: {error.strerror}") from error
    read_project(output)
    print(f"wrote {output} with {made.inputs} inputs")
    if made.unserved:
        named = ", ".join(f"{name} ({spark})" for name, spark in made.unserved.items())
        print(f"left out, since no table and no request can give their types: {named}")
    if made.guesses:
        more = f" and {len(made.guesses) - _SHOWN} more" if len(made.guesses) > _SHOWN else ""
        print(f"guessed, and marked so in the file: {', '.join(made.guesses[:_SHOWN])}{more}; check them")


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the application."""
    app.command(epilog=_EXAMPLE)(init)
