"""The loader: tables of users, items and events into the online store, as another feature version."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pillion.config import StoreSettings
from pillion.errors import ConfigurationError
from pillion.features import keys
from pillion.features.contents import Contents, ContentsStream
from pillion.features.findings import Findings, Progress
from pillion.features.tables import read_tables
from pillion.features.writer import load_features
from pillion.project import Project, find_project
from pillion.tabular.source import Source, open_source
from pillion.tabular.spark_source import kept_on_disk


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
    project: Project | None = None,
    store: StoreSettings | str | None = None,
    progress: Progress = _nobody,
) -> Loaded:
    """Loads features, titles, seen items and popularity lists, and makes them the active version.

    Each table is a path of a .csv, .jsonl or .parquet file or of a folder of Parquet files, or a table of pandas, Arrow
    or Spark; where it is not given, it is what the project file names under `[features]`. A notebook may call it.

    Args:
        users: What is known of each user, a row each.
        items: All that may be recommended, a row each.
        events: Who took what, a row each time.
        project: Which columns hold what; `pillion.toml` where left out.
        store: The online store or its URL; `PILLION_STORE_URL` where left out.
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
    project = find_project() if project is None else project
    settings = StoreSettings(url=store) if isinstance(store, str) else store or StoreSettings()
    with ExitStack() as kept:
        users, items, events = (kept.enter_context(kept_on_disk(table)) for table in (users, items, events))
        contents, found = read_contents_of(project, users, items, events, progress)

        def write() -> int:
            return asyncio.run(publish_contents(settings, contents, progress))

        # A notebook's thread runs an event loop already.
        version = kept.enter_context(ThreadPoolExecutor(1)).submit(write).result()
    return Loaded(
        version,
        found.users,
        found.items,
        found.events,
        len(contents.seen_users),
        len(contents.popularity) - 1,
        found.missing,
        tuple(found.odd),
    )


def read_contents_of(
    project: Project, users: Any = None, items: Any = None, events: Any = None, progress: Progress = _nobody
) -> tuple[ContentsStream, Findings]:
    """Reads the tables that are given, or else those that the project file names; see `load`."""
    sources = {
        what: _open(what, given if given is not None else named)
        for what, given, named in (
            ("users", users, project.features.users),
            ("items", items, project.features.items),
            ("events", events, project.features.events),
        )
    }
    table = sources["items"]
    if table is None:
        raise ConfigurationError(
            "there is no table of items: name one by --items or items=…, or as 'items' under [features] of"
            f" {project.name}"
        )
    return read_tables(project, sources["users"], table, sources["events"], progress)


def _open(what: str, table: Any) -> Source | None:
    if isinstance(table, str | Path) and not Path(table).exists():
        raise ConfigurationError(f"{table}, the table of {what}, is not there")
    return None if table is None else open_source(table, what)


async def publish_contents(
    settings: StoreSettings, contents: Contents | ContentsStream, progress: Progress, after: int = 0
) -> int:
    """Publishes contents as a feature version of a store, and returns the version.

    Args:
        settings: The store's.
        contents: What is published.
        progress: Is told how far it is.
        after: The last version that an earlier store of the same address had, which this one's comes after.

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
            ttl_s=settings.version_ttl_s,
            grace_s=settings.grace_s,
            lock_s=settings.lock_s,
            timeout_s=settings.load_timeout_s,
            progress=lambda what, done, total: progress(f"{what} written", done, total),
        )
