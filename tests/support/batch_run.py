"""Runs of batch inference over the demo's users, and what they left in the store."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pillion.batch.job import run_batch
from pillion.batch.run import BatchRequest, BatchRun
from pillion.config import RecommendSettings, StoreSettings
from pillion.features import Catalog, OnlineInputs, UserSide, publish_contents, read_catalog, read_contents, read_user
from pillion.features.redis import open_store
from pillion.project import Project, find_project
from tools.checkout import JAR, ROOT

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MODELS, CONTENTS = ROOT / "pmml-models", ROOT / "data/movielens/contents.npz"
CONTEXT = {"device": "tv"}
NOW = 1_700_000_000.0
K, CANDIDATES = 12, 60
WAIT_S = 30.0


def demo_project() -> Project:
    """The demo's project file."""
    return find_project(None, MODELS)


def fill(url: str) -> int:
    """Loads the demo's features into a store; returns the version."""
    return asyncio.run(publish_contents(StoreSettings(url=url), read_contents(CONTENTS), lambda *told: None))


def request(
    model: str = "ranker", k: int = K, candidates: int = CANDIDATES, anew: bool = False, als: Path | None = None
) -> BatchRequest:
    """A run for the moment `NOW`."""
    project = demo_project()
    fields = RecommendSettings().with_project(project).segment_fields
    return BatchRequest(model, OnlineInputs(project.online).read(CONTEXT, NOW), fields, candidates, k, anew, als)


def run(
    spark: "SparkSession",
    url: str,
    asked: BatchRequest | None = None,
    models: Path = MODELS,
    lock_s: float = 30.0,
    **options: Any,
) -> BatchRun:
    """Computes answers ahead."""
    asked = asked or request()
    settings = StoreSettings(url=url, lock_s=lock_s)
    return run_batch(spark, settings, models, demo_project(), JAR, asked, **options)


def catalog_of(url: str) -> Catalog:
    """The active feature version."""

    async def read() -> Catalog:
        async with open_store(StoreSettings(url=url)) as store:
            return await read_catalog(store, WAIT_S)

    return asyncio.run(read())


def sides(url: str, users: range = range(1, 672)) -> dict[int, UserSide]:
    """What requests of users would read now."""

    async def read() -> dict[int, UserSide]:
        async with open_store(StoreSettings(url=url)) as store:
            catalog = await read_catalog(store, WAIT_S)
            return {user: await read_user(store, catalog, user, [], WAIT_S) for user in users}

    return asyncio.run(read())


def answers(url: str, users: range = range(1, 672)) -> dict[int, list[int] | None]:
    """The answers computed ahead that are in use."""
    return {user: None if side.batch is None else side.batch.tolist() for user, side in sides(url, users).items()}
