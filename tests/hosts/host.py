"""The hosts under test: programs with the shim's routes, each told by the environment what it needs.

A host prints `LISTENING host http://HOST:PORT` once it serves, and ends with its standard input. It reads
`PILLION_STORE_URL`, `PILLION_SIDECAR_ADDRESS`, `PILLION_SIDECAR_MODELS`, `PILLION_CONFIG`, `PILLION_SHIM_PORT`, and the
`PILLION_RECOMMEND_…`, `PILLION_STORE_…` and `PILLION_SIDECAR_…` limits that the shim reads.
"""

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pillion import __version__
from pillion.scoring.java import find_java
from tools.checkout import ROOT
from tools.go import find_go

_BUILD_S = 600


@dataclass(frozen=True)
class Host:
    """A host.

    Attributes:
        name: What it is called in messages.
        command: Builds it where that is needed; returns its command, or raises `NoTools`.
        known: Cases that it fails, by name, each with a reason.
        listener: What its line says after `LISTENING`.
        unfit: Worlds that it does not run in, by name, each with a reason.
        problem: What a line of its log has that tells of a problem, where the log is no JSON.
    """

    name: str
    command: Callable[[], list[str]]
    known: Mapping[str, str] = field(default_factory=dict)
    listener: str = "host"
    unfit: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


def _shim() -> list[str]:
    return [sys.executable, "-c", "from pillion.cli import main; main()", "serve", "--exit-with-stdin"]


PATIENT = {
    "PILLION_STORE_ATTEMPT_TIMEOUT_MS": "9000",
    "PILLION_STORE_SLOW_MS": "8000",
    "PILLION_SIDECAR_ATTEMPT_TIMEOUT_MS": "9000",
    "PILLION_SIDECAR_SLOW_MS": "8000",
    "PILLION_RECOMMEND_DEADLINE_MS": "20000",
    "PILLION_RECOMMEND_ADMISSION_LAG_MS": "20000",
    "PILLION_RECOMMEND_REFRESH_S": "0.2",
    "PILLION_SHIM_WORKERS": "1",
    "PILLION_SHIM_PORT": "0",
}
"""Settings under which a busy machine answers as an idle one does."""


def _make(target: str) -> None:
    done = subprocess.run(
        ["make", "-C", str(ROOT), target], capture_output=True, text=True, timeout=_BUILD_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _go() -> list[str]:
    find_go()  # raises where there is none
    _make("go-host")
    return [str(ROOT / "build/hosts/go-host")]


def java_host(kind: str) -> list[str]:
    """Builds the example host of `hosts/java`, and returns its command.

    Args:
        kind: Where the engine runs: `embedded`, or `client` for a sidecar.
    """
    _make("java-host")
    target = ROOT / "hosts/java/example-host/target"
    path = f"{target}/pillion-example-host-{__version__}.jar:{target}/lib/*"
    return [str(find_java(None)), "-Xmx256m", "-cp", path, "org.pillion.example.ExampleHost", kind, "--exit-with-stdin"]


_UNEXPECTED = "a request failed unexpectedly"
HOSTS = (
    Host("shim", _shim, listener="shim"),
    Host("go", _go),
    Host("java client", lambda: java_host("client"), problem=_UNEXPECTED),
    Host(
        "java embedded",
        lambda: java_host("embedded"),
        problem=_UNEXPECTED,
        unfit={"sidecar-down": "it asks no sidecar"},
    ),
)
"""The first one is the one whose answers are recorded."""
