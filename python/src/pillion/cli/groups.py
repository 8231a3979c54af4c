"""The groups of commands that more than one module adds to."""

import typer

from pillion.cli.app import app

models = typer.Typer(help="The model repository: its versions, and which of them serves.", no_args_is_help=True)
app.add_typer(models, name="models")
