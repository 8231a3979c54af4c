from pathlib import Path

import pytest

from .command import Command

JAR = Path(__file__).parents[3] / "jvm-sidecar/server/target/pillion-sidecar.jar"


@pytest.fixture
def pillion(monkeypatch, capsys):
    monkeypatch.setenv("PILLION_SIDECAR_JAR", str(JAR))
    return Command(monkeypatch, capsys)
