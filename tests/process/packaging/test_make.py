"""`make` says what is missing in one sentence."""

import os
import subprocess
from pathlib import Path

import pytest


def make(root: Path, target: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        ["make", "-s", "-B", target],
        check=False,
        cwd=root,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stderr


def test_no_jdk_is_one_sentence(root: Path, tmp_path: Path) -> None:
    code, said = make(root, "jvm-sidecar/server/target/pillion-sidecar.jar", JAVA_HOME=str(tmp_path))

    assert code == 2
    assert said.startswith("a JDK 17 or later is needed: install one")


@pytest.mark.parametrize(("version", "told"), [("1.8.0_402", "8"), ("11.0.2", "11")])
def test_a_jdk_that_is_too_old_is_named(root: Path, tmp_path: Path, version: str, told: str) -> None:
    compiler = tmp_path / "bin" / "javac"
    compiler.parent.mkdir()
    compiler.write_text(f"#!/bin/sh\necho javac {version}\n")
    compiler.chmod(0o755)
    code, said = make(root, "jvm-sidecar/server/target/pillion-sidecar.jar", JAVA_HOME=str(tmp_path))

    assert code == 2
    assert f"is of JDK {told}" in said


def test_help_lists_the_two_commands(root: Path) -> None:
    done = subprocess.run(["make", "-s", "help"], check=True, cwd=root, capture_output=True, text=True, timeout=60)

    assert "make demo" in done.stdout
    assert "make test" in done.stdout
