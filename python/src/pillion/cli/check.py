"""`pillion check`: all that keeps a saved pipeline from being exported, before anything is converted."""

import json
from pathlib import Path
from typing import Annotated

import typer

from pillion.cli.given import Pipeline
from pillion.cli.spark import Cores, Master, Memory, spark
from pillion.cli.terminal import NO

_EXAMPLE = "[bold]Example:[/bold] pillion check --pipeline my-pipeline --schema schema.json"


def check(
    pipeline: Pipeline,
    schema: Annotated[
        Path | None, typer.Option(help="Spark's StructType as JSON; types are presumed where left out.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Rows, which tell the sizes of vectors.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    master: Master = None,
    memory: Memory = None,
    cores: Cores = None,
) -> None:
    """Checks a saved pipeline: all problems at once, before any conversion; exit code 1 where there is one."""
    with spark(master, memory, cores, (pipeline, schema, data), scores=False) as (_, bars):
        from pillion.api.check import check as check_model

        bars.tell(f"checking {pipeline}")
        found = check_model(pipeline, data, schema=schema)
    if as_json:
        told = {"passed": found.passed, "problems": found.problems, "notes": found.notes}
        print(json.dumps({**told, "inputs": dict(found.inputs), "outputs": found.outputs}))
    else:
        print(found)
    if not found.passed:
        raise typer.Exit(NO)


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the application."""
    app.command(epilog=_EXAMPLE)(check)
