import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pillion.config import StoreSettings
from pillion.errors import ConfigurationError, CorruptRecord, InvalidInput, StoreError, StoreLocked
from pillion.features import (
    Catalog,
    Contents,
    FeatureTable,
    MemoryStore,
    SnapshotKeeper,
    Store,
    load_features,
    read_catalog,
    read_user,
)
from pillion.features import keys as store_keys
from pillion.features.redis import RedisStore
from pillion.features.snapshot import load_snapshot, save_snapshot
from pillion.features.store import StringEntry
from pillion.features.store_process import StoreProcess
from tests.support import clinic
from tests.support.fixture_dataset import (
    ALL_SEEN_USER,
    BATCH,
    FILMS,
    MISSING_USER,
    NAN_USER,
    UNKNOWN_USER,
    contents,
    load_fixture_dataset,
)

WAIT = 5.0


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with StoreProcess() as process:
        yield process.url


@pytest.fixture(params=["memory", pytest.param("valkey", marks=pytest.mark.process)])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    store = RedisStore(StoreSettings(url=request.getfixturevalue("url")))
    await store._client.flushall()
    yield store
    await store.close()


async def test_what_was_loaded_is_what_a_request_reads(store: Store) -> None:
    version = await load_fixture_dataset(store)
    catalog = await read_catalog(store, WAIT)

    side = await read_user(store, catalog, 2, [5, 999], WAIT)

    assert catalog.version == version
    assert side.features == {"user_rate": 0.2, "plan": "paid"}
    assert side.seen.tolist() == [10]
    assert side.batch.tolist() == BATCH[2]
    assert dict(side.items) == {5: {"item_score": 5 / 300, "year": 1705}}
    assert side.titles == {5: "Film 5"}
    assert catalog.titles(np.array([300, 301, 7])) == ["Film 300", None, "Film 7"]
    assert catalog.batch.model == "nightly"
    assert catalog.popularity["country=DE"].items.tolist()[:3] == [2, 4, 6]


async def test_ids_that_are_text_come_back_from_the_store_and_from_the_disk(store: Store, tmp_path: Path) -> None:
    version = await clinic.load(store)
    catalog = await read_catalog(store, WAIT)
    save_snapshot(catalog.raw, tmp_path / "snapshot.npz")
    kept = load_snapshot(tmp_path / "snapshot.npz")

    for found in (catalog, kept):
        side = await read_user(store, found, "p/2", [], WAIT)
        batch = (await read_user(store, found, "名", [], WAIT)).batch
        assert (found.version, found.user_ids, found.numbers.kind) == (version, "string", "string")
        assert (side.features, found.numbers.ids(side.seen)) == ({"age": None}, ["a", "gone"])
        assert found.numbers.ids(batch) == ["b", "a"]
        assert found.numbers.ids(found.popularity["global"].items) == ["c/7", "a", "gone", "b"]
        assert found.numbers.ids(found.candidates["global"]) == ["c/7", "a", "b"]
        assert found.titles(found.numbers.find(["a", "b", "gone"])) == ["Ward A", None, None]
        assert found.numbers.find(["new"]).tolist() == [-1]
        assert (await read_user(store, found, "p/3", [], WAIT)).features is None


async def test_whole_numbers_up_to_two_to_the_63_are_ids(store: Store) -> None:
    large = (1 << 63) - 1
    table = FeatureTable([large, 0], {"x": [1.5, 2.5]})
    await load_features(store, Contents(table, table, {"global": [(large, 1)]}, seen={large: [large, 0]}))
    catalog = await read_catalog(store, WAIT)

    side = await read_user(store, catalog, large, [], WAIT)

    assert (side.features, side.seen.tolist()) == ({"x": 1.5}, [0, large])
    assert catalog.table.ids.tolist() == [0, large]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"users": FeatureTable([1, "a"], {})}, "ids of the users are of both kinds: 'a' is text, "),
        ({"users": FeatureTable([1], {}), "seen": {"a": [1]}}, "ids of the users are of both kinds"),
        ({"items": FeatureTable([1, "a"], {})}, "ids of the items are of both kinds"),
        ({"items": FeatureTable(["a"], {})}, "ids of the items are of both kinds"),
        ({"items": FeatureTable([-1], {})}, "'items' has -1"),
        ({"users": FeatureTable([""], {}), "seen": {}}, "'users' has ''"),
    ],
)
async def test_ids_that_make_no_sense_are_refused_by_name(changes: dict[str, Any], complaint: str) -> None:
    store = MemoryStore()

    with pytest.raises(InvalidInput, match=complaint):
        await load_features(store, contents(**changes))

    with pytest.raises(StoreError, match="none were loaded"):
        await read_catalog(store, WAIT)


async def test_missing_nan_and_unknown_stay_three_things(store: Store) -> None:
    await load_fixture_dataset(store)
    catalog = await read_catalog(store, WAIT)

    missing, nan, unknown = [
        (await read_user(store, catalog, user, [], WAIT)).features for user in (MISSING_USER, NAN_USER, UNKNOWN_USER)
    ]

    assert missing["user_rate"] is None
    assert repr(nan["user_rate"]) == "nan"
    assert unknown is None


async def test_a_user_who_has_seen_everything_has_a_long_list(store: Store) -> None:
    await load_fixture_dataset(store)
    catalog = await read_catalog(store, WAIT)

    assert (await read_user(store, catalog, ALL_SEEN_USER, [], WAIT)).seen.tolist() == list(FILMS)


async def test_a_new_version_is_written_beside_and_the_old_one_expires() -> None:
    now = [0.0]
    store = MemoryStore(lambda: now[0])
    first = await load_features(store, contents(), grace_s=60.0)
    old = await read_catalog(store, WAIT)
    second = await load_features(store, contents(), grace_s=60.0)

    assert (first, second) == (1, 2)
    assert (await read_user(store, old, 1, [1], WAIT)).features is not None
    now[0] = 61.0
    gone = await read_user(store, old, 1, [1], WAIT)
    assert (gone.features, dict(gone.items)) == (None, {})
    assert not [key for key in (*store._strings, *store._hashes) if f"{first}:" in key or key.endswith("s1")]
    assert (await read_catalog(store, WAIT)).version == second


async def test_nan_of_a_pandas_like_table_can_mean_missing() -> None:
    store = MemoryStore()
    column: Any = np.array([np.nan, 2.0])
    table = FeatureTable([1, 2], {"x": column}, nan_is_missing=True)
    await load_features(store, contents(users=table, seen={}))
    catalog = await read_catalog(store, WAIT)

    assert (await read_user(store, catalog, 1, [], WAIT)).features == {"x": None}


async def test_progress_is_told_from_none_to_all() -> None:
    told = []
    await load_features(MemoryStore(), contents(), progress=lambda *step: told.append(step))

    assert told[0] == ("users", 0, 40)
    assert ("items", 300, 300) in told
    assert told[-1][1] == told[-1][2]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"popularity": {}}, "'global'"),
        ({"users": FeatureTable([1], {"x": [1.0, 2.0]})}, "'x' has 2 values for 1 ids"),
        ({"users": FeatureTable([1, 1], {"x": [1.0, 2.0]})}, "the id 1 is there twice"),
        ({"users": FeatureTable([1, 2], {"x": ["a", 2.0]})}, "'x' mixes float, str"),
        ({"items": FeatureTable([1], {"title": ["a"]})}, "'title'"),
        ({"items": FeatureTable([1 << 63], {"x": [1.0]})}, "9223372036854775808"),
    ],
)
async def test_contents_that_do_not_fit_are_refused_and_nothing_is_switched(
    changes: dict[str, Any], complaint: str
) -> None:
    store = MemoryStore()
    await load_features(store, contents())

    with pytest.raises(InvalidInput, match=complaint):
        await load_features(store, contents(**changes))

    assert (await read_catalog(store, WAIT)).version == 1


async def test_a_snapshot_survives_the_disk(tmp_path: Path) -> None:
    store = MemoryStore()
    await load_fixture_dataset(store)
    catalog = await read_catalog(store, WAIT)
    path = tmp_path / "deep" / "snapshot.npz"

    save_snapshot(catalog.raw, path)
    again = load_snapshot(path)

    assert again.raw == catalog.raw
    assert again.titles(np.array([7])) == ["Film 7"]
    assert [p.name for p in path.parent.iterdir()] == ["snapshot.npz"]


@pytest.mark.parametrize("damage", [b"", b"PK\3\4nonsense", b"\x93NUMPY"])
def test_a_file_that_is_no_snapshot_is_refused_by_name(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "snapshot.npz"
    path.write_bytes(damage)

    with pytest.raises(CorruptRecord, match=r"snapshot\.npz"):
        load_snapshot(path)


async def test_a_snapshot_cut_at_any_place_is_refused(tmp_path: Path) -> None:
    store = MemoryStore()
    await load_fixture_dataset(store)
    path = tmp_path / "snapshot.npz"
    save_snapshot((await read_catalog(store, WAIT)).raw, path)
    whole = path.read_bytes()

    for cut in range(0, len(whole), 997):
        path.write_bytes(whole[:cut])
        with pytest.raises(CorruptRecord):
            load_snapshot(path)


async def test_an_unchanged_store_is_not_read_again() -> None:
    store = MemoryStore()
    keeper = SnapshotKeeper(store, lambda catalog: None, None, WAIT)
    await load_fixture_dataset(store)
    await keeper.start(WAIT)
    first = keeper.catalog

    assert await keeper.refresh() is False
    assert keeper.catalog is first


async def test_a_store_that_was_emptied_and_filled_again_is_read_again() -> None:
    store = MemoryStore()
    keeper = SnapshotKeeper(store, lambda catalog: None, None, WAIT)
    await load_fixture_dataset(store, now=lambda: 1.0)
    await keeper.start(WAIT)

    store._strings.clear()
    store._hashes.clear()
    assert await keeper.refresh() is False
    assert "lost them" in keeper.problem
    await load_fixture_dataset(store, now=lambda: 2.0)
    assert await keeper.refresh() is True
    assert keeper.catalog.created == 2.0
    assert keeper.problem is None


async def test_a_version_that_the_models_cannot_use_is_refused_and_the_old_one_stays() -> None:
    store = MemoryStore()

    def accept(catalog: Catalog) -> None:
        if "year" not in catalog.items.names:
            raise ConfigurationError("the model 'ranker' wants features that the store lacks: 'year' (item)")

    keeper = SnapshotKeeper(store, accept, None, WAIT)
    await load_fixture_dataset(store)
    await keeper.start(WAIT)
    await load_fixture_dataset(store, items=FeatureTable(list(FILMS), {"item_score": [1.0] * 300}))

    assert await keeper.refresh() is False
    assert keeper.catalog.version == 1
    assert "'year'" in keeper.problem


async def test_a_start_with_a_store_that_lacks_a_feature_fails() -> None:
    store = MemoryStore()
    await load_fixture_dataset(store)

    def accept(catalog: Catalog) -> None:
        raise ConfigurationError("lacks it")

    with pytest.raises(ConfigurationError, match="lacks it"):
        await SnapshotKeeper(store, accept, None, WAIT).start(WAIT)


async def test_a_cold_start_without_a_store_uses_the_file(tmp_path: Path) -> None:
    store = MemoryStore()
    path = tmp_path / "snapshot.npz"
    await load_fixture_dataset(store)
    await SnapshotKeeper(store, lambda catalog: None, path, WAIT).start(WAIT)

    store.down = True
    keeper = SnapshotKeeper(store, lambda catalog: None, path, WAIT)
    await keeper.start(WAIT)

    assert keeper.catalog.version == 1
    assert "down" in keeper.problem


@pytest.mark.parametrize(
    "damage",
    [
        lambda v: StringEntry(store_keys.ACTIVE, b"x"),
        lambda v: StringEntry(store_keys.ACTIVE, b"77"),
        lambda v: StringEntry(store_keys.meta(v), b"{}"),
        lambda v: StringEntry(store_keys.meta(v), b"not json"),
        lambda v: StringEntry(store_keys.item_ids(v), b"1234"),
        lambda v: StringEntry(store_keys.popularity(v, "global"), b"123"),
        lambda v: StringEntry(store_keys.item(v, 5), b"short"),
        lambda v: StringEntry(store_keys.batch_meta(v), b"[]"),
    ],
)
async def test_a_damaged_version_is_refused_and_the_one_in_use_stays(damage: Callable[..., Any]) -> None:
    store = MemoryStore()
    keeper = SnapshotKeeper(store, lambda catalog: None, None, WAIT)
    await load_fixture_dataset(store)
    await keeper.start(WAIT)
    version = await load_fixture_dataset(store, now=lambda: 9.0)
    await store.write([damage(version)], WAIT)

    with pytest.raises(StoreError):
        await read_catalog(store, WAIT)
    assert await keeper.refresh() is False
    assert keeper.catalog.version == 1


async def test_an_item_that_was_lost_leaves_the_others() -> None:
    store = MemoryStore()
    version = await load_fixture_dataset(store)
    del store._strings[store_keys.item(version, 5)]

    catalog = await read_catalog(store, WAIT)

    assert catalog.table.indices(np.array([4, 5, 6])).tolist() == [3, -1, 4]


async def test_of_two_loads_at_once_one_is_refused_and_loses_nothing() -> None:
    store = MemoryStore()
    loads = [load_features(store, contents()), load_features(store, contents())]

    first, second = await asyncio.gather(*loads, return_exceptions=True)

    assert first == 1
    assert isinstance(second, StoreLocked)
    assert await load_features(store, contents()) == 2
