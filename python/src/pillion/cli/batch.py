"""`pillion batch`: every user's top items, computed ahead into the online store."""

import asyncio
import dataclasses
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pillion.cli.spark import Cores, Master, Memory, spark
from pillion.cli.terminal import ProgressBars

if TYPE_CHECKING:
    from pillion.batch.comparison import Chosen, Sample
    from pillion.batch.run import BatchRun

_EXAMPLE = "[bold]Example:[/bold] pillion batch --models models --model late -k 30 --online device=tv"
_PATIENT_MS = 20_000.0


def batch(
    model: Annotated[str | None, typer.Option(help="The model; that of pillion.toml, or the only one.")] = None,
    k: Annotated[int, typer.Option("-k", min=1, help="Items in an answer.")] = 30,
    candidates: Annotated[
        int | None, typer.Option(min=1, help="Items scored a user; those of a request if left out.")
    ] = None,
    online: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="A value that stands for the request's own.")
    ] = None,
    models: Annotated[Path | None, typer.Option(help="The model repository.")] = None,
    store: Annotated[str | None, typer.Option(help="URL of the store; PILLION_STORE_URL where left out.")] = None,
    config: Annotated[Path | None, typer.Option(help="The project file; PILLION_CONFIG, or ./pillion.toml.")] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Score also users who have not changed since.")] = False,
    als: Annotated[
        Path | None,
        typer.Option(help="A saved ALSModel of Spark's that chooses the candidates; those of a request if left out."),
    ] = None,
    master: Master = None,
    memory: Memory = None,
    cores: Cores = None,
    compare: Annotated[int, typer.Option(min=0, help="Users whose answers are compared with a request's.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Scores the users of the active feature version in Spark, and has the answers read where the model can't answer.

    Users of whom nothing has changed since the last run keep its answers. Exit 1 where one of a sample differs from
    what a request gets; the answers before stay in use then.
    """
    from pillion.batch.comparison import Chosen
    from pillion.batch.factors import SavedFactors
    from pillion.batch.job import run_batch
    from pillion.batch.run import BatchRequest, BatchRun
    from pillion.config import RecommendSettings, SidecarSettings, StoreSettings
    from pillion.features import OnlineInputs
    from pillion.project import find_project

    sidecar = SidecarSettings() if models is None else SidecarSettings(models=models)
    project = find_project(config, sidecar.models)
    recommend = RecommendSettings().with_project(project)
    settings = StoreSettings() if store is None else StoreSettings(url=store)
    inputs = OnlineInputs(project.online)
    moment = time.time()
    context = {name: _value(text, name, inputs) for name, text in _pairs(online or [])}
    count = candidates or recommend.candidate_count
    asked = BatchRequest(
        model or recommend.model, inputs.read(context, moment), recommend.segment_fields, count, k, anew, als
    )
    patient = recommend.model_copy(
        update={
            "deadline_ms": _PATIENT_MS, "admission_lag_ms": _PATIENT_MS, "candidate_count": count,
            "max_candidates": max(count, recommend.max_candidates), "fallback_check_share": 0.0, "snapshot_path": None,
        }
    )  # fmt: skip
    sample: Sample | None = None

    def check(run: BatchRun, factors: SavedFactors | None) -> None:
        nonlocal sample
        chosen = None if factors is None else Chosen(factors, count)
        bars.tell("asking for some of the users online")
        sample = _compare(
            project, patient, settings, sidecar, run, moment, bars, context=context, k=k, count=compare, chosen=chosen
        )
        sample.require_none()

    asyncio.run(_look(settings, sidecar.models, project, asked.model))
    with spark(master, memory, cores, [sidecar.models, sidecar.jar, als]) as (session, bars):
        run = run_batch(
            session, settings, sidecar.models.resolve(), project, sidecar.jar.resolve(), asked,
            check=check if compare else None, progress=bars.count,
        )  # fmt: skip
    if as_json:
        about = dataclasses.asdict(run) | ({} if sample is None else dataclasses.asdict(sample))
        print(json.dumps(about))
    else:
        _show(run, sample)


async def _look(settings: Any, models: Path, project: Any, model: str | None) -> None:
    """Reads model and store, so that what is absent is told before Spark is started."""
    from pillion.features import read_catalog
    from pillion.features.redis import open_store
    from pillion.recommend import Models
    from pillion.scoring import ModelRepository

    Models(ModelRepository(models), project, model).load()
    async with open_store(settings) as store:
        await read_catalog(store, settings.load_timeout_s)


def _compare(
    project: Any, recommend: Any, store: Any, sidecar: Any, run: "BatchRun", moment: float, bars: ProgressBars,
    *, context: Mapping[str, Any], k: int, count: int, chosen: "Chosen | None",
) -> "Sample":  # fmt: skip
    """Starts a sidecar, and asks the data plane over it."""
    from pillion.batch.comparison import compare_sample
    from pillion.cli.stack import Stack, hush_sidecar
    from pillion.features import Contents, FeatureTable
    from pillion.features.redis import RedisStore, open_store
    from pillion.recommend import Recommender
    from pillion.scoring import ModelRepository, open_scorer

    nothing = Contents(FeatureTable([], {}), FeatureTable([], {}), {})
    patient = store.model_copy(update={"attempt_timeout_ms": _PATIENT_MS, "slow_ms": _PATIENT_MS})

    async def ask(address: str) -> "Sample":
        calm = sidecar.model_copy(
            update={"address": address, "attempt_timeout_ms": _PATIENT_MS, "slow_ms": _PATIENT_MS}
        )
        recommender = Recommender(
            RedisStore(patient), open_scorer(calm), ModelRepository(sidecar.models), recommend, patient, calm,
            project=project.asking_models(), now=lambda: moment,
        )  # fmt: skip
        try:
            await recommender.start()
            async with open_store(patient) as answers:
                return await compare_sample(
                    recommender, answers, run, context, k, count, store.load_timeout_s, bars.count, chosen
                )
        finally:
            await recommender.close()

    hush_sidecar()
    with Stack(store, sidecar, lambda: nothing, bars.tell) as stack:
        return asyncio.run(ask(stack.sidecar_address))


def _pairs(given: list[str]) -> list[tuple[str, str]]:
    pairs = [text.partition("=") for text in given]
    wrong = [name for name, equals, _ in pairs if not equals]
    if wrong:
        raise typer.BadParameter(f"--online {wrong[0]} is not of the form NAME=VALUE")
    return [(name, value) for name, _, value in pairs]


def _value(text: str, name: str, inputs: Any) -> Any:
    """A text as the declared type has it; what it is checked by comes later."""
    declared = inputs.fields.get(name)
    if declared is None or declared.type in ("string", "date"):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _show(run: "BatchRun", sample: "Sample | None") -> None:
    print(
        f"run {run.run} of feature version {run.feature_version}: {run.users:,} users have an answer by"
        f" '{run.model}' {run.model_version}, of {run.pairs:,} pairs scored"
    )
    executors = "1 executor" if run.executors == 1 else f"{run.executors} executors"
    print(f"in {run.seconds:.1f} s, {run.pairs / run.seconds:,.0f} pairs a second by {executors} of Spark")
    if run.carried:
        print(f"carried over from the last run: the answers of {run.carried:,} users of whom nothing has changed")
    if run.without:
        print(f"without an answer: {run.without:,} users, who have seen all candidates or whose rows have no score")
    if sample is not None:
        print(f"{sample.compared - len(sample.differing)} of {sample.compared} answers are what a request gets")
    print(f"the plan is {run.sentence}")


def register(app: typer.Typer) -> None:
    """Adds the command of this module to the application."""
    app.command(epilog=_EXAMPLE)(batch)
