"""Commands that start Spark: what they look for before, and how its master, memory and cores are set."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from pillion.config import SparkSettings
from pillion.export import session
from tests.support.command import Command

_COMMANDS: Sequence[Sequence[str]] = (
    ("export", "--pipeline", "p", "--schema", "s.json", "--data", "rows.csv", "--output", "out"),
    ("publish", "--pipeline", "p", "--schema", "s.json", "--data", "rows.csv", "--models", "models"),
    ("parity", "--pipeline", "p", "--schema", "s.json", "--data", "rows.csv"),
)


_CHECK: Sequence[str] = ("check", "--pipeline", "p")


class _StartedError(Exception):
    """Spark would be started."""


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[SparkSettings]:
    """The settings of each session that would be started, in a folder with the commands' files."""
    found: list[SparkSettings] = []

    def start(settings: SparkSettings, **_: str) -> None:
        found.append(settings)
        raise _StartedError

    monkeypatch.setattr(session, "create_session", start)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p").mkdir()
    for name in ("s.json", "rows.csv"):
        (tmp_path / name).write_text("")
    for name in ("MASTER", "MEMORY", "CORES"):
        monkeypatch.delenv(f"PILLION_SPARK_{name}", raising=False)
    return found


def _ids(command: Sequence[str]) -> str:
    return command[0]


@pytest.mark.parametrize("command", _COMMANDS, ids=_ids)
def test_a_missing_jar_and_a_missing_java_are_told_before_spark_starts(
    pillion: Command, started: list[SparkSettings], monkeypatch: pytest.MonkeyPatch, command: Sequence[str]
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("PILLION_SIDECAR_JAR", "nowhere.jar")
        lacking_jar = pillion(*command)
    monkeypatch.setenv("JAVA_HOME", "nowhere")
    lacking_java = pillion(*command)

    assert (lacking_jar.code, lacking_java.code, started) == (2, 2, [])
    assert "nowhere.jar: no such file" in lacking_jar.err
    assert "JAVA_HOME says that Java is nowhere/bin/java, but there is no such program" in " ".join(
        lacking_java.err.split()
    )


@pytest.mark.parametrize("command", [_CHECK, *_COMMANDS], ids=_ids)
def test_master_memory_and_cores_are_options_before_the_environment(
    pillion: Command, started: list[SparkSettings], monkeypatch: pytest.MonkeyPatch, command: Sequence[str]
) -> None:
    monkeypatch.setenv("PILLION_SPARK_MEMORY", "5g")
    monkeypatch.setenv("PILLION_SPARK_CORES", "7")
    for more in ((), ("--master", "spark://there:7077", "--memory", "3g"), ("--cores", "1")):
        with pytest.raises(_StartedError):
            pillion(*command, *more)

    assert [(each.master, each.memory, each.cores) for each in started] == [
        (None, "5g", "7"), ("spark://there:7077", "3g", "7"), (None, "5g", "1"),
    ]  # fmt: skip
