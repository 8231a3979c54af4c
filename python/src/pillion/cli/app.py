"""The application that the commands register with, and what errors become: one sentence and an exit code."""

import sys
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from pillion import __version__
from pillion.config import LogSettings, explain_settings
from pillion.errors import DependencyError, NotReproduced, PillionError
from pillion.logs import configure_logs

OK, NO, ASKED_WRONGLY = 0, 1, 2
"""Exit codes: it ran; it ran and the answer is no; it was asked wrongly."""

err = Console(stderr=True, highlight=False)
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


def main() -> None:
    """Runs the command line; the entry point of the console script `pillion`."""
    from pillion.cli.commands import app as full

    try:
        full()
    except PillionError as error:
        # A plain print: the sentence may hold brackets that rich would take for markup.
        print(f"error: {error}", file=sys.stderr)
        sys.exit(NO if isinstance(error, DependencyError | NotReproduced) else ASKED_WRONGLY)
    except ValidationError as error:
        if (sentence := explain_settings(error)) is None:
            raise
        print(f"error: {sentence}", file=sys.stderr)
        sys.exit(ASKED_WRONGLY)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(NO)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
