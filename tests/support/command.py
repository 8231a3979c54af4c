"""Runs a command line in this process, as the console script would."""

import logging
import sys
from dataclasses import dataclass

import pytest
from typer.testing import CliRunner, Result

from pillion.cli import main
from pillion.cli.app import app


def invoke(*arguments: str) -> Result:
    """Runs a command; the log's handlers stay as they are, since the command's write to what is closed afterwards."""
    handlers = logging.root.handlers[:]
    try:
        return CliRunner().invoke(app, list(arguments))
    finally:
        logging.root.handlers[:] = handlers


@dataclass
class Ran:
    code: int
    out: str
    err: str


class Command:
    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Ran:
        self._monkeypatch.setattr(sys, "argv", ["pillion", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = self._capsys.readouterr()
        return Ran(int(ended.value.code or 0), shown.out, shown.err)
