"""The Go command of this machine, and the module of `hosts/go`."""

import shutil
from pathlib import Path

from tools.checkout import ROOT

MODULE = ROOT / "hosts/go"
PATH = "pillion.example/pillion"


class NoTools(Exception):
    """What something is built with is not on this machine; says what."""


def find_go() -> str:
    """Returns the Go command; raises NoTools where there is none."""
    for found in (shutil.which("go"), "/usr/local/go/bin/go"):
        if found and Path(found).is_file():
            return found
    raise NoTools("there is no Go on this machine: the tests of hosts/go were not run")
