import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pillion.config import SidecarSettings
from pillion.errors import ConfigurationError
from pillion.scoring.java import find_java, java_version
from pillion.scoring.sidecar_process import SidecarProcess, sidecar_command
from pillion.scoring.startup_archive import StartupArchive
from tests.support.fake_java import fake_java
from tests.support.models import write_ranker
from tools.checkout import JAR


@pytest.fixture
def jar(tmp_path: Path) -> Path:
    path = tmp_path / "app" / "pillion-sidecar.jar"
    path.parent.mkdir()
    shutil.copy2(JAR, path)
    return path


def test_another_jar_or_another_java_has_no_archive(tmp_path: Path, jar: Path) -> None:
    java = fake_java(tmp_path / "a" / "bin", 'openjdk version "17"')
    other = fake_java(tmp_path / "b" / "bin", 'openjdk version "17"')
    environment = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    archive = StartupArchive(java, jar, environment)
    path = jar.parent / f"{archive._stem}.jsa"
    path.touch()

    assert archive.options()[0] == f"-XX:SharedArchiveFile={path}"
    assert StartupArchive(other, jar, environment).options() == []
    os.utime(jar, (1, 1))
    assert StartupArchive(java, jar, environment).options() == []


def test_the_cache_folder_is_used_where_the_jar_is_read_only(tmp_path: Path, jar: Path) -> None:
    java = fake_java(tmp_path / "a" / "bin", 'openjdk version "25"')
    archive = StartupArchive(java, jar, {"XDG_CACHE_HOME": str(tmp_path)})
    path = tmp_path / "pillion" / f"{archive._stem}.aot"
    path.parent.mkdir()
    path.touch()

    assert archive.options()[0] == f"-XX:AOTCache={path}"


@pytest.mark.process
def test_the_archive_is_what_a_start_reads_its_classes_from(tmp_path: Path, jar: Path) -> None:
    write_ranker(tmp_path / "models")
    archive = StartupArchive(find_java(), jar, {"XDG_CACHE_HOME": str(tmp_path)})

    path = archive.make(tmp_path / "models")

    assert archive.find() == path
    assert [entry.name for entry in jar.parent.iterdir() if entry.name.startswith(".")] == []
    loaded = tmp_path / "loaded.txt"
    settings = SidecarSettings(
        jar=jar,
        models=tmp_path / "models",
        jvm_options=("-XX:+UnlockDiagnosticVMOptions", f"-Xlog:class+load:file={loaded}"),
    )
    with SidecarProcess(settings) as process:
        assert process.running
    ours = [line for line in loaded.read_text().splitlines() if " org.pillion.server." in line]
    assert sum("shared objects file" in line for line in ours) > len(ours) / 2


@pytest.mark.process
def test_an_archive_that_is_no_archive_does_no_harm(tmp_path: Path, jar: Path) -> None:
    write_ranker(tmp_path / "models")
    java = find_java()
    suffix = "aot" if java_version(java) >= 25 else "jsa"
    (jar.parent / f"{StartupArchive(java, jar)._stem}.{suffix}").write_text("no archive\n" * 100)
    settings = SidecarSettings(jar=jar, models=tmp_path / "models")

    run = subprocess.run(
        [*sidecar_command(settings, ["--check"])], capture_output=True, text=True, timeout=120, check=False
    )

    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("ranker/1 READY ")
    assert run.stdout.count("\n") == 1


def test_an_archive_that_cannot_be_made_is_one_sentence(tmp_path: Path, jar: Path) -> None:
    java = fake_java(tmp_path / "a" / "bin", 'openjdk version "17"', 3)
    java.write_text('#!/bin/sh\n[ "$1" = -version ] || exit 3\necho \'openjdk version "17"\' >&2\n')

    with pytest.raises(ConfigurationError, match="no archive was made: Java gave no reason"):
        StartupArchive(java, jar).make(tmp_path)
