"""The application with all its commands, and what errors become: one sentence and an exit code."""

import sys
from typing import Annotated

import typer
from pydantic import ValidationError

from pillion import __version__
from pillion.cli import (
    admin,
    batch,
    check,
    demo,
    export,
    features,
    gen,
    init,
    lab,
    models,
    parity,
    plan,
    prepare,
    publish,
    replay,
    score,
    serve,
    sidecar,
    status,
    up,
)
from pillion.cli.terminal import NO, OK, USAGE_ERROR
from pillion.config import LogSettings, explain_settings
from pillion.errors import DependencyError, NotReproduced, PillionError
from pillion.extras import name_extra
from pillion.logs import configure_logs

app = typer.Typer(
    name="pillion",
    help="Serves Spark ML pipelines beside a Go or Java service, with the bits that Spark computed.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"pillion {__version__}")
        raise typer.Exit(OK)


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    configure_logs(LogSettings())


def _register() -> None:
    group = typer.Typer(help="The model repository: its versions, and which of them serves.", no_args_is_help=True)
    app.add_typer(group, name="models")
    for family in (models, admin):
        family.register(group)
    for each in (
        batch,
        check,
        demo,
        export,
        features,
        gen,
        init,
        lab,
        parity,
        plan,
        prepare,
        publish,
        replay,
        score,
        serve,
        sidecar,
        status,
        up,
    ):
        each.register(app)


_register()


def main() -> None:
    """Runs the command line; the entry point of the console script `pillion`."""
    try:
        app()
    except PillionError as error:
        # A plain print: the sentence may hold brackets that rich would take for markup.
        print(f"error: {error}", file=sys.stderr)
        sys.exit(NO if isinstance(error, DependencyError | NotReproduced) else USAGE_ERROR)
    except ValidationError as error:
        if (sentence := explain_settings(error)) is None:
            raise
        print(f"error: {sentence}", file=sys.stderr)
        sys.exit(USAGE_ERROR)
    except ModuleNotFoundError as absent:
        if (needed := name_extra(absent, "this command")) is None:
            raise
        print(f"error: {needed}", file=sys.stderr)
        sys.exit(USAGE_ERROR)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(NO)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
