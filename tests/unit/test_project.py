"""The project file: what it says, and that whatever is wrong in it is named by file, line and key."""

from pathlib import Path

import pytest

from pillion.config import RecommendSettings
from pillion.errors import ConfigurationError
from pillion.project import FILE, VARIABLE, FirstPhase, Project, find_project, read_project

WHOLE = """\
model = "late"
k = 5
candidates = 300
segments = ["service"]

[ranking]
score = "probability(1)"

[users]
id = "student"
type = "string"

[features]
users = "tables/users.parquet"

[models.late]
mode = "auto"

[inputs.age]
source = "user"
type = "integer"
column = "studage"
default = 4
range = [0, 9]

[inputs.service]
source = "online"
type = "string"

[inputs.hour]
source = "online"
type = "integer"
derive = "hour"
zone = "Europe/Zurich"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / FILE
    path.write_text(text, encoding="utf-8")
    return path


def test_all_of_it_is_read(tmp_path: Path) -> None:
    project = read_project(write(tmp_path, WHOLE))

    assert (project.model, project.segments, project.users.type) == ("late", ("service",), "string")
    assert project.ranking is not None
    assert project.ranking.score == "probability(1)"
    assert project.features.users == tmp_path / "tables/users.parquet"
    assert (project.inputs["age"].column, project.inputs["age"].default, project.inputs["age"].range) == (
        "studage",
        4,
        (0, 9),
    )
    assert list(project.online) == ["service", "hour"]
    assert (project.models["late"].mode, project.models["late"].max_age_hours) == ("auto", 48)


def test_a_first_phase_has_two_vectors(tmp_path: Path) -> None:
    text = '[models.late.first_phase]\nuser = "user_factor"\n'

    project = read_project(write(tmp_path, text + 'item = "item_factor"\n'))
    with pytest.raises(ConfigurationError, match="the key 'item' is missing"):
        read_project(write(tmp_path, text))

    assert project.models["late"].first_phase == FirstPhase(user="user_factor", item="item_factor")


@pytest.mark.parametrize(
    ("text", "line", "key", "complaint"),
    [
        ("modle = 'x'", 1, "modle", "no such key; known are model"),
        ("k = 0", 1, "k", "greater than or equal to 1"),
        ("file = 'x'", 1, "file", "no key 'file'"),
        ("[users]\nid = 'u'\ntype = 'text'", 3, "users.type", "'integer' or 'string'"),
        ("[users]\nname = 'u'", 2, "users.name", "no such key; known are id, type"),
        ("\n[inputs.a]\ntype = 'double'", 2, "inputs.a", "'source' is missing"),
        ("[inputs.a]\nsource = 'moon'\ntype = 'double'", 2, "inputs.a.source", "'user', 'item' or 'online'"),
        ("[inputs.a]\nsource = 'user'\ntype = 'vector'", 3, "inputs.a.type", "'string'"),
        ("[inputs.a]\nsource = 'user'\ntype = 'double'\ndefault = [\n1]", 5, "inputs.a.default", "valid"),
        ("[inputs.a]\nsource = 'user'\ntype = 'double'\nrange = [1]", 4, "inputs.a.range", "'1' is missing"),
        ("[inputs.a]\nsource = 'user'\ntype = 'double'\nrange = [2, 1]", 4, "inputs.a.range", "starts at 2"),
        ("[inputs.a]\nsource = 'user'\ntype = 'string'\nrange = [1, 2]", 4, "inputs.a.range", "a string has no range"),
        (
            "[inputs.a]\nsource = 'user'\ntype = 'double'\ndefault = 'x'",
            4,
            "inputs.a.default",
            "not of the type double",
        ),
        (
            "[inputs.a]\nsource = 'user'\ntype = 'integer'\nrange = [0, 1]\ndefault = 2",
            5,
            "inputs.a.default",
            "outside",
        ),
        ("[inputs.a]\nsource = 'user'\ntype = 'integer'\nderive = 'hour'", 4, "inputs.a.derive", "source 'online'"),
        (
            "[inputs.a]\nsource = 'online'\ntype = 'integer'\nderive = 'hour'\nzone = 'Mars/Base'",
            5,
            "inputs.a.zone",
            "no time zone is called 'Mars/Base'",
        ),
        ("[inputs.k]\nsource = 'online'\ntype = 'integer'", 1, "inputs.k", "can't be called 'k'"),
        ("segments = ['a']\n[inputs.a]\nsource = 'user'\ntype = 'string'", 1, "segments", "segment 'a'"),
        ("[ranking]", 1, "ranking", "either 'score' or 'classes'"),
        ("[models.late]\nmode = 'nightly'", 2, "models.late.mode", "'online', 'batch' or 'auto'"),
        ("[models.late]\nmode = 'auto'\nmax_age_hours = 0", 3, "models.late.max_age_hours", "greater than 0"),
        ("[models.late]\nmax_age = 3", 2, "models.late.max_age", "no such key; known are mode, max_age_hours"),
    ],
)
def test_what_is_wrong_is_named_by_line_and_key(tmp_path: Path, text: str, line: int, key: str, complaint: str) -> None:
    path = write(tmp_path, text)

    with pytest.raises(ConfigurationError) as caught:
        read_project(path)

    assert str(caught.value).startswith(f"{path}, line {line}")
    assert f"'{key}'" in str(caught.value)
    assert complaint in str(caught.value)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"line 1, 'k'.*line 2, 'modle'"):
        read_project(write(tmp_path, "k = 0\nmodle = 'x'"))


@pytest.mark.parametrize(("content", "complaint"), [(b"model =\n[users]", "line 1, column 8"), (b"\xff", "not UTF-8")])
def test_what_is_no_toml_is_named(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / FILE
    path.write_bytes(content)

    with pytest.raises(ConfigurationError, match=complaint) as caught:
        read_project(path)

    assert str(path) in str(caught.value)


def test_a_file_that_is_named_comes_before_the_working_directory_and_that_before_the_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    models, named = tmp_path / "models", tmp_path / "named.toml"
    models.mkdir()
    assert find_project(models=models) == Project()

    write(models, "model = 'of the models'")
    found = [find_project(models=models).model]
    write(tmp_path, "model = 'here'")
    found.append(find_project(models=models).model)
    named.write_text("model = 'named'")
    monkeypatch.setenv(VARIABLE, str(named))
    found.append(find_project(models=models).model)
    found.append(find_project(models / FILE, models).model)

    assert found == ["of the models", "here", "named", "of the models"]


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml cannot be read"):
        find_project(tmp_path / "nowhere.toml")


def test_flags_and_the_environment_come_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = read_project(write(tmp_path, WHOLE))
    monkeypatch.setenv("PILLION_RECOMMEND_K", "7")

    settings = RecommendSettings(model="flag").with_project(project)

    assert (settings.model, settings.k, settings.candidate_count) == ("flag", 7, 300)
    assert settings.segment_fields == ("service",)
