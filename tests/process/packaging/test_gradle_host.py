"""The script plugin for Gradle, and the example host that it builds."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from pillion.process import ListeningProcess
from pillion.scoring.java import find_java

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(
        shutil.which("gradle") is None,
        reason="there is no Gradle on this machine (apt-get install gradle): what is in gradle/ was not built",
    ),
]
_TIMEOUT_S = 600


def gradle(root: Path, project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs Gradle in a project, without a process that stays."""
    home = root / "build/gradle"
    return subprocess.run(
        ["gradle", "--no-daemon", "--console=plain", "-g", str(home), "-p", str(project), *arguments],
        env={**os.environ, "GRADLE_OPTS": "-Dorg.gradle.daemon=false"},
        capture_output=True, text=True, timeout=_TIMEOUT_S, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def project(root: Path, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example host outside the repository."""
    folder = tmp_path_factory.mktemp("gradle")
    shutil.copy(root / "gradle/pillion.gradle", folder)
    shutil.copytree(
        root / "gradle/example-host", folder / "example-host", ignore=shutil.ignore_patterns("build", ".gradle")
    )
    build = folder / "example-host/build.gradle"
    text = build.read_text().replace("'../../build/maven'", f"'{repository}'")
    build.write_text(text.replace("'../../pmml-models'", f"'{root / 'pmml-models'}'"))
    return folder / "example-host"


def test_the_example_host_is_checked_built_and_answers_with_sparks_bits(root: Path, project: Path) -> None:
    done = gradle(root, project, "check", "installDist")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"version 1 of 'titles30': \d+ rows verified by the engine 'compiled'", done.stdout)
    row = json.loads((root / "pmml-models/titles30/1/verification.jsonl").read_text().splitlines()[0])
    expected = {name: value for name, value in row["expected"].items() if name.startswith("probability(")}
    visit = {name: str(value) for name, value in row["input"].items() if value is not None}

    libraries = project / "build/install/example-host/lib/*"
    command = [str(find_java(None)), "-cp", str(libraries), "org.example.host.Host"]
    host = ListeningProcess("example-host", command, "example-host", 120.0)
    with host, httpx.Client(base_url=host.address_of("example-host"), timeout=60, trust_env=False) as client:
        answer = client.get("/films", params=visit)
        refused = client.get("/films", params={"colour": "red"})

    assert answer.status_code == 200, answer.text
    films = answer.json()["films"]
    assert [film["score"] for film in films] == sorted(expected.values(), reverse=True)
    assert len(films) == 30
    assert refused.status_code == 400
    assert refused.json() == {"error": "the field 'colour' is not an input of the model"}


def test_an_agpl_artifact_and_an_altered_model_fail_the_build(root: Path, project: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "pmml-models/titles30", tmp_path / "models/titles30")
    verification = tmp_path / "models/titles30/1/verification.jsonl"
    verification.write_text(verification.read_text() + "\n")
    altered = tmp_path / "example-host"
    shutil.copytree(project, altered, ignore=shutil.ignore_patterns("build", ".gradle"))
    shutil.copy(root / "gradle/pillion.gradle", tmp_path)
    build = altered / "build.gradle"
    text = build.read_text().replace(f"'{root / 'pmml-models'}'", f"'{tmp_path / 'models'}'")
    build.write_text(text + "\ndependencies { implementation 'org.pillion:scoring-jpmml:0.1.0' }\n")

    done = gradle(root, altered, "--continue", "checkPillionLicences", "verifyPillionModels")

    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "org.pillion:scoring-jpmml:0.1.0: known to be under the AGPL" in said
    assert "org.jpmml:pmml-evaluator" in said
    assert "verification.jsonl does not have the SHA-256 that the manifest lists" in said
