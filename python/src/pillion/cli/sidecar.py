"""`pillion sidecar`: the JVM process that scores, in the foreground."""

import os
from pathlib import Path
from typing import Annotated

import typer

from pillion.cli.app import app
from pillion.config import SidecarSettings
from pillion.scoring.sidecar_process import sidecar_command

_EXAMPLE = "[bold]Example:[/bold] pillion sidecar --models pmml-models --http 127.0.0.1:8080 --uds run/pillion.sock"


@app.command(epilog=_EXAMPLE, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def sidecar(
    context: typer.Context,
    models: Annotated[Path | None, typer.Option(help="The model repository.")] = None,
    http: Annotated[str, typer.Option(help="Where to serve HTTP; port 0 for any.")] = "127.0.0.1:8080",
    uds: Annotated[Path | None, typer.Option(help="A Unix socket to serve on as well.")] = None,
) -> None:
    """Runs the sidecar until Ctrl-C; further options go to it as they are."""
    settings = SidecarSettings() if models is None else SidecarSettings(models=models)
    options = ["--http", http, *(["--uds", str(uds)] if uds else []), *context.args]
    command = sidecar_command(settings, options)
    os.execv(command[0], command)
