"""`pillion lab`: one model in every language, place and on every processor there is, measured and shown."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from pillion.cli.terminal import ProgressBars
from pillion.config import SidecarSettings

_EXAMPLES = (
    "[bold]Examples:[/bold] pillion lab --model pmml-models/ranker --out build/lab.html\n\n"
    "pillion lab --model models/late --quick"
)


def lab(
    model: Annotated[
        list[Path],
        typer.Option(help="A published version, or a model of a repository, whose newest is taken; repeatable."),
    ],
    out: Annotated[Path, typer.Option(help="The page; results are kept beside it as .json and .md.")] = Path(
        "lab.html"
    ),
    question: Annotated[list[str] | None, typer.Option(help="One question alone; repeatable.")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer and shorter samples: to look at, not to quote.")
    ] = False,
    device: Annotated[
        str | None, typer.Option(help="One of PyTorch's, such as cuda, measured beside the processor.")
    ] = None,
    merge: Annotated[
        list[Path] | None, typer.Option(help="Results of another machine, of the same models; repeatable.")
    ] = None,
) -> None:
    """Measures which language, which place and which hardware scores a model how fast, outputs checked first.

    A run that was killed goes on where it was; remove the .json to measure anew.
    """
    from pillion.api.model import find_document
    from pillion.lab.lab_model import read_lab_model
    from pillion.lab.markdown import make_markdown
    from pillion.lab.page import make_page
    from pillion.lab.results import Results
    from pillion.lab.run import run_lab
    from pillion.parity.html import require_libraries

    require_libraries()
    logging.getLogger("pillion.sidecar").setLevel(logging.WARNING)
    jar = SidecarSettings().jar
    models = [read_lab_model(find_document(each), jar) for each in model]
    file = out.with_suffix(".json")
    with ProgressBars() as bars:
        results = run_lab(
            models,
            file,
            jar,
            questions=question,
            quick=quick,
            device=device,
            progress=bars.tell,
            count=bars.count,
        )
    for each in merge or ():
        results.merge(Results.load(each))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(make_page(results), encoding="utf-8")
    out.with_suffix(".md").write_text(make_markdown(results), encoding="utf-8")
    print(f"{out}, {out.with_suffix('.md')}, {file}")


def register(app: typer.Typer) -> None:
    """Adds the command of this module to the application."""
    app.command(epilog=_EXAMPLES)(lab)
