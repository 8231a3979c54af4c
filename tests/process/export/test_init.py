"""`pillion init`: what a saved pipeline, its schema and the tables tell, and guesses that are marked, without Spark."""

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import Result

from pillion.errors import ConfigurationError
from pillion.export.served import read_served
from pillion.project import Project, read_project
from pillion.scoring import ClassRanking, ScoreRanking
from tests.support.command import invoke
from tools.checkout import ROOT


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with both demo pipelines, unpacked, and their schemas."""
    monkeypatch.chdir(tmp_path)
    for model in ("ranker", "titles30"):
        version = ROOT / "pmml-models" / model / "1"
        with zipfile.ZipFile(version / "pipeline.zip") as packed:
            packed.extractall(tmp_path / model)
        schema = json.loads((version / "manifest.json").read_text())["schema"]
        (tmp_path / f"{model}.json").write_text(json.dumps(schema))
    return tmp_path


def init(model: str, *more: str) -> Result:
    return invoke("init", "--pipeline", model, "--schema", f"{model}.json", *more)


def made(model: str, *more: str) -> Project:
    done = init(model, *more)
    assert done.exit_code == 0, done.output
    return read_project(Path("pillion.toml"))


def test_names_tell_sources_where_nothing_else_does_and_say_that_they_are_guesses(folder: Path) -> None:
    project = made("ranker")

    text = (folder / "pillion.toml").read_text()
    assert project.model == "ranker"
    assert project.ranking is not None
    assert project.ranking.score == "probability(1)"
    assert len(project.inputs) == 81
    assert "label" not in project.inputs
    assert [project.inputs[name].source for name in ("user_factor_0", "item_likes", "hour", "device")] == [
        "user",
        "item",
        "online",
        "online",
    ]
    assert (project.inputs["hour"].derive, project.inputs["hour"].range) == ("hour", (0, 23))
    assert (project.inputs["weekday"].derive, project.inputs["weekday"].range) == ("weekday", (0, 6))
    assert '[inputs.user_factor_0]\nsource = "user"  # a guess: check it\ntype = "double"' in text
    assert all(line.startswith(("#", "[")) or " = " in line or not line for line in text.splitlines())


def test_tables_tell_sources_ids_and_files(folder: Path) -> None:
    schema = json.loads((folder / "ranker.json").read_text())["fields"]
    names = [field["name"] for field in schema]
    online = ("hour", "weekday", "device", "country", "referrer", "label")
    user_names = [name for name in names if name.startswith(("user_", "taste_"))]
    item_names = [name for name in names if name not in user_names and name not in online]
    users: dict[str, list[Any]] = {"who": ["u1", "007"], **{name: [0.5, 0.5] for name in user_names}}
    items: dict[str, list[Any]] = {"what": [3, 4], "title": ["a", "b"], **{name: [0.5, 0.5] for name in item_names}}
    pd.DataFrame(users).to_csv("users.csv", index=False)
    (folder / "tables").mkdir()
    pd.DataFrame(items).to_parquet("tables/items.parquet")
    pd.DataFrame({"who": ["u1"], "what": [3], "when": [5], "device": ["tv"], "hour": [3]}).to_parquet("events.parquet")

    files = ["--users", "users.csv", "--items", "tables/items.parquet", "--events", "events.parquet"]
    project = made("ranker", *files)

    assert (project.users.id, project.users.type) == ("who", "string")
    assert (project.items.id, project.items.type, project.items.title) == ("what", "integer", "title")
    assert project.features.items == Path("tables/items.parquet")
    assert {name: each.source for name, each in project.inputs.items()} == {
        name: "user" if name in user_names else "item" if name in item_names else "online"
        for name in names
        if name != "label"
    }
    text = (folder / "pillion.toml").read_text()
    assert project.segments == ("device",)
    assert [line for line in text.splitlines() if "a guess" in line] == [
        'segments = ["device"]  # fields of the request that make a segment, the most telling first; a guess: check it',
        'score = "probability(1)"  # a guess: check it',
        'derive = "hour"  # a guess: check it: of the request\'s timestamp',
        'derive = "weekday"  # a guess: check it: of the request\'s timestamp; 0 is Monday',
    ]


def test_tables_suggest_ranges_and_what_may_stand_in_for_what_is_missing(folder: Path) -> None:
    users = {"who": [1, 2, 3, 4], "user_factor_0": [0.5, None, -1.25, 3.0], "user_factor_1": [None] * 4}
    events = {"who": [1, 2, 3], "what": [3, 3, 4], "country": ["de", None, "de"], "device": ["tv", 'a"b', "tv"]}
    pd.DataFrame(users).to_csv("users.csv", index=False)
    pd.DataFrame({"what": [3, 4], "item_likes": ["many", "few"]}).to_csv("items.csv", index=False)
    pd.DataFrame(events).to_json("events.jsonl", orient="records", lines=True)

    made("ranker", "--users", "users.csv", "--items", "items.csv", "--events", "events.jsonl")

    text = (folder / "pillion.toml").read_text()
    assert '[inputs.user_factor_0]\nsource = "user"\ntype = "double"\n# range = [-1.25, 3.0]\n# default = 0.5\n' in text
    assert '[inputs.user_factor_1]\nsource = "user"\ntype = "double"\n\n' in text
    assert '[inputs.country]\nsource = "online"\ntype = "string"\n# default = "de"\n' in text
    assert '[inputs.device]\nsource = "online"\ntype = "string"\n\n' in text
    assert '[inputs.item_likes]\nsource = "item"\ntype = "double"\n\n' in text  # whose cells are no numbers
    uncommented = re.sub("^# (range|default)", r"\1", text, flags=re.MULTILINE)
    (folder / "pillion.toml").write_text(uncommented)
    assert read_project(folder / "pillion.toml").inputs["user_factor_0"].default == 0.5


def test_a_model_of_many_classes_ranks_them_and_its_label_is_no_input(folder: Path) -> None:
    project = made("titles30")

    assert project.ranking is not None
    assert project.ranking.classes is not None
    assert len(project.ranking.classes) == 30
    assert project.ranking.classes["probability(318)"] == 318
    assert "item" not in project.inputs


def test_types_that_are_never_served_are_left_to_a_comment_and_odd_names_are_quoted(folder: Path) -> None:
    schema = json.loads((folder / "ranker.json").read_text())
    types: dict[str, Any] = {
        "device": {"type": "array", "elementType": "double", "containsNull": True},
        "weekday": "interval day",
        "hour": "timestamp",
        "item_likes": "decimal(10,2)",
    }
    for field in schema["fields"]:
        field["type"] = types.get(field["name"], field["type"])
    (folder / "ranker.json").write_text(json.dumps(schema))

    done = init("ranker")
    project = read_project(Path("pillion.toml"))

    assert (
        "left out, since no table and no request can give their types: weekday (interval day), device (array<double>)"
        in done.stdout
    ), done.output
    assert "# [inputs.device]\n# is of Spark's type array" in (folder / "pillion.toml").read_text()
    assert (project.inputs["hour"].type, project.inputs["item_likes"].type) == ("timestamp", "decimal")
    assert not {"device", "weekday"} & project.inputs.keys()


def test_what_cannot_be_drafted_from_is_one_sentence(folder: Path) -> None:
    (folder / "bad.json").write_text("[]")
    unfitted = folder / "unfitted" / "metadata"
    unfitted.mkdir(parents=True)
    (unfitted / "part-00000").write_text('{"class": "org.apache.spark.ml.Pipeline", "uid": "p", "paramMap": {}}')

    def refused(*arguments: str) -> str:
        done = invoke("init", *arguments)
        assert isinstance(done.exception, ConfigurationError), done.output
        return str(done.exception)

    assert "nowhere: no saved PipelineModel is there" in refused("--pipeline", "nowhere", "--schema", "ranker.json")
    assert "bad.json is not a schema" in refused("--pipeline", "ranker", "--schema", "bad.json")
    assert "is a Pipeline that isn't fitted" in refused("--pipeline", "unfitted", "--schema", "ranker.json")
    assert not (folder / "pillion.toml").exists()
    made("ranker")
    assert "pillion.toml is there already" in refused("--pipeline", "ranker", "--schema", "ranker.json")


def test_arrays_of_strings_are_declared_as_texts_and_a_type_that_nothing_can_give_is_named(folder: Path) -> None:
    schema = json.loads((folder / "ranker.json").read_text())
    strings = {"type": "array", "elementType": "string", "containsNull": True}
    pairs = {"type": "map", "keyType": "string", "valueType": "double", "valueContainsNull": True}

    def retyped(types: dict[str, Any]) -> None:
        fields = [{**field, "type": types.get(field["name"], field["type"])} for field in schema["fields"]]
        (folder / "ranker.json").write_text(json.dumps({**schema, "fields": fields}))

    retyped({"device": strings})
    project = made("ranker")
    assert project.inputs["device"].type == "string"
    assert (
        "# Texts, as a list, or as JSON where a list has no place.\n[inputs.device]" in Path("pillion.toml").read_text()
    )
    assert read_served(project, Path("ranker"), Path("ranker.json")).sources["device"] == "online"

    retyped({"device": pairs, "hour": "binary"})
    with pytest.raises(ConfigurationError, match=r"takes 'hour' \(binary\), 'device' \(map\), of types that no table"):
        read_served(project, Path("ranker"), Path("ranker.json"))


def test_of_a_time_without_a_zone_a_line_says_what_becomes_of_zones(folder: Path) -> None:
    schema = json.loads((folder / "ranker.json").read_text())
    fields = [{**field, "type": "timestamp_ntz"} if field["name"] == "hour" else field for field in schema["fields"]]
    (folder / "ranker.json").write_text(json.dumps({**schema, "fields": fields}))

    assert made("ranker").inputs["hour"].type == "timestamp"
    said = "the model takes what a clock in UTC shows then; the zone is not kept.\n[inputs.hour]"
    assert said in Path("pillion.toml").read_text()


def test_a_draft_is_what_publishing_needs(folder: Path) -> None:
    ranker = read_served(made("ranker"), Path("ranker"), Path("ranker.json"))
    (folder / "pillion.toml").unlink()
    titles = read_served(made("titles30"), Path("titles30"), Path("titles30.json"))

    assert ranker.ranking == ScoreRanking("probability(1)")
    assert (ranker.sources["item_likes"], ranker.sources["hour"]) == ("item", "online")
    assert isinstance(titles.ranking, ClassRanking)
    assert titles.ranking.classes["probability(318)"] == 318


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("inputs.hour", "inputs.time", "does not say where 'hour' of the pipeline ranker comes from"),
        ("inputs.user_factor_", "inputs.factor_", r"'user_factor_1'.* of the pipeline ranker come from: a section"),
        ('type = "string"', 'type = "double"', r"'device' \(double instead of string\), 'country'"),
        ("[ranking]\nscore", "# score", r"does not say how the model ranks: a section \[ranking\]"),
    ],
)
def test_a_project_file_that_does_not_fit_the_pipeline_is_told_before_spark_starts(
    folder: Path, old: str, new: str, complaint: str
) -> None:
    made("ranker")
    text = (folder / "pillion.toml").read_text()
    (folder / "pillion.toml").write_text(text.replace(old, new).replace("derive", "# derive").replace("zone", "# zone"))

    with pytest.raises(ConfigurationError, match=complaint):
        read_served(read_project(Path("pillion.toml")), Path("ranker"), Path("ranker.json"))
