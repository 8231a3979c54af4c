"""`pillion gen go|java`: a model's rows and predictions as types."""

from pathlib import Path
from typing import Annotated

import typer

Model = Annotated[Path, typer.Option(help="The folder of a version, or of a model for its newest version.")]


def go(
    model: Model,
    output: Annotated[Path, typer.Option(help="The folder of the package; it is made where it is absent.")],
    package: Annotated[
        str | None, typer.Option(help="The package; the model's name in lower case if left out.")
    ] = None,
) -> None:
    """Writes a Go package with a model's rows and predictions as types: a wrong name of a feature does not compile.

    An input with a vocabulary of at most 64 texts becomes an enumeration. A text that is not in it is an error or a
    missing value, as the code that reads it says, and is counted. The package needs the module of hosts/go alone.
    """
    from pillion.codegen import generate_go, read_contract

    _write(output, generate_go(read_contract(model), package))


def java(
    model: Model,
    output: Annotated[Path, typer.Option(help="The folder of sources, in which the package's folder is made.")],
    package: Annotated[str, typer.Option(help="The package, such as org.example.models.")],
) -> None:
    """Writes a Java class with a model's rows and predictions as types: a wrong name of a feature does not compile.

    An input with a vocabulary of at most 64 texts becomes an enumeration. A text that is not in it is an error or a
    missing value, as the code that reads it says, and is counted. The class needs the artifact pillion-ranker alone.
    """
    from pillion.codegen import generate_java, read_contract

    _write(output, generate_java(read_contract(model), package))


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        print(path)


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the application."""
    group = typer.Typer(help="Types of a model's rows and predictions for Go and Java.", no_args_is_help=True)
    app.add_typer(group, name="gen")
    example = "[bold]Example:[/bold] pillion gen {}"
    group.command(epilog=example.format("go --model pmml-models/ranker --output internal/ranker"))(go)
    where = "--output src/main/java --package org.example.models"
    group.command(epilog=example.format(f"java --model pmml-models/ranker/1 {where}"))(java)
