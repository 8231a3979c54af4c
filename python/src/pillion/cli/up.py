"""`pillion up`: an embedded store, a sidecar and the shim by one command, each started again should it die."""

import secrets
import shlex
import signal
import sys
from pathlib import Path
from types import FrameType

import typer
from pydantic import SecretStr

from pillion.cli.serve import (
    Config,
    Host,
    Model,
    Models,
    Port,
    StoreUrl,
    Workers,
    given,
    print_line,
    run_shim,
    shim_settings,
)
from pillion.cli.terminal import ProgressBars, err
from pillion.config import RecommendSettings, SidecarSettings, StoreSettings
from pillion.features.store_process import StoreProcess
from pillion.project import FILE, Project, find_project

_EXAMPLE = "[bold]Example:[/bold] pillion up --models models --port 0"
_TERMINATED = 143
_TOKEN_BYTES = 32


def up(
    port: Port = None,
    host: Host = None,
    workers: Workers = None,
    store: StoreUrl = None,
    models: Models = None,
    model: Model = None,
    config: Config = None,
) -> None:
    """Runs an embedded store, the sidecar and the shim until Ctrl-C.

    The embedded store is filled with what the project file names under \\[features]. A store named by --store is used
    as it is, and left running. A store or a sidecar of its own that dies is started again. Operators get an address and
    a token, made up anew each time unless PILLION_SIDECAR_ADMIN_TOKEN or PILLION_SHIM_ADMIN_TOKEN says one; what they
    can do with it is printed.
    """
    from pillion.cli.stack import Stack, hush_sidecar, read_features, require_features
    from pillion.cli.supervisor import Supervisor
    from pillion.recommend import Models as ServedModels
    from pillion.scoring import ModelRepository

    sidecar = SidecarSettings(**given(models=models))
    project = find_project(config, sidecar.models)
    recommend = RecommendSettings(**given(model=model))
    # Whatever keeps the models from being served is told before anything is started.
    served = ServedModels(ModelRepository(sidecar.models), project, recommend.with_project(project).model)
    served.load()
    if store is None:
        require_features(project)
    token = sidecar.read_admin_token() if _has_token(sidecar) else secrets.token_urlsafe(_TOKEN_BYTES)
    shim = shim_settings(host, port, workers)
    shim = shim.model_copy(update={"admin_token": shim.admin_token or SecretStr(token)})
    signal.signal(signal.SIGTERM, _leave)
    hush_sidecar()
    with ProgressBars() as bars:
        stack = Stack(
            None if store is None else StoreSettings(url=store),
            sidecar,
            lambda: read_features(project, bars.count),
            bars.tell,
            count=bars.count,
            admin=(sidecar.admin or "127.0.0.1:0", token),
        )
        with stack:
            assert stack.sidecar_process is not None
            admin = stack.sidecar_process.address_of("sidecar-admin")
            bars.stop()
            if stack.store_process is not None:
                print_line(f"LISTENING store {stack.store_settings.url}")
            load = _load_command(project, stack.store_process)
            for address in stack.sidecar_process.addresses:
                print_line(f"LISTENING {address}")
            stack.supervise(Supervisor(_say))

            def announce(line: str) -> None:
                print_line(line)
                shim = line.rpartition(" ")[2]
                for hint in _hints(shim, load, admin, stack.admin_token_file, str(served.default)):
                    _say(hint)

            settings = sidecar.model_copy(update={"address": stack.sidecar_address})
            run_shim(project, recommend, shim, stack.store_settings, settings, announce)


def _has_token(sidecar: SidecarSettings) -> bool:
    return sidecar.admin_token is not None or sidecar.admin_token_file is not None


def _load_command(project: Project, store: StoreProcess | None) -> str | None:
    """The command that loads the project's tables into the embedded store again; None where there are none."""
    if store is None or project.features.items is None:
        return None
    config = "" if project.file == Path(FILE) else f" --config {shlex.quote(str(project.file))}"
    return f"pillion features load --store {store.url}{config}"


def _hints(shim: str, load: str | None, admin: str, token_file: Path, model: str) -> list[str]:
    """How what runs is asked, looked at, filled anew, operated and ended."""
    return [
        f"ask:      curl '{shim}/v1/recommendations/USER'",
        f"look:     pillion status --url {shim}",
        *([] if load is None else [f"reload:   {load}"]),
        f"operate:  export PILLION_SIDECAR_ADMIN={admin} PILLION_SIDECAR_ADMIN_TOKEN_FILE={token_file}",
        f"          pillion models rollback {shlex.quote(model)}   # or promote, load, unload",
        f"          PILLION_SHIM_ADMIN_TOKEN=$(cat {token_file}) pillion breaker sidecar open --url {shim}",
        "end:      Ctrl-C",
    ]


def _say(line: str) -> None:
    err.print(line, markup=False, soft_wrap=True)


def _leave(number: int, frame: FrameType | None) -> None:
    """Ends the command as Ctrl-C would, so that all that it started is stopped; while the shim runs, it does so."""
    sys.exit(_TERMINATED)


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the application."""
    app.command(epilog=_EXAMPLE)(up)
