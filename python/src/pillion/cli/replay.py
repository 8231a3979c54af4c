"""`pillion replay`: logged requests, computed again in Spark."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pillion.cli.spark import Cores, Master, Memory, spark
from pillion.cli.terminal import NO, ProgressBars, err

if TYPE_CHECKING:
    from pillion.replay import ReplayResult

_EXAMPLE = "[bold]Example:[/bold] pillion replay /var/lib/pillion/requests --models models --model late"
_TIMEOUT_S = 30.0


def replay(
    log: Annotated[Path, typer.Argument(help="The folder of a request log, or one of its files.")],
    model: Annotated[str | None, typer.Option(help="Requests of this model alone; all where left out.")] = None,
    models: Annotated[Path | None, typer.Option(help="The model repository.")] = None,
    store: Annotated[str | None, typer.Option(help="URL of the store; PILLION_STORE_URL where left out.")] = None,
    config: Annotated[Path | None, typer.Option(help="The project file; PILLION_CONFIG, or ./pillion.toml.")] = None,
    key_file: Annotated[
        Path | None, typer.Option(help="The log's key, to compare users' features; `key` in its folder if left out.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Requests, at most; evenly spread ones of more.")] = 1000,
    bundles: Annotated[
        Path | None, typer.Option(help="Where differences go, a file each; `differences` beside the log if left out.")
    ] = None,
    engine: Annotated[
        bool, typer.Option("--engine", help="Compute by the engine instead of Spark, which proves nothing.")
    ] = False,
    master: Master = None,
    memory: Memory = None,
    cores: Cores = None,
) -> None:
    """Computes logged requests again, in Spark by the pipeline that was published, and compares every bit.

    Each difference is put down to value, freshness, transform or model, with a file that reproduces it. Exit 1 where
    there is one, or where nothing could be computed again. Prints one JSON line, and leaves it for `pillion status`.
    """
    from pillion.config import SidecarSettings, StoreSettings, read_token
    from pillion.project import find_project
    from pillion.scoring import ModelRepository
    from pillion.watch import log_files, note_replay

    folder = log if log.is_dir() else log.parent
    log_files(log)  # what is no log is told before Spark starts
    sidecar = SidecarSettings()
    repository = ModelRepository(models or sidecar.models)
    project = find_project(config, repository.folder)
    key_file = key_file or (folder / "key" if (folder / "key").exists() else None)
    key = None if key_file is None else read_token(key_file, "the key of the request log").encode()
    settings = StoreSettings() if store is None else StoreSettings(url=store)
    with ExitStack() as stack:
        session, bars = None, ProgressBars()
        if engine:
            stack.enter_context(bars)
        else:
            session, bars = stack.enter_context(spark(master, memory, cores, (repository.folder,)))
        from pillion.features.redis import RedisStore
        from pillion.replay import replay_log
        from pillion.replay.feature_versions import FeatureVersions

        versions = stack.enter_context(FeatureVersions(RedisStore(settings), _TIMEOUT_S))
        result = replay_log(
            log, repository, versions, project.inputs, sidecar.jar,
            session=session, model=model, most=most, key=key, bundles=bundles or folder / "differences",
            progress=bars.count,
        )  # fmt: skip
    by = "engine" if engine or result.notes else "spark"
    _show(result, by)
    try:
        note_replay(folder, by, result.files)
    except OSError as error:
        err.print(f"note: the result can't be left for the service in {folder}: {error.strerror}", markup=False)
    print(json.dumps(_summary(result, by)))
    if result.differing or not result.found.checked:
        raise typer.Exit(NO)


def _show(result: "ReplayResult", by: str) -> None:
    found = result.found
    for note in result.notes:
        err.print(f"note: {note}", markup=False)
    for why, count in result.reasons.items():
        print(f"not computed again: {count:,} requests: {why}")
    for each in result.differences:
        print(f"{each.cause}: {each.request.file}, line {each.request.line}: {each.sentence}")
    for path in result.bundles:
        print(f"written: {path}")
    how = "Spark" if by == "spark" else "the engine, which is not Spark"
    print(
        f"{found.checked:,} of {result.logged:,} logged requests computed again by {how}: {result.differing:,} differ,"
        f" of {result.scores:,} scores"
    )
    if found.checked and not result.users:
        print("users' features were not compared with the store's: that takes the log's key, by --key-file")


def _summary(result: "ReplayResult", by: str) -> dict[str, Any]:
    found = result.found
    return {
        "logged": result.logged,
        "checked": found.checked,
        "unchecked": found.unchecked,
        "by": by,
        "scores": result.scores,
        "users_compared": result.users,
        "differing": result.differing,
        "causes": dict(found.differing),
        "bundles": [str(path) for path in result.bundles],
    }


def register(app: typer.Typer) -> None:
    """Adds the command of this module to the application."""
    app.command(epilog=_EXAMPLE)(replay)
