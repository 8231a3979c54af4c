"""`pillion train demo` and `pillion export`: from Spark to a model repository, or to a folder."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from pillion.cli.terminal import err
from pillion.config import SidecarSettings
from pillion.errors import ConfigurationError

train = typer.Typer(help="Trains in Spark and publishes to a model repository.", no_args_is_help=True)
_DEMO = "[bold]Example:[/bold] pillion train demo --models build/demo/models --contents build/demo/contents.npz"
_EXPORT = (
    "[bold]Example:[/bold] pillion export --pipeline my-pipeline --schema schema.json --data rows.csv --output my-model"
)


def demo(
    models: Annotated[Path, typer.Option(help="The model repository to publish to.")] = Path("build/demo/models"),
    data: Annotated[Path, typer.Option(help="The folder with the MovieLens tables.")] = Path("data/movielens"),
    contents: Annotated[Path, typer.Option(help="Where what the online store needs goes.")] = Path(
        "build/demo/contents.npz"
    ),
    seed: Annotated[int, typer.Option(help="Of everything that is random.")] = 7,
    judge: Annotated[bool, typer.Option(help="Judge the models on held-out ratings.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the quality as JSON.")] = False,
) -> None:
    """Trains the demo's two models on MovieLens, judges and publishes them."""
    from pillion.demo.training import train as train_demo

    with spark() as (session, progress):
        trained = train_demo(
            session, data, models, SidecarSettings().jar, archive=contents, seed=seed, judge=judge, progress=progress
        )
    if trained.evaluation is not None and as_json:
        print(json.dumps(trained.evaluation.as_dict()))
    elif trained.evaluation is not None:
        print_quality(trained.evaluation, Console())
    for folder in trained.folders:
        manifest = json.loads((folder / "manifest.json").read_bytes())
        err.print(f"published {folder}, cleared for the engine '{manifest['engine']}'", markup=False)


def export(
    pipeline: Annotated[Path, typer.Option(help="A saved, fitted PipelineModel.")],
    schema: Annotated[Path, typer.Option(help="Spark's StructType as JSON: the raw columns.")],
    data: Annotated[Path, typer.Option(help="Real rows: .csv, .jsonl or .parquet.")],
    output: Annotated[Path, typer.Option(help="The folder to write; it must be empty or not be there.")],
    null: Annotated[
        list[str] | None, typer.Option(help="What a CSV cell says where it is missing; may be given again.")
    ] = None,
    require_pmml: Annotated[
        bool, typer.Option("--require-pmml", help="Refuse a pipeline that PMML has no model for.")
    ] = False,
) -> None:
    """Exports any saved Spark pipeline to PMML, with a manifest and a verification set of Spark's own outputs.

    A folder that is called a number, as REPOSITORY/MODEL/1, is that version of the model. Prints one JSON line.
    Where no engine gives what Spark gives, the document is written all the same, but is not cleared for serving, and a
    warning says why.
    """
    from pillion.export.publish import Origin, prepare, write
    from pillion.export.saved_pipeline import SavedPipeline, read_rows
    from pillion.scoring.repository import version_number
    from pillion.tabular import names_of

    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise ConfigurationError(f"{output} is there already, and not empty")
    number = version_number(output.resolve().name)
    name = output.resolve().name if number is None else output.resolve().parent.name
    saved = SavedPipeline(pipeline, schema, names_of(data))
    rows = read_rows(data, saved.schema, null)
    with spark() as (session, progress):
        origin = Origin(saved.load(), saved.declared, rows, f"rows of {data.name}")
        version = prepare(
            session, origin, jar=SidecarSettings().jar, name=name, require_pmml=require_pmml, progress=progress
        )
    if output.is_dir():
        output.rmdir()
    if not write(output, name, number or 1, version):
        raise ConfigurationError(f"{output} is there already")
    if version.cleared is None:
        err.print(f"warning: {output} is not cleared for serving: {version.problem}", markup=False)
    if version.manifest["pmml"] == "plan only":
        reason = version.manifest["pmml_reason"]
        err.print(f"note: {output} has no model for other consumers of PMML: {reason}", markup=False)
    verified = version.manifest["verification"]["rows"]
    told = {"model": str(output), "engine": version.cleared, "rows": verified, "pmml": version.manifest["pmml"]}
    print(json.dumps(told))


@contextmanager
def spark() -> Iterator[tuple[Any, Callable[[str], None]]]:
    """A Spark session with a line on screen that says what is being done; stopped at the end."""
    from pillion.export.session import create_session
    from pillion.scoring.java import find_java

    find_java()
    with err.status("starting Spark") as status:

        def progress(text: str) -> None:
            status.update(text)
            if not err.is_terminal:
                err.print(text, markup=False)

        session = create_session()
        try:
            yield session, progress
        finally:
            session.stop()


def print_quality(evaluation: Any, console: Console) -> None:
    """Prints how good the demo's models are, beside popularity and ALS alone."""
    table = Table(
        title=f"{evaluation.films:,} films ranked for {evaluation.users} users on the last 20 % of their ratings",
        title_justify="left",
    )
    table.add_column("ranked by")
    for name in ("NDCG@10", "× popularity", "Recall@10", "coverage"):
        table.add_column(name, justify="right")
    base = evaluation.ranking["popularity"].ndcg
    for name, quality in evaluation.ranking.items():
        cells = f"{quality.ndcg:.4f}", f"{quality.ndcg / base:.2f}", f"{quality.recall:.4f}", f"{quality.coverage:.3f}"
        table.add_row(name, *cells)
    console.print(table)
    calibration = evaluation.calibration
    console.print(
        f"ranker on {calibration.events:,} held-out events: AUC {calibration.auc:.3f}, ECE {calibration.ece:.3f};"
        f" among rated films alone AUC {calibration.rated_auc:.3f}"
    )
    first, ten = evaluation.titles
    console.print(f"titles30: the liked film is first of 30 in {first:.1%} of cases, in the first ten in {ten:.1%}")
    strengths = ", ".join(f"{kind} {strength:,.0f}" for kind, strength in evaluation.strengths.items())
    console.print(f"segment popularity is shrunk towards everybody's, worth this many likes: {strengths}")
    console.print("hour and weekday are real; device, country and referrer come from a generator")
    for line in evaluation.missed():
        console.print(f"target missed: {line}", style="red")


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the application."""
    app.add_typer(train, name="train")
    train.command(epilog=_DEMO)(demo)
    app.command(epilog=_EXPORT)(export)
