import json
import math
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pillion.errors import InvalidInput
from pillion.tabular import parse_kinds, parse_schema, read_batches, read_frame, write_batches
from pillion.types import FieldType

SCHEMA: dict[str, FieldType] = {"d": "double", "n": "integer", "s": "string", "b": "boolean"}
doubles = st.one_of(st.none(), st.floats())
longs = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))
# In CSV, an empty cell is a missing value, so an empty text can't come back.
texts = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
rows = st.lists(st.tuples(doubles, longs, texts, st.one_of(st.none(), st.booleans())), min_size=1, max_size=20)


def bits(value: object) -> object:
    return struct.pack("<d", value) if isinstance(value, float) and not math.isnan(value) else str(value)


def read_all(path: Path, schema: Mapping[str, FieldType], **options: Any) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {name: [] for name in schema}
    for batch in read_batches(path, schema, **options):
        for name in schema:
            columns[name] += batch.columns[name]
    return columns


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
@given(rows=rows)
@settings(max_examples=60, deadline=None)
def test_what_is_written_comes_back_bit_by_bit(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, rows: list[tuple[Any, ...]]
) -> None:
    if suffix == ".csv":
        rows = [(d, n, None if s == "N/A" else s, b) for d, n, s, b in rows]
    path = tmp_path_factory.mktemp("t") / f"rows{suffix}"
    columns = dict(zip(SCHEMA, map(list, zip(*rows, strict=True)), strict=True))
    write_batches(path, SCHEMA, [columns, columns])
    found = read_all(path, SCHEMA, batch_rows=7)

    assert [bits(v) for v in found["d"]] == [bits(v) for v in columns["d"] * 2]
    assert {name: found[name] for name in "nsb"} == {name: columns[name] * 2 for name in "nsb"}


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_unfit_cells_can_be_left_to_their_rows(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"rows{suffix}"
    csv = "d,n,s,b\n1,1,a,true\nFALSE,x,b,true\n2,2.5,c,true\n3,3,d,true\n"
    records = [(1, 1, "a"), (False, "x", "b"), (2, 2.5, "c"), (3, 3, "d")]
    path.write_text(
        csv if suffix == ".csv" else "".join(json.dumps(dict(zip("dns", r, strict=True))) + "\n" for r in records)
    )
    first, second = read_batches(path, SCHEMA, batch_rows=2, keep_unfit=True)

    assert (first.columns["d"], first.columns["n"], first.columns["s"]) == ([1.0, None], [1, None], ["a", "b"])
    assert {row: str(error) for row, error in first.unfit.items()} == {
        1: f"{path}, row 2, column 'd': {'FALSE' if suffix == '.csv' else False!r} is not a number"
    }
    assert [str(error) for error in second.unfit.values()] == [
        f"{path}, row 3, column 'n': {'2.5' if suffix == '.csv' else 2.5!r} is not a whole number"
    ]


def test_cells_are_cast_and_what_is_not_asked_for_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("n,extra,d,s,b\n 3.0 ,x,-Infinity,,TRUE\nN/A,y,1e400, a ,0\n-0,,nan,N/A,\n")
    found = read_all(path, SCHEMA)

    assert found["n"] == [3, None, 0]
    assert found["d"][:2] == [-math.inf, math.inf]
    assert math.isnan(found["d"][2])
    assert (found["s"], found["b"]) == ([None, " a ", None], [True, False, None])


def test_another_word_for_missing_replaces_the_usual_ones(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("s\n?\nN/A\n")

    assert read_all(path, {"s": "string"}, nulls=["?"]) == {"s": [None, "N/A"]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("d\n1\n", "lacks the column 'n'"),
        ("", "is empty"),
        ("d,n\n1,2\n1,x\n", "row 2, column 'n': 'x' is not a whole number"),
        ("d,n\n1,2\n1_0,2\n", "row 2, column 'd': '1_0' is not a number"),
        ("d,n\n1,99999999999999999999\n", "row 1, column 'n'"),
        ("d,n\n1,2.5\n", "row 1, column 'n': '2.5' is not a whole number"),
        ("d,n\n1,2,3\n", "row 1: 3 cells, but the header names 2"),
        ("d,n,d\n1,2,3\n", "the column 'd' twice"),
        ('d,n\n1,"2\n', "line 2: not CSV"),
    ],
)
def test_a_bad_csv_is_named_by_file_row_and_column(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=r"rows\.csv") as caught:
        read_all(path, {"d": "double", "n": "integer"})

    assert message in str(caught.value)


def test_a_bad_row_far_down_is_counted_from_the_top(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("n\n" + "1\n" * 25 + "x\n")
    with pytest.raises(InvalidInput, match="row 26, column 'n'"):
        read_all(path, {"n": "integer"}, batch_rows=10)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"n": 1', "line 2: not JSON"),
        ("[1]", "line 2: a JSON object"),
        ('{"n": "1"}', "row 2, column 'n'"),
        ('{"n": true}', "row 2, column 'n'"),
        ('{"n": 1.5}', "row 2, column 'n'"),
    ],
)
def test_a_bad_json_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"n": 1}\n' + line + "\n")
    with pytest.raises(InvalidInput, match=r"rows\.jsonl") as caught:
        read_all(path, {"n": "integer"})

    assert message in str(caught.value)


def test_vectors_are_spelled_by_index(tmp_path: Path) -> None:
    lines, table = tmp_path / "rows.jsonl", tmp_path / "rows.parquet"
    lines.write_text('{"f": [1, 2.5]}\n{"f": {"type": 0, "size": 2, "indices": [1], "values": [7]}}\n')
    pq.write_table(pa.table({"f": [[1.0, 2.5], [0.0, 7.0]], "other": [1, 2]}), table)
    schema: dict[str, FieldType] = {"f[0]": "double", "f[1]": "double"}

    assert read_all(lines, schema) == read_all(table, schema) == {"f[0]": [1.0, 0.0], "f[1]": [2.5, 7.0]}


@pytest.mark.parametrize("name", ["rows.txt", "rows"])
def test_an_unknown_suffix_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("x")
    with pytest.raises(InvalidInput, match=r"neither \.csv nor"):
        read_all(path, SCHEMA)
    with pytest.raises(InvalidInput, match=r"neither \.csv nor"):
        write_batches(path, SCHEMA, [])


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_what_is_no_such_file_is_refused(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_all(tmp_path / f"absent{suffix}", SCHEMA)
    path = tmp_path / f"rows{suffix}"
    path.write_bytes(b"\xff\xfe\x00nonsense\n")
    with pytest.raises(InvalidInput, match="rows"):
        read_all(path, SCHEMA)


def test_nothing_is_left_where_writing_fails(tmp_path: Path) -> None:
    def batches() -> Iterator[Any]:
        yield {"n": [1]}
        raise InvalidInput("no more")

    with pytest.raises(InvalidInput, match="no more"):
        write_batches(tmp_path / "out.csv", {"n": "integer"}, batches())

    assert list(tmp_path.iterdir()) == []


def test_a_row_of_one_missing_value_is_still_a_row(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    write_batches(path, {"n": "integer"}, [{"n": [None, 1, None]}])

    assert read_all(path, {"n": "integer"}) == {"n": [None, 1, None]}


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be written"):
        write_batches(tmp_path / "absent" / "out.csv", {"n": "integer"}, [])


def test_a_schema_is_read_and_other_json_refused(tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text('{"fields": [{"name": "a", "type": "integer"}, {"name": "v", "type": {"type": "udt"}}]}')
    assert parse_schema(path) == {"a": "integer", "v": None}

    path.write_text("[]")
    with pytest.raises(InvalidInput, match=r"schema\.json is not a schema"):
        parse_schema(path)
    with pytest.raises(InvalidInput, match="cannot be read"):
        parse_schema(Path("absent.json"))


def test_a_schema_says_what_each_column_takes_by_sparks_name_where_no_contract_has_it(tmp_path: Path) -> None:
    vector = {"type": "udt", "class": "org.apache.spark.ml.linalg.VectorUDT", "sqlType": {}}
    arrays = [{"type": "array", "elementType": each, "containsNull": True} for each in ("string", "double")]
    types = ["long", "decimal(8,2)", "binary", vector, *arrays, {"type": "map", "keyType": "string"}]
    path = tmp_path / "schema.json"
    path.write_text(json.dumps({"fields": [{"name": str(n), "type": each} for n, each in enumerate(types)]}))

    assert list(parse_kinds(path).values()) == [
        "integer", "decimal(8,2)", "binary", "vector", "array<string>", "array<double>", "map",
    ]  # fmt: skip


def test_arrays_of_texts_in_a_frame_are_the_texts_that_models_take() -> None:
    cells = [["a", "b"], np.array(["c", None], dtype=object), None, ()]
    frame = pd.DataFrame({"tags": pd.Series(cells, dtype=object), "v": [np.array([1.0, 2.0])] * 4})

    batch = read_frame(frame, {"tags": "string", "v[1]": "double"}, "the frame")

    assert batch.columns == {"tags": ['["a","b"]', '["c",null]', None, None], "v[1]": [2.0] * 4}
    assert str(batch.unfit[3]) == "the frame, row 4, column 'tags': () is not text"
