"""`pillion sidecar`: the JVM process that scores, in the foreground."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from pillion.config import SidecarSettings
from pillion.scoring.sidecar_process import sidecar_command

_EXAMPLE = "[bold]Example:[/bold] pillion sidecar --models pmml-models --http 127.0.0.1:8080"


def sidecar(
    context: typer.Context,
    models: Annotated[Path | None, typer.Option(help="The model repository.")] = None,
    http: Annotated[str, typer.Option(help="Where to serve HTTP; port 0 for any.")] = "127.0.0.1:8080",
    grpc: Annotated[
        str | None, typer.Option(help="Where to serve gRPC; else port 8081, or any where HTTP's is 0.")
    ] = None,
    uds: Annotated[
        Path | None, typer.Option(help="A Unix socket to serve both on as well; else the one that `serve` asks.")
    ] = None,
    admin: Annotated[
        str | None, typer.Option(help="Where to serve operators; needs --admin-token-file FILE as well.")
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option(help="The certificate that addresses of TCP show; turns TLS on.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="The key of that certificate.")] = None,
    tls_client_ca: Annotated[Path | None, typer.Option(help="Lets in hosts with a certificate that it signed.")] = None,
    tokens: Annotated[Path | None, typer.Option(help="Lets in hosts by token; a line NAME:HASH each.")] = None,
) -> None:
    """Runs the sidecar until Ctrl-C; further options go to it as they are.

    It holds the items of the online store in memory that --store-url or PILLION_STORE_URL names.

    Without --uds it serves on the socket that PILLION_SIDECAR_ADDRESS names, or that is the default of `pillion serve`.
    """
    settings = SidecarSettings() if models is None else SidecarSettings(models=models)
    if uds is None and not _names_socket(context.args):
        uds = settings.socket
    given = {
        "--http": http,
        "--grpc": grpc,
        "--uds": uds,
        "--admin": admin,
        "--tls-cert": tls_cert,
        "--tls-key": tls_key,
        "--tls-client-ca": tls_client_ca,
        "--tokens": tokens,
    }
    options = [word for name, value in given.items() if value is not None for word in (name, str(value))]
    command_line = [*options, *context.args]
    command = sidecar_command(settings, command_line)
    os.execv(command[0], command)


def _names_socket(arguments: Sequence[str]) -> bool:
    """Whether the environment names a socket, or a file of settings may do so."""
    files = any(argument.partition("=")[0] == "--config" for argument in arguments)
    return files or not os.environ.keys().isdisjoint({"PILLION_SIDECAR_UDS", "PILLION_SIDECAR_CONFIG"})


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the application."""
    app.command(epilog=_EXAMPLE, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(sidecar)
