"""A setting of the environment that is wrong ends with a sentence that names it."""

from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

import pillion.config
from pillion.config import SidecarSettings, explain_settings
from tests.support.command import Command
from tools.checkout import JAR


def test_the_sentence_names_the_variable_and_what_was_expected(
    pillion: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PILLION_RECOMMEND_ADMISSION_TARGET_MS", "-1")
    monkeypatch.setenv("PILLION_RECOMMEND_K", "many")

    ran = pillion("serve")

    assert ran.code == 2
    assert ran.err.strip() == (
        "error: PILLION_RECOMMEND_K: input should be a valid integer, unable to parse string as an integer; "
        "PILLION_RECOMMEND_ADMISSION_TARGET_MS: input should be greater than 0"
    )


def test_an_error_about_something_else_is_not_explained() -> None:
    class Other(BaseModel):
        number: int

    with pytest.raises(ValidationError) as caught:
        Other.model_validate({"number": "many"})

    assert explain_settings(caught.value) is None


def test_the_jar_is_found_from_any_folder_and_the_models_are_in_the_working_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PILLION_SIDECAR_JAR", raising=False)
    monkeypatch.chdir(tmp_path)

    settings = SidecarSettings()

    assert settings.jar in (JAR, Path(pillion.config.__file__).parent / "jar" / JAR.name)
    assert settings.models == Path("models")
