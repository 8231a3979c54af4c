"""The shim, or a host in another language, as a child process: started, waited for and stopped."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pillion.process import ListeningProcess

_START_S = 60.0
_STOP_S = 10.0
_MAIN = "from pillion.cli import main; main()"


class ShimProcess(ListeningProcess):
    """A shim of one's own; `start` returns its address, `http://HOST:PORT`.

    Args:
        sidecar: Address of the sidecar, `http://HOST:PORT` or `unix:/PATH`.
        store: URL of the store.
        models: The model repository.
        port: The port; 0 for any that is free.
        environment: Settings beside those, `PILLION_…`.
    """

    def __init__(
        self, sidecar: str, store: str, models: Path, port: int = 0, environment: Mapping[str, str] | None = None
    ) -> None:
        command = [sys.executable, "-c", _MAIN, "serve", "--exit-with-stdin", "--port", str(port)]
        super().__init__("shim", command, "shim", _START_S, _STOP_S, _environment(sidecar, store, models, environment))


class HostProcess(ListeningProcess):
    """A host in another language, with the shim's routes; `start` returns its address, `http://HOST:PORT`.

    Args:
        command: Program and arguments.
        sidecar: Address of the sidecar, `http://HOST:PORT` or `unix:/PATH`.
        store: URL of the store.
        models: The model repository.
        environment: Settings beside those, `PILLION_…`.
    """

    def __init__(
        self,
        command: Sequence[str],
        sidecar: str,
        store: str,
        models: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        told = {"PILLION_SHIM_PORT": "0", **(environment or {})}
        super().__init__("host", command, "host", _START_S, _STOP_S, _environment(sidecar, store, models, told))


def _environment(sidecar: str, store: str, models: Path, more: Mapping[str, str] | None) -> dict[str, str]:
    """By the environment, since anybody on the machine can read a command line, and a URL may hold a password."""
    settings = {
        "PILLION_STORE_URL": store,
        "PILLION_SIDECAR_ADDRESS": sidecar,
        "PILLION_SIDECAR_MODELS": str(models),
    }
    return {**os.environ, **settings, **(more or {})}
