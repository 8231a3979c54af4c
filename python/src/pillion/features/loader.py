"""The loader: tables of users, items and events into the online store, as another feature version."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pillion.config import StoreSettings
from pillion.errors import ConfigurationError, InvalidInput
from pillion.features import keys
from pillion.features.contents import Contents, ContentsStream
from pillion.features.findings import Findings, Progress
from pillion.features.tables import read_tables
from pillion.features.user_writer import UserWriter
from pillion.features.writer import load_features
from pillion.project import Project, find_project
from pillion.tabular.source import Source, open_source
from pillion.tabular.spark_source import is_frame, kept_on_disk

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from pillion.features.spark_users import SparkUsers


def _nobody(what: str, done: int, total: int | None) -> None:
    """Is told of progress where nobody wants to be."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded.

    Attributes:
        version: The feature version, which is the active one now.
        users: Users with features.
        items: Items.
        events: Rows of events.
        seen: Users of whom it is known what they took.
        segments: Segments with a popularity list.
        missing: Per feature, `users.age`, how many values are missing, where any is.
        odd: What may be a mistake, a sentence each.
    """

    version: int
    users: int
    items: int
    events: int
    seen: int
    segments: int
    missing: Mapping[str, int]
    odd: tuple[str, ...]


def load(
    *,
    users: Any = None,
    items: Any = None,
    events: Any = None,
    project: Project | Path | str | None = None,
    store: StoreSettings | str | None = None,
    session: "SparkSession | None" = None,
    rate: float | None = None,
    progress: Progress = _nobody,
) -> Loaded:
    """Loads features, titles, seen items and popularity lists, and makes them the active version.

    Each table is a path of a .csv, .jsonl or .parquet file or of a folder of Parquet files, or a table of pandas, Arrow
    or Spark; where it is not given, it is what the project file names under `[features]`. A notebook may call it.

    With a session, Spark checks and counts users and events, and its executors write users into the store. Such a load
    goes on where one of the same contents was cut short within the last hour.

    Args:
        users: What is known of each user, a row each.
        items: All that may be recommended, a row each.
        events: Who took what, a row each time.
        project: Which columns hold what, or the file that says it; `PILLION_CONFIG` or `./pillion.toml` where left out.
        store: The online store or its URL; `PILLION_STORE_URL` where left out.
        session: Spark's, which reads Parquet files of users and events, and whose executors reach the store.
        rate: Users that Spark writes a second, at most, to spare a store that serves.
        progress: Is told how far it is.

    Returns:
        What was loaded, and what was odd about it.

    Raises:
        ConfigurationError: A table or the project file is absent.
        InvalidInput: A table is not as the project file says; nothing was loaded.
        StoreError: The store failed; the version before stays active.
        TimeoutError: The store took too long.

    Example:
        >>> loaded = pillion.features.load(users=users, items="items.parquet", events=clicks)
        >>> print(loaded.version, *loaded.odd, sep="\\n")
    """
    if not isinstance(project, Project):
        project = find_project(None if project is None else Path(project))
    settings = StoreSettings(url=store) if isinstance(store, str) else store or StoreSettings()
    writer: UserWriter | None = None
    with ExitStack() as kept:
        users, items, events = (kept.enter_context(kept_on_disk(table)) for table in (users, items, events))
        if session is None:
            if rate is not None:
                raise InvalidInput("a rate is for tables that Spark writes", "rate")
            contents, found = read_contents_of(project, users, items, events, progress)
            seen = len(contents.seen_users)
        else:
            contents, by_spark, found = _read_by_spark(session, project, users, items, events, settings, rate, progress)
            writer, seen = by_spark, by_spark.seen_rows

        def write() -> int:
            return asyncio.run(publish_contents(settings, contents, progress, users=writer))

        # A notebook's thread runs an event loop already.
        version = kept.enter_context(ThreadPoolExecutor(1)).submit(write).result()
    return Loaded(
        version,
        found.users,
        found.items,
        found.events,
        seen,
        len(contents.popularity) - 1,
        found.missing,
        tuple(found.odd),
    )


def read_contents_of(
    project: Project, users: Any = None, items: Any = None, events: Any = None, progress: Progress = _nobody
) -> tuple[ContentsStream, Findings]:
    """Reads the tables that are given, or else those that the project file names; see `load`."""
    given = {"users": users, "items": items, "events": events}
    named = {what: _named(project, what, table) for what, table in given.items()}
    sources = {what: _open(what, table) for what, table in named.items()}
    return read_tables(
        project, sources["users"], _require_items(project, sources["items"]), sources["events"], progress
    )


def _read_by_spark(
    session: "SparkSession",
    project: Project,
    users: Any,
    items: Any,
    events: Any,
    settings: StoreSettings,
    rate: float | None,
    progress: Progress,
) -> "tuple[ContentsStream, SparkUsers, Findings]":
    from pillion.features.spark_tables import read_spark_tables

    source = _require_items(project, _open("items", _named(project, "items", items)))
    people = _spark_table(session, "users", _named(project, "users", users))
    taken = _spark_table(session, "events", _named(project, "events", events))
    return read_spark_tables(project, people, source, taken, settings, rate, progress)


def _spark_table(session: "SparkSession", what: str, table: Any) -> "DataFrame | None":
    if table is None or is_frame(table):
        return table  # type: ignore[no-any-return]
    if not isinstance(table, str | Path):
        return session.createDataFrame(table)
    path = Path(table)
    if not path.exists():
        raise ConfigurationError(f"{path}, the table of {what}, is not there")
    if not (path.is_dir() or path.suffix == ".parquet"):
        raise InvalidInput(f"{path} is no Parquet file and no folder of such, which is what Spark reads here", what)
    from pillion.tabular.spark_parquet import read_parquet

    return read_parquet(session, path)


def _named(project: Project, what: str, table: Any) -> Any:
    """The table that is given, or else the one that the project file names."""
    return table if table is not None else getattr(project.features, what)


def _require_items(project: Project, table: Source | None) -> Source:
    if table is None:
        raise ConfigurationError(
            "there is no table of items: name one by --items or items=…, or as 'items' under [features] of"
            f" {project.name}"
        )
    return table


def _open(what: str, table: Any) -> Source | None:
    if isinstance(table, str | Path) and not Path(table).exists():
        raise ConfigurationError(f"{table}, the table of {what}, is not there")
    return None if table is None else open_source(table, what)


async def publish_contents(
    settings: StoreSettings,
    contents: Contents | ContentsStream,
    progress: Progress,
    after: int = 0,
    users: UserWriter | None = None,
) -> int:
    """Publishes contents as a feature version of a store, and returns the version.

    Args:
        settings: The store's.
        contents: What is published.
        progress: Is told how far it is.
        after: The last version that an earlier store of the same address had, which this one's comes after.
        users: Writes the users, where not this process does.

    Raises:
        InvalidInput: The contents are not consistent; nothing was switched.
        StoreError: The store failed; nothing was switched.
    """
    from pillion.features.redis import open_store  # here, since the data plane can do without the library

    async with open_store(settings) as store:
        if after:
            await store.increment(keys.VERSIONS, settings.load_timeout_s, after)
        return await load_features(
            store,
            contents,
            users=users,
            ttl_s=settings.version_ttl_s,
            grace_s=settings.grace_s,
            lock_s=settings.lock_s,
            timeout_s=settings.load_timeout_s,
            progress=lambda what, done, total: progress(f"{what} written", done, total),
        )
