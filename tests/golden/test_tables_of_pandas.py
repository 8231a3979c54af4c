"""Decimal numbers and dates, as pandas and JSON have them, for a model that takes them as texts."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pillion.api.model import load
from pillion.errors import PillionWarning
from tests.support.command import Command
from tools.golden.store import DATA

MODEL = DATA / "spelled_in_sql" / "model.pmml"


@pytest.fixture
def recorded() -> list[dict[str, Any]]:
    """Rows that Spark has an answer for, with it."""
    lines = map(json.loads, (MODEL.parent / "rows.jsonl").read_text().splitlines())
    return [line for line in lines if "expected" in line and None not in line["input"].values()][:20]


def _as_pandas_has_them(rows: list[dict[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame([row["input"] for row in rows])
    return table.assign(price=table["price"].astype("float64"), since=pd.to_datetime(table["since"]))


def test_doubles_are_the_decimals_that_they_are_printed_as(recorded: list[dict[str, Any]], jar: Path) -> None:
    table = _as_pandas_has_them(recorded)

    with load(MODEL, force=True, jar=jar) as model:
        made = model.predict(table)

    assert str(table["price"].dtype) == "float64"
    assert made["prediction"].tolist() == [row["expected"]["prediction"] for row in recorded]


def test_a_double_of_more_digits_than_the_type_has_fails_its_row(recorded: list[dict[str, Any]], jar: Path) -> None:
    table = _as_pandas_has_them(recorded[:3])
    table.loc[1, "price"] = 0.1 + 0.2

    with (
        load(MODEL, force=True, jar=jar) as model,
        pytest.warns(PillionWarning, match=r"row 2 the first: .*price.*0\.30000000000000004"),
    ):
        made = model.predict(table)

    assert made["prediction"].isna().tolist() == [False, True, False]


def test_numbers_of_json_are_scored_as_decimals(
    recorded: list[dict[str, Any]], jar: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pillion: Command
) -> None:
    monkeypatch.setenv("PILLION_SIDECAR_JAR", str(jar))
    rows, scores = tmp_path / "rows.jsonl", tmp_path / "scores.jsonl"
    made = [row["input"] | {"price": float(row["input"]["price"])} for row in recorded]
    rows.write_text("".join(json.dumps(row) + "\n" for row in made))

    done = pillion("score", "--force", "--model", str(MODEL), "--input", str(rows), "--output", str(scores))

    assert done.code == 0, done.err
    told = [json.loads(line)["prediction"] for line in scores.read_text().splitlines()]
    assert told == [row["expected"]["prediction"] for row in recorded]
