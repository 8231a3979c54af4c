"""`pillion sidecar`: the JVM process that scores, in the foreground."""

import os
from pathlib import Path
from typing import Annotated

import typer

from pillion.cli.app import app
from pillion.config import SidecarSettings
from pillion.errors import ConfigurationError
from pillion.scoring.java import find_java

_EXAMPLE = "[bold]Example:[/bold] pillion sidecar --models pmml-models --http 127.0.0.1:8080 --uds run/pillion.sock"


@app.command(epilog=_EXAMPLE, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def sidecar(
    context: typer.Context,
    models: Annotated[Path | None, typer.Option(help="The model repository.")] = None,
    http: Annotated[str, typer.Option(help="Where to serve HTTP; port 0 for any.")] = "127.0.0.1:8080",
    uds: Annotated[Path | None, typer.Option(help="A Unix socket to serve on as well.")] = None,
) -> None:
    """Runs the sidecar until Ctrl-C; further options go to it as they are."""
    settings = SidecarSettings()
    if not settings.jar.is_file():
        raise ConfigurationError(f"there is no sidecar at {settings.jar}: build it with 'make build'")
    java = str(find_java(settings.java))
    command = [java, *settings.jvm_options, "-jar", str(settings.jar), "--models", str(models or settings.models)]
    command += ["--http", http, *(["--uds", str(uds)] if uds else []), *context.args]
    os.execv(java, command)
