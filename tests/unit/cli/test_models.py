import json
from pathlib import Path

import pytest

from tests.support.command import Command
from tests.support.models import write_models, write_ranker


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return write_models(tmp_path / "models")


def test_list_shows_every_version(pillion: Command, models: Path) -> None:
    write_ranker(models, 2)
    ran = pillion("models", "list", "--models", models, "--json")

    assert [(row["model"], row["version"]) for row in json.loads(ran.out)] == [
        ("picker", 1),
        ("ranker", 1),
        ("ranker", 2),
    ]
    assert "ranker" in pillion("models", "list", "--models", models).out


def test_list_names_a_version_whose_file_was_changed_and_exits_with_1(pillion: Command, models: Path) -> None:
    (models / "ranker/1/model.pmml").write_text("changed")
    ran = pillion("models", "list", "--models", models, "--json")

    problem = next(row["problem"] for row in json.loads(ran.out) if row["model"] == "ranker")
    assert "SHA-256" in problem
    assert ran.code == 1


def test_show_of_what_is_not_there_is_one_sentence(pillion: Command, models: Path) -> None:
    ran = pillion("models", "show", "absent", "--models", models)

    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert "absent" in ran.err
