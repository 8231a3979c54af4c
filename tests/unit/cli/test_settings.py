"""A setting of the environment that is wrong ends with a sentence that names it."""

import pytest
from pydantic import BaseModel, ValidationError

from pillion.config import explain_settings
from tests.support.command import Command


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
