"""The demo's own commands: `pillion demo` and `pillion train demo`."""

import typer

from pillion.cli.demo.train import demo as train_demo
from pillion.cli.demo.walk import demo

_TRAIN = "[bold]Example:[/bold] pillion train demo --models build/demo/models --contents build/demo/contents.npz"


def register(app: typer.Typer) -> None:
    """Adds the commands of this package to the application."""
    app.command(epilog="[bold]Example:[/bold] pillion demo --fast")(demo)
    train = typer.Typer(help="Trains in Spark and publishes to a model repository.", no_args_is_help=True)
    app.add_typer(train, name="train")
    train.command(name="demo", epilog=_TRAIN)(train_demo)
