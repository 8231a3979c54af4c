"""`pillion train demo`: the demo's models, trained in Spark, judged and published."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from pillion.cli.spark import spark
from pillion.cli.terminal import err
from pillion.config import SidecarSettings


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

    with spark() as (session, bars):
        trained = train_demo(
            session, data, models, SidecarSettings().jar, archive=contents, seed=seed, judge=judge, progress=bars.tell
        )
    if trained.evaluation is not None and as_json:
        print(json.dumps(trained.evaluation.as_dict()))
    elif trained.evaluation is not None:
        print_quality(trained.evaluation, Console())
    for folder in trained.folders:
        manifest = json.loads((folder / "manifest.json").read_bytes())
        err.print(f"published {folder}, cleared for the engine '{manifest['engine']}'", markup=False)


def print_quality(evaluation: Any, console: Console) -> None:
    """Prints how good the demo's models are, beside popularity and ALS alone."""
    table = Table(
        title=f"{evaluation.films:,} films ranked for {evaluation.users} users on the last 20 % of their ratings",
        title_justify="left",
        box=box.SIMPLE,
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
