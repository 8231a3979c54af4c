"""The shim as a child process: `pillion serve`, started, waited for and stopped."""

import os
import sys
from collections.abc import Mapping
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
        # By the environment, since anybody on the machine can read a command line, and a URL may hold a password.
        settings = {
            "PILLION_STORE_URL": store,
            "PILLION_SIDECAR_ADDRESS": sidecar,
            "PILLION_SIDECAR_MODELS": str(models),
        }
        super().__init__("shim", command, "shim", _START_S, _STOP_S, {**os.environ, **settings, **(environment or {})})
