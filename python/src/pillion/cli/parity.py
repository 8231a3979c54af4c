"""`pillion parity`: every route against Spark, row by row and bit by bit."""

import json
import logging
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from pillion.cli.spark import Cores, Master, Memory, spark
from pillion.cli.terminal import NO, ProgressBars
from pillion.config import SidecarSettings
from pillion.errors import InvalidInput

if TYPE_CHECKING:
    from pillion.parity.moments import MomentSource

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
    demo_data: Annotated[
        Path | None, typer.Option(help="The demo's data, of which rows for the demo's models are drawn.")
    ] = None,
    host: Annotated[
        list[str] | None,
        typer.Option(help="A host to ask as well, NAME=COMMAND: a program with the shim's routes. Needs --demo-data."),
    ] = None,
    goldens: Annotated[Path | None, typer.Option(help="A folder of recorded cases, for the engines as well.")] = None,
    demand: Annotated[list[str] | None, typer.Option(help="An engine that must not decline a document.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Where the figures go.")] = None,
    difference: Annotated[
        Path, typer.Option(help="Where the first stage that differs goes, with its row, for a --pipeline.")
    ] = Path("difference.json"),
    quality: Annotated[
        Path | None, typer.Option(help="Quality measures for the report: a JSON object of numbers by their names.")
    ] = None,
    html_file: Annotated[Path | None, typer.Option("--html", help="Where the report goes, one file.")] = None,
    master: Master = None,
    memory: Memory = None,
    cores: Cores = None,
) -> None:
    """Scores the same rows on every route and in Spark, and compares all outputs in ULPs.

    Exit code 1 where a route that promises Spark's bits differs in one, or another in a decision, a rank, or by more
    than 1e-13 of a value.
    """
    from pillion.parity import Report
    from pillion.parity.html import require_libraries
    from pillion.parity.table import print_summary

    logging.getLogger("pillion.sidecar").setLevel(logging.WARNING)
    settings = SidecarSettings()
    measures = _read_quality(quality)
    if html_file is not None:
        require_libraries()
    left = None
    if pipeline is not None:
        if data is None:
            raise InvalidInput("--pipeline needs --data, and where that is a file --schema")
        if host:
            raise InvalidInput("--host belongs to --demo-data: a host takes features from a store")
        with spark(master, memory, cores, (pipeline, schema, data)) as (_, bars):
            from pillion.api.parity import run_routes

            found = run_routes(
                pipeline, data, schema=schema, rows=rows, jar=settings.jar, progress=bars.tell, count=bars.count
            )
        cases, results, about, left = [found.case], list(found.results), found.spark, found.difference
    else:
        if schema is not None or data is not None:
            raise InvalidInput("--schema and --data belong to --pipeline")
        from pillion.cli.parity_cases import Amounts, run_models

        if host and demo_data is None:
            raise InvalidInput("--host needs --demo-data: a host takes features from a store")
        amounts, hosts = Amounts(rows, exact_rows or rows), read_hosts(host or [])
        with ProgressBars() as bars:
            outcome = run_models(
                models or settings.models,
                model,
                amounts,
                _moments(demo_data),
                goldens,
                settings.jar,
                bars.tell,
                bars.count,
                hosts,
            )
        cases, results, about = outcome.cases, outcome.results, outcome.spark
    report = Report.of(cases, results, demanded=demand or (), spark=about, quality=measures)
    _write(json_file, json.dumps(report.summary, indent=1, ensure_ascii=False, allow_nan=False))
    if html_file is not None:
        report.save(html_file)
    print_summary(report.summary, Console())
    if left is not None:
        _write(difference, left.to_bytes().decode())
        print(f"{left}; {difference} reproduces it")
    if not report.passed:
        raise typer.Exit(NO)


def _moments(demo_data: Path | None) -> "MomentSource | None":
    if demo_data is None:
        return None
    from pillion.demo.moments import DemoMoments

    return DemoMoments(demo_data)


def read_hosts(given: list[str]) -> dict[str, list[str]]:
    """Reads `--host` options.

    Returns:
        Program and arguments by the names of their routes.

    Raises:
        InvalidInput: one is not NAME=COMMAND, or a name comes twice.
    """
    found = {}
    for text in given:
        name, _, command = (part.strip() for part in text.partition("="))
        words = shlex.split(command)
        if not name or not words or name in found:
            raise InvalidInput(f"--host '{text}' must be NAME=COMMAND, each name once: 'go host=build/hosts/go-host'")
        found[name] = words
    return found


def _read_quality(file: Path | None) -> dict[str, float | int | str]:
    """Measures by name, of a JSON object."""
    if file is None:
        return {}
    try:
        found = json.loads(file.read_bytes())
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise InvalidInput(f"{file} is not JSON: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(value, int | float | str) for value in found.values()):
        raise InvalidInput(f"{file} is not one JSON object of numbers by their names")
    return found


def _write(path: Path | None, text: str) -> None:
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}") from error


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the application."""
    app.command(epilog=_EXAMPLE)(parity)
