"""Unit tests start no process and load no JVM, Spark or store: whatever tries fails here."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

_FORBIDDEN = {"jpype", "py4j", "pyspark"}
# Where other tests run in the same process, theirs are loaded already.
_LOADED = _FORBIDDEN & sys.modules.keys()


@pytest.fixture(autouse=True)
def nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuses processes, and fails a test that has loaded what a unit test must not need."""

    def refuse(command: object, *_: object, **__: object) -> None:
        raise AssertionError(f"a unit test starts no process, but this one wants {command}")

    monkeypatch.setattr(subprocess.Popen, "__init__", refuse)
    yield
    assert _FORBIDDEN & sys.modules.keys() == _LOADED
