"""Tables of users, items and events: what a feature version gets of them, what is odd, and what is refused."""

import json
import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pillion.errors import ConfigurationError, InvalidInput
from pillion.features import ContentsStream, MemoryStore, load_features, read_catalog, read_contents_of, read_user
from pillion.project import Project

Table = dict[str, list[Any]]
PROJECT = """
segments = ["service"]

[users]
id = "s"
type = "string"

[items]
id = "d"
type = "string"
title = "name"

[inputs.age]
source = "user"
type = "integer"
column = "studage"
range = [2, 8]

[inputs.member]
source = "user"
type = "boolean"

[inputs.since]
source = "user"
type = "timestamp"

[inputs.price]
source = "item"
type = "decimal"

[inputs.share]
source = "item"
type = "float"

[inputs.dept]
source = "item"
type = "string"

[inputs.service]
source = "online"
type = "integer"
"""
USERS: Table = {
    "s": ["u1", "007", "名"],
    "studage": [3, None, 9],
    "member": [True, False, None],
    "since": ["2020-01-01T00:00:00Z", None, "2020-01-01 01:00:00.5"],
}
ITEMS: Table = {
    "d": ["b", "a", "c"],
    "name": ["Bee", None, "Sea"],
    "price": [1.1, None, 3.0],
    "share": [0.1, 0.5, None],
    "dept": ["x", "", None],
}
EVENTS: Table = {
    "s": ["u1", "u1", "名", "ghost", None, "u1"],
    "d": ["a", "b", "a", "c", "a", "gone"],
    "service": [0, 1, None, 1, 1, 0],
}


def project(text: str = PROJECT) -> Project:
    return Project.model_validate(tomllib.loads(text))


def cell(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def write_csv(folder: Path, name: str, table: dict[str, list[Any]]) -> Path:
    path = folder / f"{name}.csv"
    rows = [",".join(table), *(",".join(map(cell, row)) for row in zip(*table.values(), strict=True))]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def write_jsonl(folder: Path, name: str, table: dict[str, list[Any]]) -> Path:
    path = folder / f"{name}.jsonl"
    rows = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def arrow(folder: Path, name: str, table: dict[str, list[Any]]) -> pa.Table:
    made = dict(table)
    if "price" in made:
        made["price"] = [None if value is None else Decimal(str(value)) for value in made["price"]]
    if "since" in made:
        moments = [None if text is None else datetime.fromisoformat(text) for text in made["since"]]
        made["since"] = [each and each.replace(tzinfo=UTC) for each in moments]
    return pa.table(made)


def write_parquet(folder: Path, name: str, table: dict[str, list[Any]]) -> Path:
    path = folder / f"{name}.parquet"
    pq.write_table(arrow(folder, name, table), path)
    return path


def write_folder(folder: Path, name: str, table: dict[str, list[Any]]) -> Path:
    """Parts as Spark writes them."""
    path, whole = folder / name, arrow(folder, name, table)
    path.mkdir()
    (path / "_SUCCESS").touch()
    pq.write_table(whole.slice(0, 1), path / "part-00000.snappy.parquet")
    pq.write_table(whole.slice(1), path / "part-00001.snappy.parquet")
    return path


def pandas(folder: Path, name: str, table: dict[str, list[Any]]) -> pd.DataFrame:
    return arrow(folder, name, table).to_pandas()


@pytest.mark.parametrize("write", [write_csv, write_jsonl, write_parquet, write_folder, arrow, pandas])
async def test_the_same_tables_in_any_form_give_the_same_version(tmp_path: Path, write: Any) -> None:
    tables = [write(tmp_path, *each) for each in (("users", USERS), ("items", ITEMS), ("events", EVENTS))]
    contents, found = read_contents_of(project(), *tables)
    store = MemoryStore()
    await load_features(store, contents)
    catalog = await read_catalog(store, 1.0)

    async def features(user: str) -> Any:
        return (await read_user(store, catalog, user, [], 1.0)).features

    assert await features("u1") == {"age": 3, "member": True, "since": "2020-01-01T00:00:00Z"}
    assert await features("007") == {"age": None, "member": False, "since": None}
    assert (await features("名"))["since"] == "2020-01-01T01:00:00.500000Z"
    columns = {name: values.tolist() for name, (values, _) in catalog.table.columns.items()}
    assert catalog.numbers.names == ("a", "b", "c")
    assert columns["price"] == ["", "1.1", "3"]
    assert columns["share"][1] == 0.10000000149011612
    assert catalog.table.columns["price"][1].tolist() == [True, False, False]
    assert columns["dept"] == (["", "x", ""])
    assert catalog.titles(catalog.numbers.find(["a", "b", "c"])) == [None, "Bee", "Sea"]
    popular = {name: catalog.numbers.ids(each.items) for name, each in catalog.popularity.items()}
    assert popular == {"global": ["a", "b", "c"], "service=0": ["a"], "service=1": ["b", "c"]}
    assert {user: sorted(taken) for part in contents.seen_parts() for user, taken in part.items()} == {
        "u1": ["a", "b"],
        "名": ["a"],
        "ghost": ["c"],
    }
    assert (found.users, found.items, found.events) == (3, 3, 6)


def read(tmp_path: Path, text: str = PROJECT, **tables: dict[str, list[Any]] | None) -> tuple[ContentsStream, Any]:
    given = {"users": USERS, "items": ITEMS, "events": EVENTS, **tables}
    paths = {name: write_csv(tmp_path, name, table) for name, table in given.items() if table is not None}
    return read_contents_of(project(text), paths.get("users"), paths.get("items"), paths.get("events"))


def test_what_is_missing_and_odd_is_told(tmp_path: Path) -> None:
    users = {**USERS, "shoe": [1, 2, 3], "member": [None] * 3}

    _, found = read(tmp_path, users=users)

    assert found.missing["users.age"] == 1
    assert found.missing["items.price"] == 1
    odd = [sentence.replace(f"{tmp_path}/", "") for sentence in found.odd]
    assert odd == [
        "users.csv: 1 values of 'studage' are outside 2 to 8, the first in row 3",
        "users.csv: all values of 'member' are missing",
        "users.csv: no input is declared for the column 'shoe'",
        "items.csv: 1 rows have no title",
        "events.csv: 1 events lack a user or an item, and were left out",
        "events.csv: 1 events are of 1 items that the table of items lacks, such as 'gone', and were left out",
        "events.csv: 1 events are of 1 users that the table of users lacks, such as 'ghost'; they count for popularity",
    ]


async def test_a_column_without_any_value_keeps_its_declared_type(tmp_path: Path) -> None:
    contents, _ = read(tmp_path, items={**ITEMS, "dept": [None] * 3})
    store = MemoryStore()
    await load_features(store, contents)

    catalog = await read_catalog(store, 1.0)

    assert dict(catalog.items.fields)["dept"] == "str"
    assert dict(catalog.users.fields) == {"age": "i64", "member": "bool", "since": "str"}


def test_without_events_all_items_are_equally_popular(tmp_path: Path) -> None:
    contents, found = read(tmp_path, events=None)

    assert contents.popularity == {"global": [("a", 0), ("b", 0), ("c", 0)]}
    assert any("there are no events" in sentence for sentence in found.odd)


async def test_ids_are_of_the_declared_kind_though_there_are_none(tmp_path: Path) -> None:
    text = PROJECT.replace('source = "user"', 'source = "online"').replace('column = "studage"\n', "")
    contents, _ = read(tmp_path, text, users=None, events=None)
    store = MemoryStore()
    await load_features(store, contents)

    catalog = await read_catalog(store, 1.0)

    assert (catalog.user_ids, catalog.numbers.kind) == ("string", "string")


@pytest.mark.parametrize(
    ("tables", "complaint"),
    [
        (
            {"users": {"s": ["a"], "studage": [1]}},
            r"users\.csv lacks the columns 'member', 'since', which",
        ),
        (
            {"users": {**USERS, "s": ["a", "b", "a"]}},
            r"row 3, column 's': the id 'a' is there already, in row 1",
        ),
        ({"users": {**USERS, "s": ["a", None, "b"]}}, r"users\.csv, row 2, column 's': the id is missing"),
        (
            {"users": {**USERS, "s": ["a", "x" * 201, "b"]}},
            r"users\.csv, row 2, column 's': the id 'x{200}…' has 201 characters, but 200 are the most",
        ),
        (
            {"users": {**USERS, "studage": [1, "x", 2]}},
            r"row 2, column 'studage': 'x' is not a whole number",
        ),
        ({"users": {**USERS, "since": ["x"] * 3}}, r"users\.csv, row 1, column 'since': 'x' is not a time"),
        (
            {"users": {**USERS, "member": ["yes"] * 3}},
            r"row 1, column 'member': 'yes' is not true or false",
        ),
        ({"items": {name: [] for name in ITEMS}}, r"items\.csv has no rows, so there is nothing to recommend"),
        ({"users": {name: [] for name in USERS}}, r"users\.csv has no rows: leave the table of users out"),
        ({"events": {"s": ["u1"], "d": ["a"]}}, r"events\.csv lacks the column 'service'"),
        ({"events": {**EVENTS, "service": ["x"] * 6}}, r"events\.csv, row 1, column 'service': 'x' is not a whole"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_by_file_row_and_column(
    tmp_path: Path, tables: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        read(tmp_path, **tables)


@pytest.mark.parametrize(
    ("form", "complaint"),
    [
        ("csv", r"users\.csv has the column 'studage' twice"),
        ("jsonl", r"users\.jsonl, line 1: 'studage' is there twice"),
        ("parquet", r"users\.parquet has the column 'studage' twice"),
        ("arrow", "the table of users has the column 'studage' twice"),
        ("pandas", "the table of users has the column 'studage' twice"),
    ],
)
def test_a_column_that_is_there_twice_is_refused(tmp_path: Path, form: str, complaint: str) -> None:
    path = tmp_path / f"users.{form}"
    table = pa.table([["u"], [1], [True], [None], [2]], names=["s", "studage", "member", "since", "studage"])
    if form == "csv":
        path.write_text("s,studage,member,since,studage\nu,1,true,,2\n")
    elif form == "jsonl":
        path.write_text('{"s": "u", "studage": 1, "member": true, "since": null, "studage": 2}\n')
    elif form == "parquet":
        pq.write_table(table, path)

    in_memory = {"arrow": table, "pandas": pd.DataFrame([["u", 1, True, None, 2]], columns=table.column_names)}

    with pytest.raises(InvalidInput, match=complaint):
        read_contents_of(project(), in_memory.get(form, path), arrow(tmp_path, "items", ITEMS))


@pytest.mark.parametrize(
    ("name", "held", "complaint"),
    [
        ("items.csv", b"", r"items\.csv lacks the columns .*; it is empty"),
        ("items.csv", b"d,name\xff\n", r"items\.csv is not UTF-8 text: byte 6 of a line"),
        ("items.csv", b'"d"x,name\n', r"items\.csv, line 1: not CSV"),
        ("items.jsonl", b'{"d": "a"}\n\n{"d":\n', r"items\.jsonl, line 3: not JSON"),
        ("items.jsonl", b'{"d": "a"}\n7\n', r"items\.jsonl, line 2: a JSON object is expected"),
        ("items.jsonl", b'{"d": "\xff"}\n', r"items\.jsonl is not UTF-8 text"),
    ],
)
def test_a_file_that_is_broken_is_named_with_its_line(tmp_path: Path, name: str, held: bytes, complaint: str) -> None:
    path = tmp_path / name
    path.write_bytes(held)

    with pytest.raises(InvalidInput, match=complaint):
        read_contents_of(project(), arrow(tmp_path, "users", USERS), path)


def test_a_cell_of_a_table_in_memory_is_named_by_its_row(tmp_path: Path) -> None:
    users = arrow(tmp_path, "users", {**USERS, "studage": ["3", "4", "5"]})

    with pytest.raises(InvalidInput, match="of users, row 1, column 'studage': '3' is text, not a whole number"):
        read_contents_of(project(), users, arrow(tmp_path, "items", ITEMS))


@pytest.mark.parametrize(
    ("ids", "complaint"),
    [
        ([1, -1], "row 2, column 'd': the id -1 is negative"),
        ([1, 1 << 63], "row 2, column 'd': '9223372036854775808' is not"),
    ],
)
def test_whole_numbers_that_are_no_ids_are_refused(tmp_path: Path, ids: list[int], complaint: str) -> None:
    path = write_csv(tmp_path, "items", {"d": [cell(each) for each in ids]})

    with pytest.raises(InvalidInput) as caught:
        read_contents_of(project('[items]\nid = "d"'), None, path)

    assert complaint in str(caught.value)


def test_a_value_that_first_comes_late_in_a_file_of_json_is_read(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text("".join(f'{{"d": {row}}}\n' for row in range(1500)) + '{"d": 1500, "price": 2.5}\n')

    contents, found = read_contents_of(
        project('[items]\nid = "d"\n[inputs.price]\nsource = "item"\ntype = "double"'), None, path
    )

    assert contents.items.columns["price"][-2:] == [None, 2.5]
    assert found.missing == {"items.price": 1500}


def test_ids_that_went_through_doubles_are_refused_where_they_may_be_others(tmp_path: Path) -> None:
    table = pa.table({"d": [1.0, 2.0**53, 2.0**60]})

    with pytest.raises(InvalidInput, match=r"row 3, column 'd': 1\.152921504606847e.18 is a double too large"):
        read_contents_of(project('[items]\nid = "d"'), None, table)


def test_tables_that_are_named_nowhere_or_are_not_there_are_told(tmp_path: Path) -> None:
    items = write_csv(tmp_path, "items", ITEMS)

    with pytest.raises(ConfigurationError, match=r"there is no table of items: name one by --items"):
        read_contents_of(project())
    with pytest.raises(ConfigurationError, match=r"declares features of users, such as 'age', but there is no table"):
        read_contents_of(project(), None, items)
    with pytest.raises(ConfigurationError, match=r"nowhere\.csv, the table of users, is not there"):
        read_contents_of(project(), "nowhere.csv", items)
    with pytest.raises(InvalidInput, match="the table of users is a list, but a path or a table"):
        read_contents_of(project(), [1], items)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInput, match="empty is a folder without Parquet files"):
        read_contents_of(project(), tmp_path / "empty", items)


def test_the_project_file_may_name_the_tables(tmp_path: Path) -> None:
    features = {name: write_csv(tmp_path, name, table) for name, table in (("users", USERS), ("items", ITEMS))}
    named = project(f'{PROJECT}\n[features]\nusers = "{features["users"]}"\nitems = "{features["items"]}"\n')

    contents, _ = read_contents_of(named)

    assert list(contents.users) == ["u1", "007", "名"]
