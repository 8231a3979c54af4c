"""The generated references, `docs/cli.md`, `docs/openapi.json` and `docs/python-api.md`; `make docs` writes them."""

import sys
from importlib.resources import files
from pathlib import Path

import orjson
import typer.cli
import typer.main

from pillion.cli.app import app
from pillion.cli.serve import make_recommender
from pillion.config import RecommendSettings, SidecarSettings, StoreSettings
from pillion.project import FILE, read_project


def references() -> dict[str, str]:
    """Returns the text of each reference that needs no Spark, by its file name."""
    from pillion.shim import create_app

    command = typer.main.get_command(app)
    text = typer.cli.get_docs_for_click(obj=command, ctx=typer.Context(command), name="pillion")
    text = text.replace("[bold]", "**").replace("[/bold]", "**")
    project = read_project(Path(str(files("pillion.demo").joinpath(FILE))))
    shim = create_app(make_recommender(project, RecommendSettings(), StoreSettings(), SidecarSettings()))
    described = orjson.dumps(shim.openapi(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode()
    return {"cli.md": f"{text.strip()}\n", "openapi.json": f"{described}\n"}


if __name__ == "__main__":
    from pillion.api.reference import describe_api

    folder = Path(sys.argv[1])
    for name, content in {**references(), "python-api.md": describe_api()}.items():
        (folder / name).write_text(content, encoding="utf-8")
