"""A run scores the users who have changed since the last one, and carries the others' answers over."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from pyspark.sql import SparkSession

from pillion.batch.changes import Carrier, LastRun
from pillion.config import StoreSettings
from pillion.features import Contents, FeatureTable, add_seen, keys, load_features, read_catalog
from pillion.features.record_codec import pack_ids, unpack_ids
from pillion.features.redis import open_store
from pillion.features.store import HashEntry
from pillion.features.store_process import StoreProcess
from tests.support import batch_run

pytestmark = [pytest.mark.process, pytest.mark.spark, pytest.mark.timeout(300)]


@pytest.fixture
def url() -> Iterator[str]:
    with StoreProcess() as process:
        yield process.url


def _see(url: str, user: int, item: int) -> None:
    async def add() -> None:
        async with open_store(StoreSettings(url=url)) as store:
            catalog = await read_catalog(store, batch_run.WAIT_S)
            assert catalog is not None
            await add_seen(store, catalog, user, [item], batch_run.WAIT_S)

    asyncio.run(add())


def test_users_of_whom_nothing_has_changed_are_not_scored(spark: SparkSession, url: str) -> None:
    batch_run.fill(url)
    first = batch_run.run(spark, url)
    before = batch_run.answers(url)
    again = batch_run.run(spark, url)

    assert (first.carried, again.carried, again.pairs) == (0, 671, 0)
    assert again.run == first.run + 1
    assert batch_run.answers(url) == before

    best = before[5]
    assert best is not None
    _see(url, 5, best[0])
    seen = batch_run.run(spark, url)
    after = batch_run.answers(url)
    anew = batch_run.run(spark, url, batch_run.request(anew=True))

    assert (seen.carried, seen.pairs) == (670, batch_run.CANDIDATES)
    assert after[5] is not None
    assert after[5][: len(best) - 1] == best[1:]
    assert {user for user in before if after[user] != before[user]} == {5}
    assert (anew.carried, batch_run.answers(url)) == (0, after)


def test_answers_go_over_to_the_next_feature_version_except_those_of_users_who_differ(
    spark: SparkSession, url: str
) -> None:
    batch_run.fill(url)
    _see(url, 9, 260)  # which the next version does not know
    batch_run.run(spark, url)
    version = batch_run.fill(url)
    next_ = batch_run.run(spark, url)
    carried = batch_run.answers(url)
    anew = batch_run.run(spark, url, batch_run.request(anew=True))

    assert (next_.feature_version, next_.carried, next_.pairs) == (version, 670, batch_run.CANDIDATES)
    assert (anew.carried, batch_run.answers(url)) == (0, carried)


@pytest.mark.parametrize("changes", [{"k": 11}, {"candidates": 59}, {"model": "titles30"}])
def test_a_run_for_other_answers_carries_nothing_over(spark: SparkSession, url: str, changes: dict[str, Any]) -> None:
    batch_run.fill(url)
    batch_run.run(spark, url)

    assert batch_run.run(spark, url, batch_run.request(**changes)).carried == 0


async def test_answers_of_users_and_items_with_ids_of_text_find_their_new_places(url: str) -> None:
    """Another dictionary of items, and other buckets of users."""

    def contents(users: int, items: list[str]) -> Contents:
        names = [f"u{number}" for number in range(users)]
        return Contents(
            FeatureTable(names, {"age": list(range(users))}),
            FeatureTable(items, {"beds": list(range(len(items)))}),
            {"global": [(item, 1) for item in items]},
        )

    async with open_store(StoreSettings(url=url)) as store:
        old = await load_features(store, contents(31, ["b", "d", "e"]))
        place = keys.place("u7", 1)
        for key, value in ((keys.batch_answers, pack_ids([2, 0], 3)), (keys.batch_digests, b"12345678")):
            await store.write([HashEntry(key(old, 1, place[0]), {"u7": value})], batch_run.WAIT_S)
        before = await read_catalog(store, batch_run.WAIT_S)
        await load_features(store, contents(70, ["a", "b", "c", "d", "e"]))
        catalog = await read_catalog(store, batch_run.WAIT_S)
        assert before is not None
        assert catalog is not None
        assert (before.user_buckets, catalog.user_buckets) == (1, 3)
        carrier = Carrier(LastRun(old, 1, before.user_buckets, before.id_width, before.raw.names), catalog)

        found = await carrier.read(store, [0, 1], [{b"u7": b"", b"u8": b""}, {b"u9": b""}], batch_run.WAIT_S)

    assert [each.digests for each in found] == [{b"u7": b"12345678"}, {}]
    assert catalog.numbers.ids(unpack_ids(found[0].answers[b"u7"], catalog.id_width)) == ["e", "b"]
    assert found[1].answers == {}
