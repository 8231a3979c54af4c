"""`pillion features`: tables into the online store, and whether it has what the models want."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pillion.cli.spark import Cores, Master, Memory, spark
from pillion.cli.terminal import NO, ProgressBars
from pillion.features.drift import WORDS

if TYPE_CHECKING:
    from pillion.features import Catalog, FeatureComparison, Loaded, SampledUser

_LOAD = "[bold]Example:[/bold] pillion features load --users u.parquet --items i.parquet --events e.parquet"
_CHECK = "[bold]Example:[/bold] pillion features check --models models"
_SEEN = "[bold]Example:[/bold] pillion features seen 4 318 50"
_TIMEOUT_S = 30.0
_SHOWN = 12
Config = Annotated[Path | None, typer.Option(help="The project file; PILLION_CONFIG, or ./pillion.toml.")]
StoreUrl = Annotated[str | None, typer.Option("--store", help="URL of the store; PILLION_STORE_URL where left out.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_TABLE = "{}: .csv, .jsonl, .parquet or a folder of Parquet files; that of the project file where left out."


def load(
    users: Annotated[Path | None, typer.Option(help=_TABLE.format("The users"))] = None,
    items: Annotated[Path | None, typer.Option(help=_TABLE.format("The items"))] = None,
    events: Annotated[Path | None, typer.Option(help=_TABLE.format("Who took what"))] = None,
    store: StoreUrl = None,
    config: Config = None,
    by_spark: Annotated[bool, typer.Option("--spark", help="Read and write users by Spark, from Parquet.")] = False,
    rate: Annotated[float | None, typer.Option(min=1, help="Users that Spark writes a second, at most.")] = None,
    master: Master = None,
    memory: Memory = None,
    cores: Cores = None,
    as_json: Json = False,
) -> None:
    """Loads features, titles, seen items and popularity lists into the online store, as its active version.

    With --spark its executors write users; a load of the same tables that was cut short goes on.
    """
    from pillion.features import load as load_tables
    from pillion.project import find_project

    project = find_project(config)
    with ExitStack() as stack:
        session, bars = None, None
        if by_spark:
            session, bars = stack.enter_context(spark(master, memory, cores, (users, items, events), scores=False))
        bars = bars or stack.enter_context(ProgressBars())
        loaded = load_tables(
            users=users, items=items, events=events, project=project, store=store, session=session, rate=rate,
            progress=bars.count,
        )  # fmt: skip
    if as_json:
        print(json.dumps(asdict(loaded)))
        return
    _show(loaded)


def check(
    models: Annotated[Path | None, typer.Option(help="The model repository.")] = None,
    store: StoreUrl = None,
    config: Config = None,
    allow_drift: Annotated[
        bool, typer.Option("--allow-drift", help="Exit 0 where nothing but the values differs from the baseline.")
    ] = False,
    users: Annotated[int, typer.Option(min=0, help="Users that are looked at, about.")] = 20_000,
    as_json: Json = False,
) -> None:
    """Holds the store against the models: what they want and it lacks, and how far its values are from the baseline.

    Exit 1 where a model cannot be served, gets values that it does not know, or gets a feature that has moved far.
    """
    from pillion.config import RecommendSettings, SidecarSettings, StoreSettings
    from pillion.project import find_project
    from pillion.recommend import Models
    from pillion.scoring import ModelRepository

    folder = models or SidecarSettings().models
    project = find_project(config, folder)
    known = Models(ModelRepository(folder), project, RecommendSettings().with_project(project).model)
    known.load()
    settings = StoreSettings() if store is None else StoreSettings(url=store)
    catalog, sampled = asyncio.run(_read(settings, users))
    problems, unused = known.problems(catalog), known.unused(catalog)
    compared = {} if problems else known.compare(catalog, sampled)
    moved = [f"{name}: {each.problem}" for name, found in compared.items() for each in found if each.problem]
    if as_json:
        about = {"version": catalog.version, "models": known.versions, "problems": problems, "unused": unused}
        told = {name: [asdict(each) for each in found] for name, found in compared.items()}
        print(json.dumps({**about, "users": len(sampled), "moved": moved, "features": told}))
    else:
        names = ", ".join(f"'{name}' {version}" for name, version in known.versions.items())
        print(f"feature version {catalog.version} with {len(catalog.table.ids):,} items, for {names}")
        for sentence in problems:
            print(f"lacking: {sentence}")
        if unused:
            more = f" and {len(unused) - _SHOWN} more" if len(unused) > _SHOWN else ""
            print(f"no model takes: {', '.join(unused[:_SHOWN])}{more}")
        if not problems:
            print("the store has all that the models want")
        for name, found in compared.items():
            _show_comparison(name, found, len(sampled))
    if problems or (moved and not allow_drift):
        raise typer.Exit(NO)


def seen(
    user: Annotated[str, typer.Argument(help="The user's id.")],
    items: Annotated[list[str], typer.Argument(help="Ids of items that the user has seen.")],
    store: StoreUrl = None,
    as_json: Json = False,
) -> None:
    """Adds items to what a user has seen; the next answer leaves them out, whichever rung it comes from."""
    from pillion.config import StoreSettings

    settings = StoreSettings() if store is None else StoreSettings(url=store)
    version, count = asyncio.run(_add_seen(settings, user, items))
    if as_json:
        print(json.dumps({"version": version, "user": user, "seen": count}))
    else:
        print(f"user {user} has seen {count:,} items, feature version {version} says")


async def _add_seen(settings: Any, user: str, items: list[str]) -> tuple[int, int]:
    from pillion.features import add_seen, read_catalog
    from pillion.features.redis import open_store

    async with open_store(settings) as store:
        catalog = await read_catalog(store, _TIMEOUT_S)
        kinds = catalog.user_ids, catalog.numbers.kind
        who, *what = (
            int(text) if kind == "integer" and text.isdecimal() else text
            for text, kind in zip([user, *items], [kinds[0], *[kinds[1]] * len(items)], strict=True)
        )
        return catalog.version, await add_seen(store, catalog, who, what, _TIMEOUT_S, settings.version_ttl_s)


async def _read(settings: Any, users: int) -> "tuple[Catalog, list[SampledUser]]":
    from pillion.features import read_catalog, sample_users
    from pillion.features.redis import open_store

    async with open_store(settings) as store:
        catalog = await read_catalog(store, _TIMEOUT_S)
        return catalog, await sample_users(store, catalog, users, _TIMEOUT_S) if users else []


def _show_comparison(name: str, found: "Sequence[FeatureComparison]", users: int) -> None:
    judged = [each for each in found if each.index is not None]
    for each in found:
        if each.problem:
            print(f"moved: {name}: {each.problem}")
        elif each.verdict in ("some", "unsure"):
            words = WORDS[each.verdict]
            print(f"note: {name}: {each.source}s.{each.feature}: its stability index is {each.index:.3f}: {words}")
        if each.outside:
            of = f"{each.outside:,} of {each.values:,} values are outside the baseline's"
            print(f"note: {name}: {each.source}s.{each.feature}: {of}")
    if not judged:
        print(f"'{name}' has no baseline, which `pillion publish` keeps: nothing says whether values have moved")
        return
    far = max(judged, key=lambda each: each.index or 0.0)
    stable = sum(each.verdict == "stable" for each in judged)
    print(
        f"baseline of '{name}': {stable} of {len(judged)} features of users and items are stable, by {users:,} users;"
        f" the largest stability index is {far.index:.3f}, of {far.source}s.{far.feature}"
    )


def _show(loaded: "Loaded") -> None:
    print(
        f"feature version {loaded.version}: {loaded.users:,} users, {loaded.items:,} items, {loaded.events:,} events;"
        f" what {loaded.seen:,} users have seen; popularity for everybody and {loaded.segments:,} segments"
    )
    for name, count in loaded.missing.items():
        of = loaded.users if name.startswith("users.") else loaded.items
        print(f"missing: {name} in {count:,} of {of:,} rows")
    for sentence in loaded.odd:
        print(f"odd: {sentence}")


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the application."""
    group = typer.Typer(help="The online store's features.", no_args_is_help=True)
    app.add_typer(group, name="features")
    group.command(epilog=_LOAD)(load)
    group.command(epilog=_CHECK)(check)
    group.command(epilog=_SEEN)(seen)
