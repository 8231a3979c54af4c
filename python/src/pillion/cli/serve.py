"""`pillion serve`: the shim, beside a sidecar and a store that run already."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from pillion.config import (
    LogSettings,
    RecommendSettings,
    ShimSettings,
    SidecarSettings,
    StoreSettings,
    WatchSettings,
)
from pillion.logs import configure_logs
from pillion.project import Project, find_project
from pillion.recommend import Recommender
from pillion.watch import Watch

_SERVE = (
    "[bold]Example:[/bold] pillion serve --port 8000 --sidecar unix:/run/pillion/sidecar.sock"
    " --store redis://127.0.0.1:6379/0"
)
Port = Annotated[int | None, typer.Option(min=0, max=65535, help="The shim's port; 0 for any.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes that answer; one a processor, at most 4.")]
Host = Annotated[str | None, typer.Option(help="The address to listen on.")]
Models = Annotated[Path | None, typer.Option(help="The model repository.")]
Model = Annotated[str | None, typer.Option(help="The model for requests that name none.")]
Config = Annotated[
    Path | None,
    typer.Option(help="The project file; else PILLION_CONFIG, ./pillion.toml, or pillion.toml among the models."),
]
StoreUrl = Annotated[str | None, typer.Option("--store", help="redis://, rediss:// or unix:// URL of the store.")]


def serve(
    port: Port = None,
    host: Host = None,
    workers: Workers = None,
    sidecar: Annotated[
        str | None, typer.Option(help="unix:/PATH of a Unix socket, http://HOST:PORT or https://HOST:PORT.")
    ] = None,
    sidecar_ca_file: Annotated[Path | None, typer.Option(help="Certificates that the sidecar's is checked by.")] = None,
    sidecar_client_certificate_file: Annotated[
        Path | None, typer.Option(help="The certificate that is shown to the sidecar, for mutual TLS.")
    ] = None,
    sidecar_client_key_file: Annotated[Path | None, typer.Option(help="The key of that certificate.")] = None,
    sidecar_token_file: Annotated[Path | None, typer.Option(help="The token that opens the sidecar.")] = None,
    store: StoreUrl = None,
    models: Models = None,
    model: Model = None,
    config: Config = None,
    exit_with_stdin: Annotated[
        bool, typer.Option("--exit-with-stdin", help="Stop when standard input ends, and so with the parent process.")
    ] = False,
) -> None:
    """Runs the shim until Ctrl-C, beside a sidecar and a store that run already.

    Without --sidecar it asks over the Unix socket where `pillion sidecar` serves.

    Each option can be set by the environment as well: PILLION_SHIM_PORT, PILLION_SIDECAR_ADDRESS, PILLION_STORE_URL,
    PILLION_SIDECAR_CA_FILE. Files of certificates and tokens are read again when they change.
    """
    if exit_with_stdin:
        threading.Thread(target=_stop_with_input, daemon=True, name="stdin").start()
    settings = SidecarSettings(
        **given(
            address=sidecar,
            ca_file=sidecar_ca_file,
            client_certificate_file=sidecar_client_certificate_file,
            client_key_file=sidecar_client_key_file,
            token_file=sidecar_token_file,
            models=models,
        )
    )
    run_shim(
        find_project(config, settings.models),
        RecommendSettings(**given(model=model)),
        shim_settings(host, port, workers),
        StoreSettings(**given(url=store)),
        settings,
    )


def run_shim(
    project: Project,
    recommend: RecommendSettings,
    shim: ShimSettings,
    store: StoreSettings,
    sidecar: SidecarSettings,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Wires the data plane of each worker and serves it until SIGTERM or Ctrl-C.

    Args:
        project: What is served.
        recommend: Limits of requests.
        shim: Where it listens.
        store: The store.
        sidecar: The sidecar.
        announce: Gets the line that says where it listens, once it does; printed where left out.
    """
    from pillion.shim import serve as serve_shim

    make = partial(_make_worker, project, recommend, store, sidecar)
    serve_shim(make, shim, announce=announce or print_line, log_requests=LogSettings().access)


def print_line(line: str) -> None:
    """Prints a line at once, for whoever waits for it."""
    print(line, flush=True)


def _make_worker(
    project: Project, recommend: RecommendSettings, store: StoreSettings, sidecar: SidecarSettings
) -> Recommender:
    configure_logs(LogSettings())  # a worker is a process of its own
    return make_recommender(project, recommend, store, sidecar)


def make_recommender(
    project: Project, recommend: RecommendSettings, store: StoreSettings, sidecar: SidecarSettings
) -> Recommender:
    """Returns the data plane over a real store and a real sidecar; nothing is connected yet."""
    from pillion.features.redis import RedisStore
    from pillion.scoring import ModelRepository, open_scorer

    repository = ModelRepository(sidecar.models)
    return Recommender(
        RedisStore(store), open_scorer(sidecar), repository, recommend, store, sidecar,
        project=project, observers=[Watch(WatchSettings(), project)],
    )  # fmt: skip


def shim_settings(host: str | None, port: int | None, workers: int | None) -> ShimSettings:
    """Returns the shim's settings, of the environment where an option is not given."""
    return ShimSettings(**given(host=host, port=port, workers=workers))


def _stop_with_input() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def given(**options: Any) -> dict[str, Any]:
    """Returns the options that are given; the environment and defaults say the others."""
    return {name: value for name, value in options.items() if value is not None}


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the application."""
    app.command(epilog=_SERVE)(serve)
