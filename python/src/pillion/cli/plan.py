"""`pillion plan`: whether answers are better computed ahead or for each request, and what either takes."""

import asyncio
import dataclasses
import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from pillion.cli.spark import Master, spark
from pillion.cli.terminal import ProgressBars

if TYPE_CHECKING:
    from pillion.batch import Plan, Workload
    from pillion.batch.spark_rates import SparkRates

_EXAMPLES = (
    "[bold]Examples:[/bold] pillion plan --users 100e6 --items 30\n\n"
    "pillion plan --users 2e6 --items 50000 --candidates 500 --measure --model ranker --plot plan.html"
)
_TRIP_S = 30.0
_MEASURED_USERS = 100_000
_MEASURED_S = 3.0


def _whole(text: str) -> int:
    """A whole number, also as 100e6."""
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if number != int(number) if number == number and abs(number) != float("inf") else True:
        raise typer.BadParameter(f"{text!r} is not a whole number, such as 1000000 or 1e6")
    return int(number)


def plan(
    users: Annotated[int, typer.Option(parser=_whole, metavar="NUMBER", help="How many users; 100e6 is fine.")],
    items: Annotated[int, typer.Option(parser=_whole, metavar="NUMBER", help="How many can be recommended.")],
    top: Annotated[int, typer.Option("--top", "-k", parser=_whole, metavar="NUMBER", help="Items in an answer.")] = 30,
    candidates: Annotated[
        int | None,
        typer.Option(parser=_whole, metavar="NUMBER", help="Items that batch scores a user; all if left out."),
    ] = None,
    online_candidates: Annotated[int, typer.Option(help="Items that a request scores.")] = 200,
    online_features: Annotated[
        bool, typer.Option("--online-features", help="A feature that is known at request time alone matters.")
    ] = False,
    refresh_hours: Annotated[float, typer.Option(help="From one refresh to the next.")] = 24.0,
    max_age_hours: Annotated[float, typer.Option(help="How old an answer may be.")] = 48.0,
    requests_per_second: Annotated[float, typer.Option(help="At the peak.")] = 1000.0,
    memory_gib: Annotated[float, typer.Option(help="That the store may have, replicas included.")] = 256.0,
    replicas: Annotated[int, typer.Option(help="Of each shard.")] = 1,
    cores: Annotated[int, typer.Option(help="That score.")] = 16,
    pairs_per_second: Annotated[float | None, typer.Option(help="That a core scores; see --measure.")] = None,
    writes_per_second: Annotated[float | None, typer.Option(help="Users written; see --measure.")] = None,
    feature_bytes: Annotated[int, typer.Option(help="Of a user's record.")] = 200,
    id_bytes: Annotated[int | None, typer.Option(help="Of a user's id, where it is text.")] = None,
    server: Annotated[str, typer.Option(help="valkey or redis.")] = "valkey",
    gib_month: Annotated[float, typer.Option(help="Price of a GiB of the store for a month, an assumption.")] = 5.0,
    core_hour: Annotated[float, typer.Option(help="Price of a core for an hour, an assumption.")] = 0.04,
    currency: Annotated[str, typer.Option(help="Of both prices.")] = "USD",
    measure: Annotated[bool, typer.Option("--measure", help="Measure bytes, writes and pairs here first.")] = False,
    store: Annotated[
        str | None, typer.Option(help="With --measure: the store that is measured; an embedded one if left out.")
    ] = None,
    models: Annotated[Path | None, typer.Option(help="With --measure: the model repository.")] = None,
    master: Master = None,
    model: Annotated[str | None, typer.Option(help="With --measure: the model that is timed.")] = None,
    plot: Annotated[Path | None, typer.Option(help="An HTML file with memory, cost and the frontier.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Says whether to compute answers ahead or for each request, and which constraint decides."""
    from pillion.batch import Workload
    from pillion.batch import plan as make

    workload = Workload(
        users=users, items=items, top=top, candidates=candidates, online_candidates=online_candidates,
        online_features=online_features, replicas=replicas, refresh_h=refresh_hours, max_age_h=max_age_hours,
        requests_s=requests_per_second, memory_gib=memory_gib, cores=cores, feature_bytes=feature_bytes,
        id_bytes=id_bytes, server=server, gib_month=gib_month, core_hour=core_hour, currency=currency,
    )  # fmt: skip
    given: dict[str, Any] = {"pairs_s": pairs_per_second, "writes_s": writes_per_second}
    workload = dataclasses.replace(workload, **{name: value for name, value in given.items() if value is not None})
    rates: SparkRates | None = None
    if measure:
        found = _measure_store(workload, store)
        if model is not None:
            rates = _measure_spark(models, model, master)
            found["pairs_s"] = rates.engine_s / rates.cores
        said = {name: value for name, value in found.items() if given.get(name) is None}
        workload = dataclasses.replace(workload, **said)
    made = make(workload)
    if as_json:
        print(json.dumps(_json(made) | ({} if rates is None else {"spark": dataclasses.asdict(rates)})))
    else:
        _show(made)
        if rates is not None:
            _show_rates(rates)
    if plot is not None:
        from pillion.batch.page import make_page

        plot.write_text(make_page(made), encoding="utf-8")


def _measure_store(workload: "Workload", url: str | None) -> dict[str, Any]:
    """What a store here takes and does, by field of the workload."""
    from pillion.batch.measure import measure_store
    from pillion.config import StoreSettings
    from pillion.features.redis import open_store
    from pillion.features.store_process import StoreProcess

    async def measure(url: str) -> tuple[float, float]:
        async with open_store(StoreSettings(url=url)) as store:
            users = min(_MEASURED_USERS, workload.users)
            return await measure_store(store, users, workload.items, workload.kept, _TRIP_S, bars.count)

    with ProgressBars() as bars, ExitStack() as started:
        url = url if url is not None else started.enter_context(StoreProcess()).url
        answer_bytes, writes_s = asyncio.run(measure(url))
    return {"answer_bytes": answer_bytes, "writes_s": writes_s}


def _measure_spark(models: Path | None, model: str, master: str | None) -> "SparkRates":
    from pillion.batch.spark_rates import measure_in_spark
    from pillion.config import SidecarSettings
    from pillion.scoring import ModelRepository

    version = ModelRepository(models or SidecarSettings().models).read(model).path.parent
    with spark(master) as (session, bars):
        return measure_in_spark(session, version.resolve(), SidecarSettings().jar.resolve(), _MEASURED_S, bars.count)


def _show(made: "Plan") -> None:
    console = Console(highlight=False)
    console.print(made.sentence, markup=False)
    table = Table(box=None, pad_edge=False)
    for name, justify in (("figure", "left"), ("", "right"), ("how", "left")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for figure in made.figures:
        table.add_row(figure.name, figure.amount, figure.how)
    console.print(table)
    table = Table(box=None, pad_edge=False)
    for name in ("constraint", "needed", "there is", "share"):
        table.add_column(name, justify="left" if name == "constraint" else "right")
    for each in made.constraints:
        share = "–" if each.share == float("inf") else f"{each.share:.0%}"
        cells = (each.needed_amount, each.limit_amount, share)
        table.add_row(each.name if each.holds else f"[red]{each.name}[/]", *cells)
    console.print(table)


def _show_rates(rates: "SparkRates") -> None:
    pipeline = "no pipeline is kept with the version"
    if rates.pipeline_s is not None:
        pipeline = f"{rates.pipeline_s:,.0f} by the pipeline"
    print(
        f"pairs a second in Spark on {rates.cores} cores: {rates.engine_s:,.0f} by the engine, {pipeline}; the"
        f" published bits in {rates.rows:,} rows"
    )


def _json(made: "Plan") -> dict[str, Any]:
    return {
        "verdict": made.verdict,
        "binding": made.binding.name,
        "sentence": made.sentence,
        "workload": dataclasses.asdict(made.workload),
        "figures": {each.name: {"value": each.value, "unit": each.unit, "how": each.how} for each in made.figures},
        "constraints": [
            {"name": each.name, "needed": each.needed, "limit": each.limit, "unit": each.unit, "holds": each.holds}
            for each in made.constraints
        ],
    }


def register(app: typer.Typer) -> None:
    """Adds the command of this module to the application."""
    app.command(epilog=_EXAMPLES)(plan)
