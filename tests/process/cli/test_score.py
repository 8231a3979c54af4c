import csv
import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Command
from tests.support.models import RANKER, ranker_score, write_models

HEADER = "user_rate,plan,item_score,hour,device\n"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_models(tmp_path_factory.mktemp("repository"))


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text(HEADER + "0.5,paid,0.25,9,tv\n,free,0.5,10,mobile\nN/A,free,0.5,10,fridge\n")
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("engine", ["auto", "jpmml", "compiled"])
def test_scores_are_written_row_by_row_and_one_json_line_is_printed(
    pillion: Command, models: Path, rows: Path, tmp_path: Path, engine: str
) -> None:
    out = tmp_path / "scores.csv"
    ran = pillion("score", "--model", models / "ranker", "--input", rows, "--output", out, "--engine", engine)

    told = json.loads(ran.out)
    assert (ran.code, told["rows"], told["errors"]) == (0, 3, 0)
    assert told["engine"] in ("compiled", "jpmml") if engine == "auto" else told["engine"] == engine
    assert told["arithmetic"] == "jpmml"
    assert told["inexact"].startswith("the document holds no plan of Spark's, so an engine keeps")
    scored = read(out)
    assert list(scored[0]) == ["prediction", "probability(0)", "probability(1)"]
    expected = [
        ranker_score(0.5, 0.25, "tv", 9),
        ranker_score(None, 0.5, "mobile", 10),
        ranker_score(None, 0.5, "x", 10),
    ]
    assert [float(row["probability(1)"]) for row in scored] == pytest.approx(expected, rel=1e-13)
    assert [row["prediction"] for row in scored] == [str(int(score > 0.5)) for score in expected]


def test_a_terminal_sees_how_many_rows_are_scored_and_those_that_cannot_be(
    models: Path, rows: Path, tmp_path: Path
) -> None:
    rows.write_text(rows.read_text() + "much,free,0.5,10,tv\n")
    command = ["score", "--model", models / "ranker", "--input", rows, "--output", tmp_path / "scores.csv"]
    program = [sys.executable, "-c", "from pillion.cli import main; main()", *map(str, command)]
    terminal, its_end = pty.openpty()
    run = subprocess.run(
        program, stdout=subprocess.PIPE, stderr=its_end, env={**os.environ, "TERM": "xterm"}, check=False
    )
    os.close(its_end)
    seen = os.read(terminal, 1 << 16).decode()
    os.close(terminal)

    assert run.returncode == 1
    assert json.loads(run.stdout)["rows"] == 4
    assert "rows scored" in seen
    assert "row 4, column 'user_rate': 'much' is not a number" in " ".join(seen.split())


def test_the_forms_of_a_file_agree(pillion: Command, models: Path, rows: Path, tmp_path: Path) -> None:
    lines = tmp_path / "scores.jsonl"
    pillion("score", "--model", models / "ranker/1/model.pmml", "--input", rows, "--output", lines)
    out = tmp_path / "scores.csv"
    pillion("score", "--model", models / "ranker/1", "--input", rows, "--output", out)

    a = [json.loads(line)["probability(1)"] for line in lines.read_text().splitlines()]
    assert a == [float(row["probability(1)"]) for row in read(out)]


def test_a_row_that_cannot_be_scored_is_named_and_spoils_no_other(pillion: Command, tmp_path: Path) -> None:
    document = tmp_path / "strict.pmml"
    document.write_text(
        RANKER.replace('<MiningField name="device" invalidValueTreatment="asIs"/>', '<MiningField name="device"/>')
    )
    path = tmp_path / "rows.csv"
    path.write_text(HEADER + "0.5,x,0.25,9,tv\n0.5,x,0.25,9,fridge\n0.5,x,0.25,9,mobile\n")
    out = tmp_path / "scores.csv"
    ran = pillion("score", "--model", document, "--input", path, "--output", out)

    assert (ran.code, json.loads(ran.out)["errors"]) == (1, 1)
    assert "row 2" in ran.err
    assert "fridge" in ran.err
    cells = [row["probability(1)"] for row in read(out)]
    assert cells[1] == ""
    assert [float(cells[0]), float(cells[2])] == pytest.approx(
        [ranker_score(0.5, 0.25, d, 9) for d in ("tv", "mobile")]
    )


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_cell_of_another_type_is_its_rows_fault_and_spoils_no_other(
    pillion: Command, models: Path, tmp_path: Path, suffix: str
) -> None:
    path, out = tmp_path / f"rows{suffix}", tmp_path / "scores.csv"
    if suffix == ".csv":
        path.write_text(HEADER + "0.5,x,0.25,9,tv\n0.5,x,FALSE,noon,tv\n0.5,x,0.25,9,mobile\n")
    else:
        row = {"user_rate": 0.5, "item_score": 0.25, "hour": 9, "device": "tv"}
        path.write_text("".join(json.dumps(r) + "\n" for r in (row, row | {"item_score": False}, row)))
    ran = pillion("score", "--model", models / "ranker", "--input", path, "--output", out)

    assert (ran.code, json.loads(ran.out)["rows"], json.loads(ran.out)["errors"]) == (1, 3, 1)
    assert len(ran.err.splitlines()) == 1
    assert f"rows{suffix}, row 2, column 'item_score': " in ran.err
    cells = [row["probability(1)"] for row in read(out)]
    assert cells[1] == ""
    assert float(cells[0]) == pytest.approx(ranker_score(0.5, 0.25, "tv", 9))
    assert cells[2] != ""


def test_a_version_that_no_engine_was_cleared_for_is_scored_only_by_force(
    pillion: Command, models: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "refused"
    shutil.copytree(models / "ranker" / "1", folder)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    parity = {"compiled": {"passed": False, "problems": ["3 rows differ from Spark's bits, row 7 the first"]}}
    (folder / "manifest.json").write_text(json.dumps({**manifest, "engine": "none", "parity": parity}))
    path, out = tmp_path / "rows.csv", tmp_path / "scores.csv"
    path.write_text(HEADER + "0.5,x,0.25,9,tv\n")
    ran = pillion("score", "--model", folder, "--input", path, "--output", out)

    assert (ran.code, ran.out, out.exists()) == (1, "", False)
    assert "cleared for no engine" in ran.err
    assert "engine 'compiled': 3 rows differ from Spark's bits, row 7 the first" in ran.err
    assert pillion("score", "--force", "--model", folder, "--input", path, "--output", out).code == 0
    assert out.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("user_rate,item_score,hour\n1,1,1\n", "lacks the column 'device'"),
        (HEADER + "1,x,1,1,tv\n1,x,1,1\n", "row 2: 4 cells, but the header names 5"),
    ],
)
def test_a_bad_file_is_one_sentence_and_writes_nothing(
    pillion: Command, models: Path, tmp_path: Path, text: str, message: str
) -> None:
    path, out = tmp_path / "rows.csv", tmp_path / "scores.csv"
    path.write_text(text)
    ran = pillion("score", "--model", models / "ranker", "--input", path, "--output", out)

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: ")
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1
    assert not out.exists()


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (RANKER[:900], ""),
        (RANKER.replace("<PMML ", "<!DOCTYPE PMML [<!ENTITY x 'y'>]>\n<PMML ", 1), "DOCTYPE"),
        ("no document", ""),
    ],
    ids=["truncated", "doctype", "text"],
)
def test_a_bad_document_is_one_sentence(
    pillion: Command, rows: Path, tmp_path: Path, document: Any, message: str
) -> None:
    path, out = tmp_path / "model.pmml", tmp_path / "scores.csv"
    path.write_text(document)
    ran = pillion("score", "--model", path, "--input", rows, "--output", out)

    assert ran.code == 2
    assert ran.err.startswith("error: ")
    assert message in ran.err
    assert "Exception" not in ran.err
    assert not out.exists()


@pytest.mark.parametrize("model", ["absent", "empty"])
def test_a_model_that_is_not_there_is_one_sentence(pillion: Command, rows: Path, tmp_path: Path, model: str) -> None:
    (tmp_path / "empty").mkdir()
    ran = pillion("score", "--model", tmp_path / model, "--input", rows, "--output", tmp_path / "out.csv")

    assert ran.code == 2
    assert model in ran.err


def test_a_schema_that_contradicts_the_model_is_named(
    pillion: Command, models: Path, rows: Path, tmp_path: Path
) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps({"fields": [{"name": "hour", "type": "string"}]}))
    command = [
        "score",
        "--model",
        models / "ranker",
        "--input",
        rows,
        "--output",
        tmp_path / "o.csv",
        "--schema",
        schema,
    ]

    assert "'hour' is of type string, but the model takes integer" in pillion(*command).err


def test_infinity_go_through(pillion: Command, models: Path, tmp_path: Path) -> None:
    path, out = tmp_path / "rows.csv", tmp_path / "scores.csv"
    path.write_text(HEADER + "0.5,x,-Infinity,9,tv\n0.5,x,Infinity,9,tv\n")
    pillion("score", "--model", models / "ranker", "--input", path, "--output", out)

    assert [float(row["probability(1)"]) for row in read(out)] == [0.0, 1.0]
