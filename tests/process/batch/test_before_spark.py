"""What keeps `pillion batch` from running is told before Spark is started."""

from pathlib import Path

import pytest

from pillion.errors import ConfigurationError, StoreUnreachable
from tests.support.command import invoke
from tools.checkout import ROOT

pytestmark = pytest.mark.process
NOWHERE = "redis://127.0.0.1:1/0"


def test_a_store_that_does_not_answer_is_told() -> None:
    done = invoke("batch", "--models", str(ROOT / "pmml-models"), "--model", "ranker", "--store", NOWHERE)

    assert isinstance(done.exception, StoreUnreachable)
    assert f"the store at {NOWHERE} does not answer" in str(done.exception)
    assert "starting Spark" not in done.output


def test_a_repository_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = invoke("batch", "--models", str(tmp_path / "nowhere"), "--store", NOWHERE)

    assert isinstance(done.exception, ConfigurationError)
    assert "there is no model repository at" in str(done.exception)
    assert "starting Spark" not in done.output
