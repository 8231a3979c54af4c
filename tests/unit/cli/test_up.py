"""What keeps `pillion up` from serving is told before anything is started."""

import shutil
from pathlib import Path

from tests.support.command import Command
from tests.support.models import write_models


def test_several_models_are_named_and_model_asked_for(pillion: Command, tmp_path: Path) -> None:
    models = write_models(tmp_path / "models")
    (models / "pillion.toml").unlink(missing_ok=True)

    ran = pillion("up", "--models", models)

    assert ran.code == 2
    assert ran.err.startswith(
        f"error: the model repository {models} has the models 'picker', 'ranker', and nothing says which is asked: give"
        " --model"
    )


def test_a_repository_without_a_model_and_one_that_is_not_there_are_told(pillion: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    assert "empty has no model that ranks: publish one with" in pillion("up", "--models", tmp_path / "empty").err
    nowhere = tmp_path / "nowhere"
    assert f"there is no model repository at {nowhere}: `pillion publish --models {nowhere}` makes one" in (
        pillion("up", "--models", nowhere).err
    )


def test_a_single_model_needs_tables_to_fill_the_store_with(pillion: Command, tmp_path: Path) -> None:
    models = write_models(tmp_path / "models")
    (models / "pillion.toml").unlink(missing_ok=True)
    shutil.rmtree(models / "picker")

    ran = pillion("up", "--models", models)

    assert ran.code == 2
    assert "pillion.toml names no tables under [features]" in ran.err
