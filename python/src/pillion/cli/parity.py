"""`pillion parity`: every route against Spark, row by row and bit by bit."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from pillion.cli.terminal import NO, err
from pillion.config import SidecarSettings
from pillion.errors import InvalidInput

if TYPE_CHECKING:
    from pillion.cli.parity_cases import Outcome, Progress

_EXAMPLE = (
    "[bold]Examples:[/bold] pillion parity --models pmml-models --html build/parity.html\n\n"
    "pillion parity --pipeline saved/model --schema schema.json --data rows.csv"
)


def parity(
    models: Annotated[Path | None, typer.Option(help="The model repository.")] = None,
    model: Annotated[str | None, typer.Option(help="One model of it; all where left out.")] = None,
    rows: Annotated[int, typer.Option(min=1, help="Real rows that each route is asked about.")] = 10_000,
    exact_rows: Annotated[
        int | None, typer.Option(min=1, help="Real rows for engines that promise Spark's bits; as --rows.")
    ] = None,
    pipeline: Annotated[Path | None, typer.Option(help="A saved Spark PipelineModel instead.")] = None,
    schema: Annotated[Path | None, typer.Option(help="Its raw columns: StructType.json().")] = None,
    data: Annotated[Path | None, typer.Option(help="Its rows: .csv, .jsonl or .parquet.")] = None,
    demo_data: Annotated[Path, typer.Option(help="MovieLens and the store's contents, for the demo's models.")] = Path(
        "data/movielens"
    ),
    goldens: Annotated[Path | None, typer.Option(help="A folder of recorded cases, for the engines as well.")] = None,
    demand: Annotated[list[str] | None, typer.Option(help="An engine that must not decline a document.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Where the figures go.")] = None,
    difference: Annotated[
        Path, typer.Option(help="Where the first stage that differs goes, with its row, for a --pipeline.")
    ] = Path("difference.json"),
    html_file: Annotated[Path | None, typer.Option("--html", help="Where the report goes, one file.")] = None,
) -> None:
    """Scores the same rows on every route and in Spark, and compares all outputs in ULPs.

    Exit code 1 where a route that promises Spark's bits differs in one, or another in a decision, a rank, or by more
    than 1e-13 of a value.
    """
    from pillion.cli import parity_cases
    from pillion.parity.page import make_page
    from pillion.parity.report import print_report
    from pillion.parity.run import failures
    from pillion.parity.summary import summarise

    logging.getLogger("pillion.sidecar").setLevel(logging.WARNING)
    settings = SidecarSettings()
    with _progress() as tell:
        if pipeline is not None:
            if schema is None or data is None:
                raise InvalidInput("--pipeline needs --schema and --data")
            outcome = parity_cases.run_pipeline(pipeline, schema, data, rows, settings.jar, tell)
        else:
            if schema is not None or data is not None:
                raise InvalidInput("--schema and --data belong to --pipeline")
            amounts = parity_cases.Amounts(rows, exact_rows or rows)
            outcome = parity_cases.run_models(
                models or settings.models, model, amounts, demo_data, goldens, settings.jar, tell
            )
    failed = failures(outcome.results, demand or ())
    about = {"created": datetime.now(UTC).isoformat(timespec="seconds"), "spark": outcome.spark}
    summary = summarise(outcome.cases, outcome.results, failed, about)
    _write(json_file, json.dumps(summary, indent=1, ensure_ascii=False, allow_nan=False))
    _write(html_file, make_page(summary))
    console = Console(width=None if sys.stdout.isatty() else 200)
    print_report(summary, console)
    if outcome.difference is not None:
        _write(difference, outcome.difference.to_bytes().decode())
        print(f"{outcome.difference}; {difference} reproduces it")
    print(_sentence(outcome, failed))
    if failed:
        raise typer.Exit(NO)


def _sentence(outcome: "Outcome", failed: list[str]) -> str:
    ran = [result for result in outcome.results if result.ran]
    rows = sum(result.comparison.rows for result in ran if result.comparison is not None)
    promised = [result for result in ran if result.arithmetic == "spark"]
    exact = sum(result.comparison.rows for result in promised if result.comparison is not None)
    whole = f"{rows:,} rows over {len(ran)} routes and models, {exact:,} of them where Spark's bits are promised"
    return f"parity failed: {len(failed)} findings; {whole}" if failed else f"parity passed: {whole}"


def _write(path: Path | None, text: str) -> None:
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}") from error


@contextmanager
def _progress() -> "Iterator[Progress]":
    """What is being done, on one line of a terminal, or a line each where there is none."""
    if err.is_terminal:
        with err.status("starting") as status:
            yield status.update
    else:
        yield lambda text: err.print(text, markup=False)


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the application."""
    app.command(epilog=_EXAMPLE)(parity)
