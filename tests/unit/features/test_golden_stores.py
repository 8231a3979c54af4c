"""The golden stores: the writer gives exactly their bytes, and the reader finds in them what they mean."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pillion.features import MemoryStore, keys, read_catalog, read_user
from pillion.features.catalog import TITLE
from pillion.features.store import HashEntry, StringEntry
from pillion.types import Id
from tools.golden.feature_store import FOLDER, cell, write

WAIT = 5.0


@pytest.fixture(params=["numbers", "four-bytes", "eight-bytes", "text"])
def golden(request: pytest.FixtureRequest) -> Any:
    return json.loads((FOLDER / f"{request.param}.json").read_text(encoding="utf-8"))


async def filled(golden: Any) -> MemoryStore:
    store = MemoryStore()
    for key, held in golden["keys"].items():
        if held["type"] == "string":
            await store.write([StringEntry(key, bytes.fromhex(held["value"]))], WAIT)
        else:
            whole = golden["meaning"]["user_ids"] == "integer"
            fields = {int(name) if whole else name: bytes.fromhex(value) for name, value in held["fields"].items()}
            await store.write([HashEntry(key, fields)], WAIT)
    return store


def identity(text: str, golden: Any) -> Id:
    return int(text) if golden["meaning"]["user_ids"] == "integer" else text


def test_the_writer_gives_the_bytes_of_the_golden_stores(tmp_path: Path) -> None:
    write(tmp_path)

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        path.name: path.read_text() for path in FOLDER.iterdir()
    }


async def test_the_reader_finds_the_version_and_its_items(golden: Any) -> None:
    meaning = golden["meaning"]

    catalog = await read_catalog(await filled(golden), WAIT)

    assert (catalog.version, catalog.created, catalog.user_ids) == (
        meaning["version"],
        meaning["created"],
        meaning["user_ids"],
    )
    for schema, expected in (
        (catalog.users, meaning["schemas"]["users"]),
        (catalog.items, meaning["schemas"]["items"]),
    ):
        assert (schema.id, [list(field) for field in schema.fields]) == (expected["id"], expected["fields"])
    assert {
        name: [
            [str(item), str(count)]
            for item, count in zip(catalog.numbers.ids(each.items), each.counts.tolist(), strict=True)
        ]
        for name, each in catalog.popularity.items()
    } == meaning["popularity"]
    batch = meaning["batch"]
    assert catalog.batch is not None
    assert (catalog.batch.run, catalog.batch.model, catalog.batch.version, catalog.batch.created) == (
        batch["run"],
        batch["model"],
        batch["version"],
        batch["created"],
    )
    kinds = dict(meaning["schemas"]["items"]["fields"])
    for item in meaning["items"]:
        number = np.array([int(item["number"])])
        (at,) = catalog.table.indices(number).tolist()
        columns = {name: catalog.table.take(name, np.array([at])) for name in kinds if name != TITLE}
        cells = [None if isinstance(each, list) and each[0] is None else each[0] for each in columns.values()]
        shown = [cell(kind, value) for kind, value in zip(kinds.values(), cells, strict=False)]
        assert [*shown, catalog.titles(number)[0]] == item["record"]
        assert catalog.numbers.ids(number) == [identity(item["id"], golden)]
        assert keys.item(catalog.version, int(item["number"])) == item["key"]


async def test_the_reader_finds_users_where_they_are(golden: Any) -> None:
    store = await filled(golden)
    catalog = await read_catalog(store, WAIT)

    for user in golden["meaning"]["users"]:
        side = await read_user(store, catalog, identity(user["id"], golden), [], WAIT)

        shown = [cell(kind, side.features[name]) for name, kind in catalog.users.fields]
        assert shown == user["record"]
        assert [str(item) for item in catalog.numbers.ids(side.seen)] == user["seen"]
        assert (None if side.batch is None else [str(item) for item in catalog.numbers.ids(side.batch)]) == user[
            "batch"
        ]
        assert user["field"] in golden["keys"][f"u1:{{{user['bucket']}}}"]["fields"]
        place = int(user["bucket"]), user["field"].encode()
        assert keys.user_at(*place, catalog.user_ids) == identity(user["id"], golden)


def test_users_whose_ids_are_text_have_the_places_that_are_told() -> None:
    places = json.loads((FOLDER / "text.json").read_text(encoding="utf-8"))["meaning"]["places"]

    for each in places:
        assert keys.place(each["id"], each["buckets"]) == (int(each["bucket"]), each["field"])
    assert len({each["bucket"] for each in places}) > 10
