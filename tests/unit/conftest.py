"""Unit tests start no process and load no JVM, Spark or store: whatever tries fails here."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_FORBIDDEN = {"jpype", "py4j", "pyspark"}


@pytest.fixture(scope="session")
def alone(request: pytest.FixtureRequest) -> bool:
    """Whether unit tests are all that runs; others load in this process what they need."""
    return all(Path(__file__).parent in item.path.parents for item in request.session.items)


@pytest.fixture(autouse=True)
def nothing_is_started(alone: bool, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuses processes, and fails a test that has loaded what a unit test must not need."""

    def refuse(command: object, *_: object, **__: object) -> None:
        raise AssertionError(f"a unit test starts no process, but this one wants {command}")

    monkeypatch.setattr(subprocess.Popen, "__init__", refuse)
    before = set() if alone else _FORBIDDEN & sys.modules.keys()
    yield
    assert _FORBIDDEN & sys.modules.keys() == before
