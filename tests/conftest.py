"""What all tests share: the checkout, its jar, the command line, and Hypothesis without a time limit."""

from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.command import Command
from tools.checkout import JAR, ROOT
from tools.go import NoTools, find_go

# No property fails for the time that a busy machine takes.
settings.register_profile("pillion", deadline=None)
settings.load_profile("pillion")


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's folder."""
    return ROOT


@pytest.fixture(scope="session")
def jar() -> Path:
    """The sidecar's jar, which `make build` makes."""
    assert JAR.is_file(), f"{JAR} is missing: run `make build` first"
    return JAR


@pytest.fixture(scope="session")
def go() -> str:
    """The Go command of this machine; without one, the test is skipped."""
    try:
        return find_go()
    except NoTools as error:
        pytest.skip(str(error))


@pytest.fixture
def pillion(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line, run in this process."""
    monkeypatch.setenv("PILLION_SIDECAR_JAR", str(JAR))
    return Command(monkeypatch, capsys)
